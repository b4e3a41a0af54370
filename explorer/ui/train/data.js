// What the network answers: over the plane, or on digit images.

// Points of a class have a shape of their own as well as a colour.
function pointPath(context, shape, x, y, size) {
  context.beginPath();
  if (shape === 0) context.arc(x, y, size, 0, 2 * Math.PI);
  else if (shape === 1) context.rect(x - size * 0.9, y - size * 0.9, 1.8 * size, 1.8 * size);
  else {
    const corners = shape === 2 ? 3 : shape === 3 ? 4 : 5;
    for (let i = 0; i < corners; i += 1) {
      const angle = (2 * Math.PI * i) / corners - Math.PI / 2;
      context.lineTo(x + 1.3 * size * Math.cos(angle), y + 1.3 * size * Math.sin(angle));
    }
    context.closePath();
  }
}

// Pixels of the decision: the colour of the class, paler where the network is less sure.
function decisionPixels(grid, classes) {
  const pixels = new Uint32Array(grid.length);
  const colors = Array.from({ length: 16 }, (_, index) => rgb(classColor(index, classes)));
  for (let i = 0; i < grid.length; i += 1) {
    const [red, green, blue] = colors[grid[i] >> 4];
    const share = 0.12 + (0.68 * (grid[i] & 15)) / 15;
    const mix = (value) => Math.round(247 + share * (value - 247));
    pixels[i] = (255 << 24) | (mix(blue) << 16) | (mix(green) << 8) | mix(red);
  }
  return pixels;
}

class PlanePicture {
  constructor(about) {
    this.points = about.points ?? [];
    this.reach = about.reach ?? 1;
    this.classes = about.heads?.[0]?.classes?.length ?? 2;
    this.layer = null; // the points, drawn once for a size
  }

  draw(context, width, height, grid, side) {
    const size = Math.min(width, height);
    const [left, top] = [(width - size) / 2, (height - size) / 2];
    if (grid && side) {
      drawPixels(context, decisionPixels(grid.subarray(0, side * side), this.classes), side, side, left, top, size, size, true);
    }
    context.drawImage(this.pointsLayer(size), left, top, size, size);
  }

  pointsLayer(size) {
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    const wide = Math.round(size * ratio);
    if (this.layer?.width === wide) return this.layer;
    this.layer = document.createElement("canvas");
    this.layer.width = wide;
    this.layer.height = wide;
    const context = this.layer.getContext("2d");
    context.scale(ratio, ratio);
    context.lineWidth = 0.9;
    context.strokeStyle = "#ffffff";
    for (const [x, y, label] of this.points) {
      pointPath(context, label % 5, (size * (1 + x / this.reach)) / 2, (size * (1 - y / this.reach)) / 2, 2.6);
      context.fillStyle = classColor(label, this.classes);
      context.fill();
      context.stroke();
    }
    return this.layer;
  }
}

// Images with what the network takes each for; a wrong answer is crossed and says what is right.
class ImagesPicture {
  constructor(about) {
    this.examples = (about.examples ?? []).slice(0, 12);
    this.heads = about.heads ?? [];
    this.images = this.examples.map((example) => {
      const pixels = new Uint32Array(example.pixels.length);
      example.pixels.forEach((value, i) => {
        pixels[i] = (255 << 24) | (value << 16) | (value << 8) | value;
      });
      return pixels;
    });
  }

  draw(context, width, height, guesses, theme) {
    const count = this.examples.length;
    if (!count) return;
    const ratio = this.examples[0].columns / this.examples[0].rows; // of one image
    const lines = 15 * this.heads.length + 2;
    let best = { size: 0 };
    for (let columns = 1; columns <= count; columns += 1) {
      const rows = Math.ceil(count / columns);
      const size = Math.min((width / columns - 8) / ratio, height / rows - lines - 8);
      if (size > best.size) best = { size, columns, rows };
    }
    if (best.size < 8) return;
    const [wide, high] = [width / best.columns, height / best.rows];
    this.examples.forEach((example, index) => {
      const x = (index % best.columns) * wide + (wide - best.size * ratio) / 2;
      const y = Math.floor(index / best.columns) * high + 2;
      drawPixels(context, this.images[index], example.rows, example.columns, x, y, best.size * ratio, best.size, false);
      this.caption(context, x + (best.size * ratio) / 2, y + best.size, example, guesses?.[index], theme);
    });
  }

  caption(context, x, y, example, guess, theme) {
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    const truths = [example.truth].flat();
    this.heads.forEach((head, at) => {
      const name = (index) => head.classes[index] ?? "?";
      const said = guess?.[at] && name(guess[at][0]);
      const right = said === name(truths[at]);
      context.font = `${right || !said ? "" : "600 "}12px ${theme.font}`;
      context.fillStyle = theme.text;
      const text = !said ? "…" : right ? `${said} ✓` : `${said} ✗ ${name(truths[at])}`;
      context.fillText(text, x, y + 13 + 15 * at, 120);
    });
  }
}
