// Colours and fonts of the page's theme, and the marks of what is chosen or pointed at.
// Joined in front of graph.js: a component is one module.

function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    text: read("text-color"),
    background: read("background-color"),
    primary: read("primary-color"),
    font: read("font"),
  };
}

// vis-network's options with the theme in them. Lengths are in pixels of the graph; a mark must
// stay visible when zoomed out, so it is at least as many pixels of the screen.
function themed(options, { text, background, primary, font }, scale) {
  const least = (pixels) => Math.max(pixels, pixels / scale());
  return {
    ...options,
    nodes: {
      ...options.nodes,
      color: { border: text },
      font: { ...options.nodes?.font, face: font, color: text, strokeWidth: 4, strokeColor: background },
      chosen: {
        node: (values, id, selected) => {
          values.borderWidth = Math.min(least(selected ? 5 : 2.5), Math.max(5, 0.35 * values.size));
          values.borderColor = selected ? primary : text;
        },
        label: (values, id, selected) => { if (selected) values.mod = "bold"; },
      },
    },
    edges: {
      ...options.edges,
      chosen: {
        edge: (values, id, selected) => {
          values.width += least(selected ? 3 : 1.5);
          if (selected) values.color = primary;
        },
        label: false,
      },
    },
  };
}
