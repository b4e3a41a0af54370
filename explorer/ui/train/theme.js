// Colours and fonts of the page's theme, and canvases that are sharp on every screen.

function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    text: read("text-color") || "#222222",
    background: read("background-color") || "#ffffff",
    second: read("secondary-background-color") || "#f3f5f7",
    border: read("border-color") || "#cccccc",
    primary: read("primary-color") || "#6741b5",
    font: style.fontFamily || "sans-serif",
  };
}

function rgb(color) {
  const hex = color.replace("#", "");
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) || 0);
}

function faint(color, opacity) {
  const [red, green, blue] = rgb(color);
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}

// From negative through nothing to positive, as everywhere in the explorer: blue, white, vermilion.
const SIGNED_ENDS = [[0, 114, 178], [247, 247, 247], [213, 94, 0]];
const SIGNED = new Uint32Array(256); // ready-made pixels, by byte
for (let byte = 0; byte < 256; byte += 1) {
  const at = (byte - 128) / 127;
  const [, middle] = SIGNED_ENDS;
  const end = SIGNED_ENDS[at < 0 ? 0 : 2];
  const [red, green, blue] = middle.map((from, i) => from + Math.min(1, Math.abs(at)) * (end[i] - from));
  SIGNED[byte] = (255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red);
}

// Classes of the data have colours of their own (P. Tol's "muted"), so that nobody takes a class
// for a module. Two classes are the two ends of SIGNED.
const CLASS_COLORS = [
  "#332288", "#ddcc77", "#117733", "#cc6677", "#88ccee", "#882255", "#44aa99", "#999933",
  "#aa4499", "#dddddd", "#661100", "#6699cc",
];
const TWO_COLORS = ["#0072b2", "#d55e00"];

function classColor(index, count) {
  return (count <= 2 ? TWO_COLORS : CLASS_COLORS)[index % (count <= 2 ? 2 : CLASS_COLORS.length)];
}

// A canvas, as large as its frame on the page. `draw(context, width, height)` counts in CSS pixels.
class Sheet {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  draw(paint) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      this.canvas.width = wide;
      this.canvas.height = high;
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
    paint(this.context, width, height);
  }
}

// Small pictures are painted pixel by pixel here, then drawn at any size.
const scratch = document.createElement("canvas");

function drawPixels(context, pixels, rows, columns, x, y, width, height, smooth) {
  if (scratch.width !== columns || scratch.height !== rows) {
    scratch.width = columns;
    scratch.height = rows;
  }
  const bytes = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, 4 * rows * columns);
  scratch.getContext("2d").putImageData(new ImageData(bytes, columns, rows), 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(scratch, 0, 0, columns, rows, x, y, width, height);
}

function signedPixels(bytes, count, at = 0) {
  const pixels = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) pixels[i] = SIGNED[bytes[at + i]];
  return pixels;
}

function shortNumber(value) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.001) return String(Number(value.toPrecision(size >= 0.01 ? 3 : 2)));
  return String(Number(value.toPrecision(2)).toExponential()).replace("e-", "e−");
}
