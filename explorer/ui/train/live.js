// Shows a run while it trains, and steers it. One component, mounted once: its data never changes
// while the run is in view, everything that moves comes over a WebSocket.
//
// The element `.live` tells tests what happened:
//   data-state      "connecting", "open", "silent", "lost", "gone" (the server will not show it)
//   data-status     the run's: "starting", "running", "paused", "finished", "stopped", "failed"
//   data-step       of the frame on the screen;  data-drawn  distinct frames drawn
//   data-latency    milliseconds from the last move of lambda to the first frame drawn with it;
//   data-latencies  the last hundred of them
//   data-mounts     how often this component was built;  data-marks  changes on the curves
//   data-longest    the longest gap between two drawn frames, in milliseconds

const views = new WeakMap();
const SUMMARY_EVERY = 10_000; // milliseconds: a screen reader must be able to keep up
const STATUS_EVERY = 250;
const ENDED = ["finished", "stopped", "failed"];

export default function live({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".live");
  let view = views.get(root);
  // Somebody who took a run over has a token that its view does not know yet.
  if (view && (view.run !== data.run || (data.owner && data.owner !== view.owner))) {
    view.dispose();
    view = null;
  }
  if (!view) {
    view = new LiveView(root, data);
    views.set(root, view);
  }
  view.tell = (what) => setTriggerValue("ended", what);
  view.repaint();
  return () => {
    view.dispose();
    views.delete(root);
  };
}

class LiveView {
  constructor(root, data) {
    Object.assign(this, { root, data, run: data.run, drawn: 0, marks: [], settings: {}, about: {} });
    this.history = new History();
    this.owner = keptToken(data.run, data.owner);
    this.aside = new AbortController();
    root.dataset.mounts = String(Number(root.dataset.mounts) + 1);
    for (const name of ["data", "neurons", "modules", "curves"]) {
      this[`${name}Sheet`] = new Sheet(root.querySelector(`figure.${name} > canvas`));
    }
    this.controls = new Controls(root, (message) => this.connection.send(message));
    this.summary = new Summary(root.querySelector(".summary"));
    this.resizing = new ResizeObserver(() => this.repaint());
    this.resizing.observe(root);
    const neurons = this.neuronsSheet.canvas;
    neurons.addEventListener("mousemove", (event) => {
      neurons.title = this.neurons?.at(event.offsetX, event.offsetY) ?? "";
    }, { signal: this.aside.signal });
    this.connection = new Connection(data.socket, data.run, this.owner, data.wire, {
      frame: (frame) => this.frame(frame),
      pictures: (pictures) => { this.pictures = pictures; this.repaint(); },
      event: (event) => this.event(event),
      state: (state, tries) => this.linked(state, tries),
    });
  }

