// Draws a graph with vis-network and sends clicks on nodes and edges to Python.
//
// The element `.stage` tells tests what happened, at no cost until asked:
//   data-state     "waiting" (for vis-network), "drawing" (arranging), "ready"
//   data-builds    how often a network was built: an unchanged graph is built once
//   data-selected  the id of the highlighted node or edge, or ""
//   stage.graph.positions()  {nodes: {id: [x, y]}, edges: {id: [x, y]}}, the points of the
//                            browser window at which a click hits that node or edge (an edge
//                            that is nowhere free is left out; edges of 500 at most)
//   stage.graph.boxes()      {id: {left, top, right, bottom}}, nodes with their labels,
//                            in pixels at zoom 1
//   stage.graph.view()       {scale, x, y} of the camera

const SHARED = Symbol.for("explorer.graph");
const shared = (globalThis[SHARED] ??= { graphs: new Map(), choices: new Map() });
const drawings = new WeakMap();
const MARGIN = 40; // pixels that stay free beside a graph that fits, both sides together
const NEAR = 7; // pixels by which a click may miss: fingers are wide and lines are thin

export default function graph({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".graph");
  if (!drawings.has(root)) drawings.set(root, new Drawing(root));
  const drawing = drawings.get(root);
  drawing.send = (click) => setTriggerValue("click", click);
  drawing.show(data);
  return () => drawing.dispose();
}

