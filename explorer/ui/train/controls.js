// The buttons and sliders: real elements, so that keys and screen readers work them.

// A slider's place and the value that it stands for, on a logarithmic scale.
const SCALES = {
  // 0, then a twentieth of a power of ten a place: .001 to 100.
  modularity_coefficient: {
    value: (place) => (place === 0 ? 0 : rounded(10 ** (-3 + (place - 1) / 20))),
    place: (value) => (value <= 0 ? 0 : 1 + clamp(Math.round(20 * (Math.log10(value) + 3)), 0, 100)),
  },
  learning_rate: {
    value: (place) => rounded(10 ** (-5 + place / 20)),
    place: (value) => clamp(Math.round(20 * (Math.log10(value) + 5)), 0, 100),
  },
};
const SETTING_NAMES = {
  modularity_coefficient: "λ",
  learning_rate: "rate",
  l1_coefficient: "L1",
};
const EVERY = 80; // milliseconds between two values of a slider that is being dragged
const KNOWN_TIMES = 100;

function rounded(value) {
  return Number(value.toPrecision(2));
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

class Controls {
  // `send(message)` returns whether it was sent.
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.asked = new Map(); // setting -> {value, at}: sent, and not yet seen in a frame
    this.times = [];
    this.sliders = [...root.querySelectorAll("input[data-setting]")];
    this.listening = new AbortController();
    const { signal } = this.listening;
    for (const slider of this.sliders) {
      slider.addEventListener("input", () => this.moved(slider), { signal });
    }
    root.querySelector(".buttons").addEventListener("click", (event) => {
      const what = event.target.closest("button")?.dataset.do;
      if (what) this.press(what);
    }, { signal });
    this.going = root.querySelector(".going");
    this.going.addEventListener("change", (event) => {
      this.send({ do: "go_on", value: event.target.checked });
    }, { signal });
  }

  dispose() {
    this.listening.abort();
    for (const slider of this.sliders) clearTimeout(slider.waiting);
  }

  press(what) {
    const paused = this.status === "paused";
    this.send({ do: what === "pause" && paused ? "resume" : what });
  }

  moved(slider) {
    const setting = slider.dataset.setting;
    const value = SCALES[setting].value(Number(slider.value));
    this.write(slider, value);
    const ask = () => {
      const now = performance.now();
      slider.sentAt = now;
      slider.waiting = null;
      const wanted = SCALES[setting].value(Number(slider.value));
      if (this.send({ do: "change", name: setting, value: wanted })) this.asked.set(setting, { value: wanted, at: now });
    };
    const since = performance.now() - (slider.sentAt ?? -Infinity);
    if (since >= EVERY) ask();
    else slider.waiting ??= setTimeout(ask, EVERY - since);
  }

  write(slider, value) {
    const text = shortNumber(value);
    slider.closest("label").querySelector("output").textContent = text;
    slider.setAttribute("aria-valuetext", value === 0 ? "0, off" : text);
  }

  // Take over what a frame says, but never from under the fingers of somebody who drags.
  follow(frame, settings) {
    for (const slider of this.sliders) {
      const setting = slider.dataset.setting;
      const value = settings[setting] ?? frame[setting];
      const asked = this.asked.get(setting);
      if (slider.waiting || (asked && performance.now() - asked.at < 2000) || !Number.isFinite(value)) continue;
      this.asked.delete(setting);
      const place = String(SCALES[setting].place(value));
      if (slider.value !== place) slider.value = place;
      this.write(slider, value);
    }
  }

  // A frame was drawn: did somebody wait for it?
  drawn(settings) {
    for (const [setting, { value, at }] of this.asked) {
      const now = settings[setting];
      if (!(Math.abs(now - value) <= 1e-6 * Math.max(value, 1e-12))) continue;
      this.asked.delete(setting);
      if (setting !== "modularity_coefficient") continue;
      this.times.push(Math.round(performance.now() - at));
      this.times.splice(0, this.times.length - KNOWN_TIMES);
      this.root.dataset.latency = String(this.times.at(-1));
      this.root.dataset.latencies = this.times.join(" ");
    }
  }

  allow(status, mine) {
    this.status = status;
    const alive = mine && ["starting", "running", "paused"].includes(status);
    const [pause, step, stop] = ["pause", "step", "stop"].map((what) => this.root.querySelector(`[data-do="${what}"]`));
    pause.textContent = status === "paused" ? "Resume" : "Pause";
    pause.disabled = !alive || status === "starting";
    step.disabled = !alive || status !== "paused";
    stop.disabled = !alive;
    for (const slider of this.sliders) slider.disabled = !alive;
    this.going.hidden = !alive;
  }
}
