"""One minimum cut, shown on the network: which neurons are on which side, and what is cut."""

import numpy as np
import plotly.graph_objects as go

from explorer.modularity.cut_tree import CutTree
from explorer.network.graph import Bools, NetworkGraph
from explorer.views.palette import LOSS, NEUTRAL, translucent
from explorer.views.text import small_share

MAX_LINES = 150


def cut_side_mask(tree: CutTree, node: int) -> Bools:
    """Which nodes the tree edge above a node cuts off."""
    side = np.zeros(len(tree.nodes), dtype=np.bool_)
    places = {name: place for place, name in enumerate(tree.nodes)}
    side[[places[name] for name in tree.cut_side(tree.nodes[node])]] = True
    return side


def cut_sides_chart(graph: NetworkGraph, tree: CutTree, node: int) -> go.Figure:
    """Draw the network layer by layer, the side that is cut off in colour, and the cut weights.

    Parameters
    ----------
    graph : NetworkGraph
    tree : CutTree
        Of this graph.
    node : int
        The cut above this node of the tree is drawn.

    Returns
    -------
    go.Figure
        At most 150 of the cut weights are drawn, the heaviest first.
    """
    side = cut_side_mask(tree, node)
    offsets = graph.offsets
    x = graph.layer_of.astype(float)
    sizes = np.diff(offsets)
    index = np.arange(graph.node_count) - offsets[graph.layer_of]
    y = (index + 0.5) / sizes[graph.layer_of]
    chart = go.Figure()
    u, v, mass, _ = graph.edges
    cut = np.flatnonzero(side[u] != side[v])
    drawn = cut[np.argsort(-mass[cut], kind="stable")][:MAX_LINES]
    gaps = np.full(len(drawn), np.nan)
    chart.add_scatter(
        x=np.stack([x[u[drawn]], x[v[drawn]], gaps], axis=1).ravel(),
        y=np.stack([y[u[drawn]], y[v[drawn]], gaps], axis=1).ravel(),
        mode="lines",
        line={"color": translucent(NEUTRAL, 0.6), "width": 1},
        hoverinfo="skip",
        name="cut weights",
    )
    for chosen, color, name in ((~side, NEUTRAL, "other side"), (side, LOSS, "cut off")):
        chart.add_scatter(
            x=x[chosen],
            y=y[chosen],
            mode="markers",
            marker={"color": color, "size": 7 if graph.node_count < 600 else 4},
            text=[graph.names[at] for at in np.flatnonzero(chosen)],
            hovertemplate="%{text}<extra>" + name + "</extra>",
            name=name,
        )
    chart.update_xaxes(
        tickvals=list(range(len(graph.layers))),
        ticktext=[layer.name for layer in graph.layers],
        showgrid=False,
        zeroline=False,
    )
    chart.update_yaxes(visible=False, autorange="reversed")
    chart.update_layout(
        height=360,
        margin={"l": 6, "r": 6, "t": 30, "b": 24},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return chart


def describe_cut(graph: NetworkGraph, tree: CutTree, node: int) -> str:
    """What the cut above a node parts, in one or two sentences."""
    side = cut_side_mask(tree, node)
    smaller = min(int(side.sum()), int((~side).sum()))
    u, v, mass, _ = graph.edges
    total = float(mass.sum())
    value = float(tree.capacity[node])
    count = int((side[u] != side[v]).sum())
    what = (
        f"isolates **{tree.names[node]}**"
        if side.sum() == 1
        else f"parts **{smaller:,} of {len(side):,} nodes** from the others"
    )
    return (
        f"This minimum cut {what}: {count:,} weights that hold {small_share(value / total)} of the "
        f"network's weight. No cheaper set of weights separates {tree.names[node]} from "
        f"{tree.names[tree.parent[node]]}."
    )