class Drawing {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector(".stage");
    this.clicks = 0;
    this.builds = 0;
    this.choice = null;
    this.waiting = false; // for Python's answer to the last click
    this.moved = false; // whether the reader has left the view that shows everything
    this.stage.graph = {
      positions: () => this.positions(),
      boxes: () => Object.fromEntries(this.nodeIds().map((id) => [id, this.network.getBoundingBox(id)])),
      view: () => ({ scale: this.network.getScale(), ...this.network.getViewPosition() }),
    };
    // The wheel belongs to the page; with Ctrl (also what a trackpad's pinch sends) it zooms.
    this.stage.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    }, { capture: true });
    root.querySelector(".tools").addEventListener("click", (event) => {
      this.use(event.target.closest("button")?.dataset.tool);
    });
    this.resizing = new ResizeObserver(() => {
      if (this.ready && !this.moved) requestAnimationFrame(() => this.fit());
    });
    this.resizing.observe(this.stage);
  }

  get ready() {
    return this.stage.dataset.state === "ready";
  }

  // Called by Streamlit when the graph or the theme has changed, never for a mere rerun.
  show(data) {
    this.data = data;
    shared.graphs.set(data.key, this);
    this.root.style.setProperty("--graph-height", `${data.height}px`);
    this.theme = readTheme(this.root);
    if (data.digest === this.digest) {
      this.network?.setOptions(themed({}, this.theme, () => this.network.getScale()));
      return;
    }
    this.digest = data.digest;
    if (shared.vis) this.build();
    else (shared.waiting ??= []).push(() => this.build());
  }

  build() {
    if (this.disposed) return;
    const before = this.data.hierarchical && this.ready ? this.labels : null;
    this.network?.destroy();
    const vis = JSON.parse(this.data.vis);
    this.labels = new Map(vis.nodes.map((node) => [node.id, node.label]));
    this.edgeIds = new Set(vis.edges.map((edge) => edge.id));
    this.stage.dataset.state = "drawing";
    const physics = vis.options.physics.enabled && vis.nodes.length > 0;
    this.nodes = new shared.vis.DataSet(vis.nodes);
    this.network = new shared.vis.Network(
      this.stage,
      { nodes: this.nodes, edges: vis.edges },
      themed(vis.options, this.theme, () => this.network?.getScale() ?? 1),
    );
    const network = this.network;
    network.on("click", (event) => this.click(event.pointer.DOM));
    network.on("zoom", () => { this.moved = true; });
    network.on("dragEnd", () => { this.moved = true; });
    for (const kind of ["Node", "Edge"]) {
      network.on(`hover${kind}`, () => { this.stage.dataset.over = kind.toLowerCase(); });
      network.on(`blur${kind}`, () => { delete this.stage.dataset.over; });
    }
    const finish = () => {
      if (physics) {
        network.setOptions({ physics: { enabled: false } }); // nothing moves by itself any more
        this.spread();
      }
      // While a click waits for its answer, the last word from Python is older than the click.
      const said = shared.choices.get(this.data.key)?.selected ?? null;
      this.choose(this.waiting ? this.choice : said);
      // Labels are measured by the first drawing; only then is it known what fits.
      network.once("afterDrawing", () => {
        this.frame(before);
        this.builds += 1;
        this.stage.dataset.builds = String(this.builds);
        this.stage.dataset.state = "ready";
      });
      network.redraw();
    };
    if (physics) network.once("stabilizationIterationsDone", finish);
    else finish();
  }

  // A graph that grew around the chosen node (a bunch unfolded): show this node and what it
  // joins, at a legible size. Anything else new is shown as a whole.
  frame(before) {
    const grew = before && this.labels.size > before.size;
    if (!grew || !before.has(this.choice) || !this.labels.has(this.choice)) {
      this.fit();
      return;
    }
    this.fit([this.choice, ...this.network.getConnectedNodes(this.choice)], 1);
    this.moved = true;
  }

  // Stretch the arrangement to the frame, so that it fits at zoom 1: labels keep their size.
  spread() {
    const places = Object.entries(this.network.getPositions());
    if (places.length < 2) return;
    const extent = (axis) => {
      const values = places.map(([, place]) => place[axis]);
      return [Math.min(...values), Math.max(...values)];
    };
    const [[left, right], [top, bottom]] = [extent("x"), extent("y")];
    // Room for half a label on both sides and one below, and some for every node.
    const room = 60 * Math.sqrt(places.length);
    const wide = Math.max(room, this.stage.clientWidth - 130) / Math.max(right - left, 1);
    const high = Math.max(room, this.stage.clientHeight - 110) / Math.max(bottom - top, 1);
    const x = Math.min(wide, 1.6 * high, 1.5);
    const y = Math.min(high, 1.6 * wide, 1.5);
    // In one update: vis-network draws everything again for every single moveNode.
    this.nodes.update(places.map(([id, place]) => ({ id, x: x * place.x, y: y * place.y })));
  }

  click(point) {
    const hit = this.hit(point);
    // A click beside everything keeps the choice: the detail next to the graph stays.
    this.choose(hit ? hit.id : this.choice);
    if (!hit) return;
    this.clicks += 1;
    this.waiting = true;
    this.send({ ...hit, count: this.clicks });
  }

  hit({ x, y }) {
    const around = [[0, 0]];
    for (let turn = 0; turn < 8; turn += 1) {
      around.push([NEAR * Math.cos(turn * Math.PI / 4), NEAR * Math.sin(turn * Math.PI / 4)]);
    }
    for (const [kind, find] of [["node", "getNodeAt"], ["edge", "getEdgeAt"]]) {
      for (const [dx, dy] of around) {
        const id = this.network[find]({ x: x + dx, y: y + dy });
        if (id !== undefined) return { kind, id };
      }
    }
    return null;
  }

  // What Python says is chosen. An answer to an earlier click than the last is out of date.
  answer({ selected, count }) {
    if (count !== null && count < this.clicks) return;
    this.waiting = false;
    if (selected === this.choice) return;
    this.choose(selected);
    this.reveal(selected);
  }

  choose(id) {
    const isNode = this.labels?.has(id);
    const isEdge = this.edgeIds?.has(id);
    this.choice = isNode || isEdge ? id : null;
    this.stage.dataset.selected = this.choice ?? "";
    const chosen = isNode ? `, chosen: ${this.labels.get(id)}` : isEdge ? ", a line is chosen" : "";
    this.stage.setAttribute("aria-label", this.data.label + chosen);
    this.network?.setSelection(
      { nodes: isNode ? [id] : [], edges: isEdge ? [id] : [] },
      { highlightEdges: false },
    );
  }

  // Chosen elsewhere (in a table, by a link) and out of sight: move there, at the same zoom.
  reveal(id) {
    if (!this.ready || !this.labels.has(id)) return;
    const position = this.network.getPosition(id);
    const { x, y } = this.network.canvasToDOM(position);
    const { clientWidth, clientHeight } = this.stage;
    if (x < 0 || y < 0 || x > clientWidth || y > clientHeight) {
      this.network.moveTo({ position });
      this.moved = true;
    }
  }

  use(tool) {
    if (!tool || !this.network) return;
    if (tool === "fit") this.fit();
    else {
      this.network.moveTo({ scale: this.network.getScale() * (tool === "in" ? 1.3 : 1 / 1.3) });
      this.moved = true;
    }
  }

  fit(ids = this.nodeIds(), mostScale = 1.25) {
    if (!this.network || !ids.length) return;
    const boxes = ids.map((id) => this.network.getBoundingBox(id));
    const left = Math.min(...boxes.map((box) => box.left));
    const right = Math.max(...boxes.map((box) => box.right));
    const top = Math.min(...boxes.map((box) => box.top));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    const { clientWidth, clientHeight } = this.stage;
    this.network.moveTo({
      position: { x: (left + right) / 2, y: (top + bottom) / 2 },
      scale: Math.min(
        (clientWidth - MARGIN) / Math.max(right - left, 1),
        (clientHeight - MARGIN) / Math.max(bottom - top, 1),
        mostScale,
      ),
    });
    this.moved = false;
  }

  nodeIds() {
    return [...this.labels.keys()];
  }

  positions() {
    const { left, top } = this.stage.querySelector("canvas").getBoundingClientRect();
    const inWindow = ({ x, y }) => [left + x, top + y];
    const places = this.network.getPositions();
    const nodes = {};
    for (const id of this.nodeIds()) nodes[id] = inWindow(this.network.canvasToDOM(places[id]));
    const edges = {};
    for (const id of this.edgeIds.size <= 500 ? this.edgeIds : []) {
      const point = this.pointOn(id, places);
      if (point) edges[id] = inWindow(point);
    }
    return { nodes, edges };
  }

  // A point at which a click hits this edge and no other, though it miss by two pixels.
  pointOn(id, places) {
    const [from, to] = this.network.getConnectedNodes(id).map((end) => places[end]);
    if (!to) return null;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const near = [[0, 0], [2, 0], [-2, 0], [0, 2], [0, -2]];
    for (const bend of [0, 0.1, -0.1, 0.2, -0.2]) {
      for (const part of [0.5, 0.4, 0.6, 0.3, 0.7]) {
        const { x, y } = this.network.canvasToDOM({
          x: from.x + part * dx + bend * dy,
          y: from.y + part * dy - bend * dx,
        });
        if (near.every(([a, b]) => this.hit({ x: x + a, y: y + b })?.id === id)) return { x, y };
      }
    }
    return null;
  }

  dispose() {
    this.disposed = true;
    this.resizing.disconnect();
    this.network?.destroy();
    this.network = null; // a frame that was asked for may still come
    if (shared.graphs.get(this.data.key) === this) shared.graphs.delete(this.data.key);
    drawings.delete(this.root);
  }
}
