// A small picture of every neuron, arranged by layer and framed in the colour of its module; a
// neuron without a picture is a square of that colour.

const GAP = 12; // between layers
const TITLE = 18;

// Where every neuron stands: {layers: [{x, y, title}], tiles: [{x, y, size}]}; `pictured` says
// which neurons have pictures. Layers stand side by side, or below each other on a phone.
function arrangeNeurons(sizes, pictured, width, height) {
  const firsts = sizes.map((_, layer) => sizes.slice(0, layer).reduce((sum, size) => sum + size, 0));
  const isLarge = sizes.map((size, layer) => {
    for (let i = 0; i < size; i += 1) if (pictured.has(firsts[layer] + i)) return true;
    return false;
  });
  const narrow = width < 480;
  const most = isLarge.includes(true) ? 14 : 26; // of a neuron without a picture
  for (let large = 46; large >= 5; large -= 1) {
    const edge = sizes.map((_, layer) => (isLarge[layer] ? large : Math.max(5, Math.min(most, 0.6 * large))));
    const found = narrow ? inRows(sizes, edge, width) : inColumns(sizes, edge, height);
    if ((narrow ? found.height <= height : found.width <= width) || large === 5) {
      const shift = narrow ? 0 : Math.max(0, (width - found.width) / 2);
      for (const tile of found.tiles) tile.x += shift;
      for (const layer of found.layers) layer.x += shift;
      return { ...found, firsts };
    }
  }
  return { layers: [], tiles: [], firsts };
}

function inColumns(sizes, edge, height) {
  const [tiles, layers] = [[], []];
  let left = 2;
  sizes.forEach((size, layer) => {
    const step = edge[layer] + (edge[layer] > 12 ? 4 : 2);
    const rows = Math.max(1, Math.floor((height - TITLE) / step));
    const columns = Math.ceil(size / rows);
    const used = Math.ceil(size / columns);
    const wide = Math.max(columns * step, 54);
    const [start, top] = [left + (wide - columns * step) / 2, TITLE + Math.max(0, (height - TITLE - used * step) / 2)];
    layers.push({ x: left + wide / 2, y: 12, align: "center" });
    for (let i = 0; i < size; i += 1) {
      tiles.push({ x: start + Math.floor(i / used) * step, y: top + (i % used) * step, size: edge[layer] });
    }
    left += wide + GAP;
  });
  return { tiles, layers, width: left - GAP, height };
}

function inRows(sizes, edge, width) {
  const [tiles, layers] = [[], []];
  let top = 0;
  sizes.forEach((size, layer) => {
    const step = edge[layer] + (edge[layer] > 12 ? 4 : 2);
    const columns = Math.max(1, Math.floor((width - 4) / step));
    layers.push({ x: 2, y: top + 12, align: "left" });
    for (let i = 0; i < size; i += 1) {
      tiles.push({
        x: 2 + (i % columns) * step,
        y: top + TITLE + Math.floor(i / columns) * step,
        size: edge[layer],
      });
    }
    top += TITLE + Math.ceil(size / columns) * step + 4;
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
    const key = `${width} ${height} ${sizes} ${pictured.size}`;
    if (this.key !== key) {
      this.key = key;
      this.place = arrangeNeurons(sizes, pictured, width, height);
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
        context.fillRect(tile.x, tile.y, tile.size, tile.size);
      }
    });
    this.labels = pictures?.labels;
  }

  picture(context, tile, pictures, at, color) {
    const { rows, columns } = pictures;
    const pixels = signedPixels(pictures.pixels, rows * columns, at * rows * columns);
    const edge = tile.size > 16 ? 2.5 : 1.5;
    context.fillStyle = color;
    context.fillRect(tile.x, tile.y, tile.size, tile.size);
    const inner = tile.size - 2 * edge;
    // Two images side by side stay wide: the picture keeps its shape inside the frame.
    const [wide, high] = columns >= rows ? [inner, (inner * rows) / columns] : [(inner * columns) / rows, inner];
    const [x, y] = [tile.x + (tile.size - wide) / 2, tile.y + (tile.size - high) / 2];
    drawPixels(context, pixels, rows, columns, x, y, wide, high, pictures.form === "plane");
  }

  // What is under the mouse, in words.
  at(x, y) {
    const hit = this.place?.tiles.findIndex((tile) => x >= tile.x && y >= tile.y && x < tile.x + tile.size && y < tile.y + tile.size);
    if (hit === undefined || hit < 0) return "";
    const layer = this.place.firsts.findLastIndex((first) => first <= hit);
    const label = this.labels?.[hit] ?? -1;
    const module = label < 0 ? "in no module yet" : `module ${moduleName(label)}`;
    return `${this.names[layer] ?? `layer ${layer}`}, neuron ${hit - this.place.firsts[layer]}: ${module}`;
  }
}