  frame(frame) {
    if (this.away) { // it was let in after all
      this.away = "";
      this.complain("");
    }
    if (this.last && frame.sequence === this.last.sequence && frame.step === this.last.step && frame.status === this.last.status) return;
    // Somebody has just started it: what moves should be in sight.
    if (!this.last && frame.status === "starting" && this.data.owner) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.root.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
    }
    this.last = frame;
    // The rate in a frame is that of the schedule; what was set is known from the changes.
    this.settings.modularity_coefficient = frame.modularity_coefficient;
    this.history.add(frame);
    if (frame.status !== this.status) this.statusIs(frame.status);
    this.fresh = true;
    this.repaint();
  }

  statusIs(status) {
    if (status === "running" && this.status === "paused") this.complain(""); // it went on
    this.status = status;
    this.root.dataset.status = status;
    this.controls.allow(status, this.mine);
    this.summary.hurry();
  }

  event(event) {
    switch (event.event) {
      case "about": return this.introduce(event);
      case "history": return this.recall(event);
      case "changed": return this.mark(event);
      case "diverged": return this.complain(event.message);
      case "refused": return this.refused(event);
      case "unsaved": // the run goes on
        this.unsaved = true;
        return this.complain(event.message);
      case "saved":
        if (this.unsaved) this.complain("");
        this.unsaved = false;
        return undefined;
      case "turned_away":
        this.away = event.message;
        return this.complain(event.message);
      case "failed": return this.ended("failed", event);
      case "finished":
      case "stopped": return this.ended(event.event, event);
      default: return undefined; // what a newer server may say
    }
  }

  introduce(about) {
    this.about = about;
    this.mine = Boolean(about.owner);
    this.root.querySelector(".going input").checked = Boolean(about.go_on);
    this.settings.learning_rate ??= about.config?.learning_rate;
    this.plane = about.points ? new PlanePicture(about) : null;
    this.images = about.examples ? new ImagesPicture(about) : null;
    this.neurons = new NeuronsPicture(about);
    this.controls.allow(this.status ?? "starting", this.mine);
    const isText = !this.plane && !this.images && !about.heads?.length;
    this.root.querySelector(".text").hidden = !isText;
    // Without points, images or text (tasks of bits) there is nothing to draw here.
    this.root.querySelector("figure.data").hidden = !this.plane && !this.images && !isText;
    this.root.querySelector(".panels").classList.toggle("without-data", !this.plane && !this.images && !isText);
    this.root.querySelector("figure.data > canvas").hidden = isText;
    this.root.querySelector("figure.data figcaption").textContent = this.plane
      ? "What it decides where" : isText ? "What it writes" : "What it takes them for";
    drawLegend(this.root.querySelector("figure.data .legend"), this.plane && about.heads?.[0]);
    this.repaint();
  }

  recall({ columns, rows, changes }) {
    this.history = new History();
    for (const row of rows ?? []) {
      this.history.add(Object.fromEntries(columns.map((name, at) => [name, row[at] ?? Number.NaN])));
    }
    this.marks = [];
    for (const change of changes ?? []) this.mark(change);
    this.repaint();
  }

  mark({ step, name, value }) {
    this.settings[name] = value;
    this.marks.push({ step, label: `${SETTING_NAMES[name] ?? name} ${shortNumber(value)}` });
    this.root.dataset.marks = String(this.marks.length);
    this.repaint();
  }

  ended(status, event) {
    this.over = true;
    this.statusIs(status);
    if (event.message) this.complain(event.message, status !== "failed");
    this.repaint();
    this.tell({ run: this.run, status, network: event.network ?? null });
  }

  refused({ message }) {
    this.complain(message);
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => this.complain(""), 8000);
  }

  complain(message, harmless = false) {
    const problem = this.root.querySelector(".problem");
    problem.classList.toggle("harmless", harmless);
    problem.hidden = !message;
    problem.textContent = message ? sentence(message) : "";
  }

  linked(state, tries) {
    const was = this.root.dataset.state;
    this.root.dataset.state = this.over && state !== "gone" ? "open" : state;
    if (state === "open" && was !== "open" && was !== "connecting") this.complain("");
    if (state === "gone") {
      clearTimeout(this.hiding); // why, was said before the end
      this.controls.allow("failed", false);
    }
    if (this.over || this.away) return;
    if (state === "silent") this.complain("The trainer has not been heard for some seconds: the picture below is out of date");
    if (state === "lost") this.complain(`The connection to the run was lost; trying again (${tries}). The picture below is out of date`);
    if (state === "connecting" && tries > 2) this.complain(this.data.unreachable);
  }

  repaint() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      if (!this.disposed) this.paint();
    });
  }

  paint() {
    const { last, pictures } = this;
    const theme = readTheme(this.root);
    const { colors } = this.data;
    const marked = Math.max(this.marks.at(-1)?.step ?? 0, 1);
    const steps = last?.steps || this.about.config?.steps || marked;
    this.neuronsSheet.draw((context, width, height) => this.neurons?.draw(context, width, height, pictures, colors, theme));
    this.dataSheet.draw((context, width, height) => {
      this.plane?.draw(context, width, height, last?.grid, last?.side);
      this.images?.draw(context, width, height, pictures?.guesses, theme);
    });
    const text = this.root.querySelector("pre.text");
    if (!text.hidden && pictures?.text && text.textContent !== pictures.text) text.textContent = pictures.text;
    const modules = last && modulesOf(last, this.data.wire.modules);
    this.modulesSheet.draw((context, width, height) => drawModules(context, width, height, modules, colors, theme, this.without()));
    const curves = this.curvesSheet.canvas;
    curves.style.height = `${curvesHeight(curves.clientWidth)}px`;
    this.curvesSheet.draw((context, width, height) => drawCurves(context, width, height, this.history, this.marks, steps, theme));
    if (last) this.shown(last, modules);
  }

  shown(frame, modules) {
    const now = performance.now();
    if (this.fresh) {
      this.fresh = false;
      this.drawn += 1;
      this.root.dataset.drawn = String(this.drawn);
      this.root.dataset.step = String(frame.step);
      if (this.drawnAt && frame.status === "running") {
        this.root.dataset.longest = String(Math.max(Number(this.root.dataset.longest ?? 0), Math.round(now - this.drawnAt)));
      }
      this.drawnAt = now;
    }
    this.controls.drawn(this.settings);
    this.controls.follow(frame, this.settings);
    if (now - (this.saidAt ?? -Infinity) >= STATUS_EVERY || frame.status !== this.saidStatus) {
      this.saidAt = now;
      this.saidStatus = frame.status;
      this.root.querySelector(".said").textContent = statusLine(frame, this.mine, this.over);
    }
    this.root.querySelector("figure.neurons .legend").textContent = neuronsLegend(this.pictures);
    this.summary.tell(frame, modules, this.marks, this.without());
  }

  // What is said in the place of modules while there are none.
  without() {
    return this.about.searches === false ? "Too large to look for modules without a penalty" : "No modules found yet";
  }

  dispose() {
    this.disposed = true;
    this.aside.abort();
    clearTimeout(this.hiding);
    this.resizing.disconnect();
    this.connection.close();
    this.controls.dispose();
  }
}
