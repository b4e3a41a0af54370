"""`show_graph`: draw a `GraphSpec` on a page and return what was clicked.

Three messages go to the browser, because Streamlit sends a component's whole message again
whenever any part of it has changed, and a 1 kB reference to it otherwise:

- vis-network (470 kB, from the installed pyvis, so no page is loaded from elsewhere): constant;
- the graph (a megabyte for the largest): changes with the specification only;
- the choice: changes with every click.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import pyvis
import streamlit as st

from explorer.views.graph_spec import GraphSpec

Kind = Literal["node", "edge"]


@dataclass(frozen=True)
class Selection:
    """A node or an edge of a graph that somebody clicked."""

    kind: Kind
    id: str


def show_graph(
    spec: GraphSpec,
    key: str,
    selected: str | None = None,
    *,
    on_select: Callable[[Selection], None] | None = None,
) -> Selection | None:
    """Draw the graph and return what was clicked since the last run, or None.

    A click is an event: it is returned once, in the run that it starts, also when it hits what
    is chosen already. The page keeps the choice (in its state, in the URL) and gives it back as
    `selected`; changing it moves the highlight and does not draw the graph again.

    Parameters
    ----------
    spec : GraphSpec
        Drawn anew only when it differs from the last one with this key.
    key : str
        Names the graph on its page.
    selected : str or None
        Id of the node or edge to highlight. An id that is not in the graph highlights nothing.
    on_select : callable, optional
        Called with the click before the page runs, as a widget's callback: for what stands
        above the graph on the page. `selected` is then taken as it is, the click included.
    """

    def called_back() -> None:
        event = _read_click(st.session_state[key].get("click"), spec)
        if on_select is not None and event.selection is not None:
            on_select(event.selection)

    with st.container(key=f"{key}-graph", gap=None):
        library, graph, choice = _components()
        library(key=f"{key}-library")
        result = graph(key=key, data=_payload(spec, key), on_click_change=called_back)
        click = _read_click(result.get("click"), spec)
        if click.selection is not None and on_select is None:
            selected = click.selection.id
        choice(key=f"{key}-choice", data={"key": key, "selected": selected, "count": click.count})
    return click.selection


@dataclass(frozen=True)
class _Click:
    selection: Selection | None
    count: int | None


def _read_click(raw: object, spec: GraphSpec) -> _Click:
    """Return the click, if it is one on this graph: whatever the browser sends is checked."""
    match raw:
        case {"kind": "node" | "edge" as kind, "id": str(name), "count": int(count)}:
            known = spec.nodes if kind == "node" else spec.edges
            if any(item.id == name for item in known):
                return _Click(Selection(kind, name), count)
            return _Click(None, count)  # on a graph that has changed meanwhile
        case _:
            return _Click(None, None)


@lru_cache(maxsize=16)
def _payload(spec: GraphSpec, key: str) -> dict[str, Any]:
    # As a string, Streamlit escapes the graph in every run instead of walking through it.
    vis = json.dumps(spec.to_vis(), separators=(",", ":"), ensure_ascii=False)
    return {
        "key": key,
        "vis": vis,
        "digest": hashlib.sha256(vis.encode()).hexdigest()[:16],
        "height": spec.height,
        "hierarchical": spec.hierarchical,
        "label": f"{spec.description}: {len(spec.nodes)} shapes, {len(spec.edges)} lines",
    }


@cache
def _components() -> tuple[Any, Any, Any]:
    """Register the three components, once for the server."""
    here = resources.files("explorer.ui.graph")

    def text(name: str) -> str:
        return (here / name).read_text(encoding="utf-8")

    component = st.components.v2.component
    return (
        component("explorer.graph_library", js=_library_source()),
        component(
            "explorer.graph",
            html=text("graph.html"),
            css=text("graph.css"),
            js=text("theme.js") + text("graph.js"),
        ),
        component("explorer.graph_choice", js=text("selection.js")),
    )


def _library_source() -> str:
    """Return vis-network as a module that hands itself to the graphs and exports nothing else."""
    source = _vis_network_file().read_text(encoding="utf-8")
    source = source.replace("//# sourceMappingURL=", "// source map: ")
    return (
        # The library looks for CommonJS before it would write to the page's globals.
        "const module = {}, exports = {};\n"
        f"{source}\n"
        'const shared = (globalThis[Symbol.for("explorer.graph")] ??= '
        "{ graphs: new Map(), choices: new Map() });\n"
        "shared.vis ??= exports;\n"
        "for (const start of (shared.waiting ?? []).splice(0)) start();\n"
        "export default function library() {}\n"
    )


def _vis_network_file() -> Path:
    """Return the newest vis-network that the installed pyvis carries."""
    folder = Path(pyvis.__file__).parent

    def version(path: Path) -> tuple[int, ...]:
        return tuple(int(number) for number in re.findall(r"\d+", path.parent.name))

    found = sorted(folder.glob("**/vis-network.min.js"), key=lambda path: (version(path), path))
    if not found:
        raise FileNotFoundError(f"No vis-network.min.js under {folder}: install pyvis 0.3.2.")
    return found[-1]
