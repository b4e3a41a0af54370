// Curves over the steps, a small frame each, with marks where a setting was changed.

const CURVES = [
  { name: "task_loss", title: "Task loss (nats)", low: 0 },
  { name: "accuracy", title: "Accuracy, validation", low: 0, high: 1, percent: true },
  { name: "layered_modularity", title: "Modularity Q_B", low: 0 },
  { name: "interface_count", title: "Weights in interfaces", low: 0, whole: true },
  { name: "trivial_share", title: "Trivial cuts", low: 0, high: 1, percent: true },
];
const MOST_POINTS = 800; // of a curve; then every second one goes

// What the curves are drawn from; keeps its size bounded however long a run is.
class History {
  constructor() {
    this.points = []; // frames, of which the names in CURVES are read
    this.every = 1;
    this.seen = 0;
  }

  add(point) {
    const last = this.points.at(-1);
    if (last && point.step <= last.step) {
      if (point.step === last.step) {
        this.points[this.points.length - 1] = point;
        return;
      }
      this.points = this.points.filter((old) => old.step < point.step); // set back
    }
    this.seen += 1;
    if (this.seen % this.every && last && this.points.length > 1) {
      this.points[this.points.length - 1] = point;
      return;
    }
    this.points.push(point);
    if (this.points.length > MOST_POINTS) {
      this.points = this.points.filter((_, index) => index % 2 === 0);
      this.every *= 2;
    }
  }
}

function curveLayout(width) {
  return width >= 760 ? 5 : width >= 520 ? 3 : 2;
}

function curvesHeight(width) {
  return 132 * Math.ceil(CURVES.length / curveLayout(width));
}

function drawCurves(context, width, height, history, marks, steps, theme) {
  const columns = curveLayout(width);
  const [wide, high] = [width / columns, 132];
  CURVES.forEach((curve, index) => {
    const left = (index % columns) * wide;
    const top = Math.floor(index / columns) * high;
    drawCurve(context, left, top, wide, high, curve, history, marks, steps, theme);
  });
}

function drawCurve(context, left, top, wide, high, curve, history, marks, steps, theme) {
  const frame = { x: left + 34, y: top + 36, width: wide - 46, height: high - 54 };
  const points = history.points.filter((point) => Number.isFinite(point[curve.name]));
  const values = points.map((point) => point[curve.name]);
  const high_ = curve.high ?? Math.max(nice(Math.max(...values, 0)), 1e-9);
  const low = curve.low;
  const last = Math.max(steps || 1, points.at(-1)?.step ?? 1);
  const x = (step) => frame.x + (frame.width * step) / last;
  const y = (value) => frame.y + frame.height * (1 - (value - low) / (high_ - low));
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.font = `12px ${theme.font}`;
  context.fillStyle = theme.text;
  context.fillText(curve.title, left + 6, top + 14);
  context.font = `600 13px ${theme.font}`;
  const now = values.at(-1);
  const shown = now === undefined ? "–" : curve.percent ? `${(100 * now).toFixed(1)} %` : shortNumber(now);
  context.fillText(shown, left + 6, top + 30);
  context.strokeStyle = theme.border;
  context.lineWidth = 1;
  context.strokeRect(frame.x, frame.y, frame.width, frame.height);
  context.font = `10px ${theme.font}`;
  context.fillStyle = faint(hexOf(theme.text), 0.75);
  context.textAlign = "right";
  const axis = (value) => (curve.percent ? `${Math.round(100 * value)} %` : shortNumber(value));
  context.fillText(axis(high_), frame.x - 3, frame.y + 8);
  context.fillText(axis(low), frame.x - 3, frame.y + frame.height);
  context.fillText(last.toLocaleString("en"), frame.x + frame.width, frame.y + frame.height + 12);
  context.textAlign = "left";
  context.fillText("0", frame.x, frame.y + frame.height + 12);
  context.save();
  context.beginPath();
  context.rect(frame.x, frame.y - 1, frame.width, frame.height + 2);
  context.clip();
  drawMarks(context, marks, x, frame, theme);
  context.beginPath();
  points.forEach((point, index) => {
    const at = [x(point.step), y(Math.min(point[curve.name], high_))];
    if (index) context.lineTo(...at);
    else context.moveTo(...at);
  });
  context.strokeStyle = theme.primary;
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  context.stroke();
  context.restore();
}

// A vertical line where somebody changed a setting, with its new value beside it.
function drawMarks(context, marks, x, frame, theme) {
  context.setLineDash([4, 3]);
  context.strokeStyle = faint(hexOf(theme.text), 0.55);
  context.fillStyle = theme.text;
  context.font = `10px ${theme.font}`;
  context.lineWidth = 1;
  let free = Infinity; // labels that would cover each other are left out; the line stays
  for (const mark of [...marks].reverse()) {
    const at = x(mark.step);
    if (free - at < 2) continue; // a slider that was dragged: its last value counts
    context.beginPath();
    context.moveTo(at, frame.y);
    context.lineTo(at, frame.y + frame.height);
    context.stroke();
    if (at > free - 48) continue;
    const right = at > frame.x + frame.width - 44;
    context.textAlign = right ? "right" : "left";
    context.fillText(mark.label, at + (right ? -3 : 3), frame.y + 10);
    free = at;
  }
  context.setLineDash([]);
}

function nice(value) {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 1.5, 2, 3, 5, 7.5, 10].find((step) => step * power >= value);
}

// Streamlit's theme may give a colour as rgb(...); the helpers here want #rrggbb.
function hexOf(color) {
  if (color.startsWith("#")) return color.length === 4 ? `#${[...color.slice(1)].map((c) => c + c).join("")}` : color;
  const parts = (color.match(/[\d.]+/g) ?? ["0", "0", "0"]).slice(0, 3);
  return `#${parts.map((part) => Math.round(Number(part)).toString(16).padStart(2, "0")).join("")}`;
}
