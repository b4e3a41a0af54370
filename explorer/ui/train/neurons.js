// A small picture of every neuron, arranged by layer and framed in the colour of its module; a
// neuron without a picture is a square of that colour.

const GAP = 12; // between layers
const TITLE = 18;

// Where every neuron stands: {layers: [{x, y, align}], tiles: [{x, y, wide, high}]}. `pictured` says
// which neurons have pictures, `ratio` how wide these are for their height. Layers stand side by
// side, or below each other where there is little room.
function arrangeNeurons(sizes, pictured, ratio, width, height) {
  const firsts = sizes.map((_, layer) => sizes.slice(0, layer).reduce((sum, size) => sum + size, 0));
  const isLarge = sizes.map((size, layer) => {
    for (let i = 0; i < size; i += 1) if (pictured.has(firsts[layer] + i)) return true;
    return false;
  });
  const narrow = width < 480;
  const most = isLarge.includes(true) ? 14 : 26; // of a neuron without a picture
  for (let large = 46; large >= 5; large -= 1) {
    const edges = sizes.map((_, layer) => {
      const high = isLarge[layer] ? large : Math.max(5, Math.min(most, 0.6 * large));
      return { high, wide: isLarge[layer] ? ratio * high : high, gap: high > 12 ? 4 : 2 };
    });
    const found = narrow ? inRows(sizes, edges, width) : inColumns(sizes, edges, height);
    if ((narrow ? found.height <= height : found.width <= width) || large === 5) {
      const shift = narrow ? 0 : Math.max(0, (width - found.width) / 2);
      for (const tile of found.tiles) tile.x += shift;
      for (const layer of found.layers) layer.x += shift;
      return { ...found, firsts };
    }
  }
  return { layers: [], tiles: [], firsts };
}

function inColumns(sizes, edges, height) {
  const [tiles, layers] = [[], []];
  let left = 2;
  sizes.forEach((size, layer) => {
    const { wide, high, gap } = edges[layer];
    const rows = Math.max(1, Math.floor((height - TITLE) / (high + gap)));
    const columns = Math.ceil(size / rows);
    const used = Math.ceil(size / columns);
    const room = Math.max(columns * (wide + gap), 54);
    const start = left + (room - columns * (wide + gap)) / 2;
    const top = TITLE + Math.max(0, (height - TITLE - used * (high + gap)) / 2);
    layers.push({ x: left + room / 2, y: 12, align: "center" });
    for (let i = 0; i < size; i += 1) {
      const [x, y] = [start + Math.floor(i / used) * (wide + gap), top + (i % used) * (high + gap)];
      tiles.push({ x, y, wide, high });
    }
    left += room + GAP;
  });
  return { tiles, layers, width: left - GAP, height };
}

function inRows(sizes, edges, width) {
  const [tiles, layers] = [[], []];
  let top = 0;
  sizes.forEach((size, layer) => {
    const { wide, high, gap } = edges[layer];
    const columns = Math.max(1, Math.floor((width - 4) / (wide + gap)));
    layers.push({ x: 2, y: top + 12, align: "left" });
    for (let i = 0; i < size; i += 1) {
      const [x, y] = [2 + (i % columns) * (wide + gap), top + TITLE + Math.floor(i / columns) * (high + gap)];
      tiles.push({ x, y, wide, high });
    }
    top += TITLE + Math.ceil(size / columns) * (high + gap) + 4;
  });
  return { tiles, layers, width, height: top };
}

class NeuronsPicture {
  constructor(about) {
    this.about = about;
    this.names = (about.layers ?? []).map((layer) => layer.name);
    this.place = null;
  }

  draw(context, width, height, pictures, colors, theme) {
    const sizes = pictures?.sizes ?? (this.about.layers ?? []).map((layer) => layer.size);
    const pictured = new Map((pictures?.chosen ?? []).map((neuron, at) => [neuron, at]));
    const ratio = pictured.size ? clamp(pictures.columns / pictures.rows, 1, 3) : 1;
    const key = `${width} ${height} ${sizes} ${pictured.size} ${ratio}`;
    if (this.key !== key) {
      this.key = key;
      this.place = arrangeNeurons(sizes, pictured, ratio, width, height);
    }
    context.textBaseline = "alphabetic";
    context.font = `11px ${theme.font}`;
    context.fillStyle = theme.text;
    this.place.layers.forEach((layer, index) => {
      context.textAlign = layer.align;
      context.fillText(this.names[index] ?? `layer ${index}`, layer.x, layer.y, 90);
    });
    this.place.tiles.forEach((tile, neuron) => {
      if (tile.y > height) return;
      const label = pictures?.labels[neuron] ?? -1;
      const color = label < 0 ? "#8c8c8c" : colors[label % colors.length];
      if (pictured.has(neuron)) this.picture(context, tile, pictures, pictured.get(neuron), color);
      else {
        context.fillStyle = color;
        context.fillRect(tile.x, tile.y, tile.wide, tile.high);
      }
    });
    this.labels = pictures?.labels;
  }

  picture(context, tile, pictures, at, color) {
    const { rows, columns } = pictures;
    const pixels = signedPixels(pictures.pixels, rows * columns, at * rows * columns);
    context.fillStyle = color;
    context.fillRect(tile.x, tile.y, tile.wide, tile.high);
    const edge = tile.high > 16 ? 2.5 : 1.5;
    // The picture keeps its shape inside the frame.
    const scale = Math.min((tile.wide - 2 * edge) / columns, (tile.high - 2 * edge) / rows);
    const [wide, high] = [scale * columns, scale * rows];
    const [x, y] = [tile.x + (tile.wide - wide) / 2, tile.y + (tile.high - high) / 2];
    drawPixels(context, pixels, rows, columns, x, y, wide, high, pictures.form === "plane");
  }

  // What is under the mouse, in words.
  at(x, y) {
    const hit = this.place?.tiles.findIndex((tile) => x >= tile.x && y >= tile.y && x < tile.x + tile.wide && y < tile.y + tile.high);
    if (hit === undefined || hit < 0) return "";
    const layer = this.place.firsts.findLastIndex((first) => first <= hit);
    const label = this.labels?.[hit] ?? -1;
    const module = label < 0 ? "in no module yet" : `module ${moduleName(label)}`;
    return `${this.names[layer] ?? `layer ${layer}`}, neuron ${hit - this.place.firsts[layer]}: ${module}`;
  }
}
