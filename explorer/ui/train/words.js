// The run in words: the status line, and a summary for those who do not see the pictures.

const STATUS_WORDS = {
  starting: "Starting",
  running: "Running",
  paused: "Paused",
  finished: "Finished",
  stopped: "Stopped",
  failed: "Failed",
};

function statusLine(frame, mine) {
  const parts = [
    STATUS_WORDS[frame.status] ?? frame.status,
    `step ${frame.step.toLocaleString("en")} of ${frame.steps.toLocaleString("en")}`,
  ];
  if (frame.status === "running" && Number.isFinite(frame.steps_per_second)) {
    parts.push(`${Math.round(frame.steps_per_second).toLocaleString("en")} steps a second`);
  }
  // While it is paused, a λ that was moved has not counted in any step yet.
  if (frame.status !== "paused" && frame.modularity_coefficient > 0 && Number.isFinite(frame.strength)) {
    const share = frame.strength / frame.modularity_coefficient;
    if (share < 0.999) parts.push(share > 0 ? `the penalty counts ${Math.round(100 * share)} % of λ so far` : "the penalty has not set in yet");
  }
  if (mine === false && !["finished", "stopped", "failed"].includes(frame.status)) {
    parts.push("you watch; who started it steers it");
  }
  return parts.join(" · ");
}

function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}

class Summary {
  constructor(element) {
    this.element = element;
    this.at = -Infinity;
  }

  // Say the next thing at once: the status has changed.
  hurry() {
    this.at = -Infinity;
  }

  tell(frame, modules, marks, without) {
    const now = performance.now();
    if (now - this.at < SUMMARY_EVERY) return;
    this.at = now;
    const said = [`${STATUS_WORDS[frame.status] ?? frame.status} at step ${frame.step.toLocaleString("en")} of ${frame.steps.toLocaleString("en")}`];
    if (Number.isFinite(frame.task_loss)) said.push(`task loss ${shortNumber(frame.task_loss)} nats`);
    if (Number.isFinite(frame.accuracy)) said.push(`accuracy ${percent(frame.accuracy)}`);
    const sentences = [`${said.join(", ")}.`];
    if (modules?.count > 1 && Number.isFinite(frame.inside)) {
      sentences.push(
        `${modules.count} modules hold ${percent(frame.inside)} of the weight inside them (Q_B ${frame.layered_modularity.toFixed(2)}); `
        + `${frame.interface_count.toLocaleString("en")} weights stand out between them.`,
      );
    } else sentences.push(modules?.count === 1 ? "All of it is one module." : `${without}.`);
    if (Number.isFinite(frame.trivial_share)) {
      sentences.push(`${percent(frame.trivial_share)} of the minimum cuts only part off a single neuron.`);
    }
    const mark = marks.at(-1);
    if (mark) sentences.push(`Last change: ${mark.label} at step ${mark.step.toLocaleString("en")}.`);
    this.element.textContent = sentences.join(" ");
  }
}

function neuronsLegend(pictures) {
  if (!pictures) return "";
  if (pictures.form === "plane") return "Each picture: what the neuron answers over the plane. Blue: negative; orange: positive.";
  if (pictures.form === "weights") return "Each picture: how a neuron of the first hidden layer weighs every pixel. Blue: negative; orange: positive.";
  return "A square is a neuron. Grey: in no module.";
}

function drawLegend(element, head) {
  element.replaceChildren();
  if (!head) return;
  head.classes.slice(0, 12).forEach((name, index) => {
    const item = document.createElement("span");
    item.className = "class";
    const sign = document.createElement("canvas");
    sign.width = 24;
    sign.height = 24;
    const context = sign.getContext("2d");
    pointPath(context, index % 5, 12, 12, 8);
    context.fillStyle = classColor(index, head.classes.length);
    context.fill();
    item.append(sign, name);
    element.append(item);
  });
}

function sentence(text) {
  const trimmed = text.trim();
  const first = trimmed[0].toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
