// Reads what a live run sends: the layout of explorer/training/live/wire.py, whose table of
// offsets comes with the component's data. All numbers are little endian.

const READ = {
  u1: (view, at) => view.getUint8(at),
  u2: (view, at) => view.getUint16(at, true),
  u4: (view, at) => view.getUint32(at, true),
  f4: (view, at) => view.getFloat32(at, true),
};

function readFrame(buffer, wire) {
  const view = new DataView(buffer);
  const frame = {};
  for (const [name, [offset, type, count]] of Object.entries(wire.offsets)) {
    const size = Number(type[1]);
    if (count === 1) frame[name] = READ[type](view, offset);
    else if (type === "u1") frame[name] = new Uint8Array(buffer, offset, count);
    else frame[name] = Array.from({ length: count }, (_, i) => READ[type](view, offset + i * size));
  }
  frame.status = wire.statuses[frame.status] ?? "failed";
  return frame;
}

function readPictures(buffer, wire) {
  const view = new DataView(buffer);
  const head = {
    form: wire.forms[view.getUint8(1)] ?? "none",
    rows: view.getUint8(2),
    columns: view.getUint8(3),
    step: view.getUint32(4, true),
  };
  const [layers, pictures] = [view.getUint16(8, true), view.getUint16(10, true)];
  const neurons = view.getUint32(12, true);
  let at = 16;
  const shorts = (count) => {
    const found = Array.from({ length: count }, (_, i) => view.getUint16(at + 2 * i, true));
    at += 2 * count;
    return found;
  };
  const sizes = shorts(layers);
  const labels = new Int8Array(buffer, at, neurons);
  at += neurons;
  const chosen = shorts(pictures);
  const size = head.rows * head.columns;
  const pixels = new Uint8Array(buffer, at, pictures * size);
  at += pictures * size;
  const more = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, at)) || "{}");
  return { ...head, sizes, labels, chosen, pixels, ...more };
}

function readEvent(buffer) {
  return JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 1)));
}

// What the graph of modules is drawn from: each module's share of all mass, and what passes.
// A module keeps its number while others come and go, so some places are empty; the last place
// holds all modules from there on.
function modulesOf(frame, side) {
  const places = frame.modules;
  const shares = new Array(places).fill(0);
  const between = new Array(places * places).fill(0);
  for (let a = 0; a < places; a += 1) {
    for (let b = 0; b < places; b += 1) {
      const mass = frame.mass[a * side + b];
      shares[a] += mass / 2;
      shares[b] += mass / 2;
      if (a !== b) between[Math.min(a, b) * places + Math.max(a, b)] += mass;
    }
  }
  const shown = shares.map((_, place) => place).filter((place) => frame.nodes[place] > 0);
  return { count: frame.found, places, shown, shares, between, others: frame.found > shown.length };
}
