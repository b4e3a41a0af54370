// The graph of modules: a circle each, as large as its share of the weight; a line between two, as
// wide as what passes.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

function moduleName(index) {
  return index < 26 ? LETTERS[index] : LETTERS[Math.floor(index / 26) - 1] + LETTERS[index % 26];
}

function modulePlace(index, count, x, y, radius) {
  if (count === 1) return [x, y];
  // Two modules stand side by side; more start at the top.
  const angle = (2 * Math.PI * index) / count + (count === 2 ? Math.PI : -Math.PI / 2);
  return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
}

// `modules`: what modulesOf gives; `without`: what to say while there are none
function drawModules(context, width, height, modules, colors, theme, without) {
  if (!modules?.count) {
    context.font = `13px ${theme.font}`;
    context.fillStyle = theme.text;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(without, width / 2, height / 2, width);
    return;
  }
  const { places, shown, shares, between } = modules;
  const count = shown.length;
  const size = Math.min(width, height);
  const most = count > 6 ? 0.12 : count > 2 ? 0.17 : 0.2; // radius of the largest circle
  const ring = count === 2 ? Math.min(width / 2 - most * size - 8, 0.34 * width) : (0.5 - most) * size - 12;
  const place = (index) => modulePlace(shown.indexOf(index), count, width / 2, height / 2, ring);
  const name = (index) => (modules.others && index === places - 1 ? "others" : moduleName(index));
  const radius = (index) => Math.max(5, most * size * Math.sqrt(Math.min(1, shares[index] * Math.max(count, 2) / 1.4)));
  for (const a of shown) {
    for (const b of shown) {
      const mass = a < b ? between[a * places + b] : 0;
      if (!(mass > 1e-4)) continue; // nothing that anybody could see
      context.beginPath();
      context.moveTo(...place(a));
      context.lineTo(...place(b));
      context.setLineDash(mass < 0.005 ? [3, 4] : []);
      context.strokeStyle = faint("#8c8c8c", 0.85);
      context.lineWidth = Math.max(1, Math.min(1, mass / 0.25) * 0.22 * size);
      context.stroke();
    }
  }
  context.setLineDash([]);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const index of shown) {
    const [x, y] = place(index);
    const large = radius(index);
    context.beginPath();
    context.arc(x, y, large, 0, 2 * Math.PI);
    context.fillStyle = colors[index % colors.length];
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = theme.text;
    context.stroke();
    context.font = `600 14px ${theme.font}`;
    context.lineWidth = 3;
    context.lineJoin = "round";
    context.strokeStyle = theme.background;
    context.strokeText(name(index), x, y);
    context.fillStyle = theme.text;
    context.fillText(name(index), x, y);
  }
}
