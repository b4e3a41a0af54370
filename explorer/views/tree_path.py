"""The way from the root of a large cut tree to one node: what is drawn where the tree is too large.

Beside the way stand the largest branches that leave it, each a node to go on from, and the rest as
one square.
"""

from collections import Counter

import numpy as np

from explorer.modularity.cut_tree import CutTree
from explorer.modularity.partition import Partition
from explorer.network.graph import Ints, NetworkGraph
from explorer.views.cut_tree_graph import cut_title
from explorer.views.graph_spec import GraphEdge, GraphNode, GraphSpec
from explorer.views.palette import NEUTRAL, module_color
from explorer.views.text import small_share

_BRANCHES = 6  # that leave a node of the way, the largest first
_LONGEST = 40  # nodes of the way that are drawn: of a longer one, those at its end
_NAMED = 12


def largest_branch(tree: CutTree) -> int:
    """Return the node below the cut that parts off most nodes and still not more than half."""
    sizes = np.where(tree.parent < 0, 0, np.minimum(tree.subtree_size, _rest(tree)))
    return int(sizes.argmax())


def tree_path_graph(tree: CutTree, partition: Partition, node: int, height: int = 460) -> GraphSpec:
    """Draw the nodes from the root to a node, and what branches off on the way.

    Parameters
    ----------
    tree : CutTree
        Of the partition's graph.
    partition : Partition
        Gives nodes their colours.
    node : int
    height : int
        Pixels.

    Returns
    -------
    GraphSpec
        Ids as those of ``cut_tree_graph``; squares are called ``rest`` and a node's number.
    """
    way = path_to(tree, node)[-_LONGEST:]
    total = float(partition.graph.edges[2].sum()) or 1.0
    labels = partition.labels
    nodes: list[GraphNode] = []
    edges: list[GraphEdge] = []

    def add(at: int, parent: int | None) -> None:
        below = int(tree.subtree_size[at])
        more = "" if below == 1 or at in way else f"\n+ {below - 1:,} below"
        nodes.append(
            GraphNode(
                id=f"n{at}",
                label=f"{tree.names[at]}{more}",
                title=f"{tree.names[at]}\n{_title(tree, at, total)}",
                color=module_color(int(labels[at])),
                size=9.0 if below == 1 else min(24.0, 9.0 + below**0.25),
            )
        )
        if parent is not None:
            edges.append(
                GraphEdge(
                    id=f"cut{at}",
                    source=f"n{parent}",
                    target=f"n{at}",
                    width=1.0 + 14.0 * min(float(tree.capacity[at]) / total, 0.5) ** 0.5,
                    color=NEUTRAL,
                    title=cut_title(tree, at, total),
                )
            )

    for place, at in enumerate(way):
        add(at, way[place - 1] if place else None)
        onward = way[place + 1] if place + 1 < len(way) else None
        children = np.flatnonzero(tree.parent == at)
        children = children[children != onward] if onward is not None else children
        ranked = children[np.argsort(-tree.subtree_size[children], kind="stable")]
        for child in ranked[:_BRANCHES].tolist():
            if tree.subtree_size[child] > 1 or len(ranked) <= _BRANCHES:
                add(child, at)
        shown = [c for c in ranked[:_BRANCHES].tolist() if tree.subtree_size[c] > 1]
        rest = ranked if not shown else ranked[~np.isin(ranked, shown)]
        if len(ranked) > _BRANCHES and len(rest):
            _add_rest(nodes, edges, at, int(tree.subtree_size[rest].sum()))
    return GraphSpec(
        tuple(nodes), tuple(edges), hierarchical=True, height=height, description="Way in the tree"
    )


def path_to(tree: CutTree, node: int) -> list[int]:
    """Return the nodes from the root to a node."""
    way = [node]
    while tree.parent[way[-1]] >= 0:
        way.append(int(tree.parent[way[-1]]))
    return way[::-1]


def describe_side(graph: NetworkGraph, tree: CutTree, node: int) -> str:
    """Say what a cut of a large tree parts off: how many nodes of which layers, and some names."""
    below = nodes_below(tree, node)
    total = float(graph.edges[2].sum()) or 1.0
    share = small_share(float(tree.capacity[node]) / total)
    if len(below) == 1:
        return f"This minimum cut isolates **{tree.names[node]}**, at {share} of the weight."
    layers = Counter(graph.layers[layer].name for layer in graph.layer_of[below].tolist())
    named = ", ".join(f"{count:,} of {layer}" for layer, count in layers.most_common(_NAMED))
    more = f" and {len(layers) - _NAMED} more layers" if len(layers) > _NAMED else ""
    heaviest = below[np.argsort(-graph.degrees[below], kind="stable")][:_NAMED]
    return (
        f"This minimum cut parts **{len(below):,} of {graph.node_count:,} nodes** from the others, "
        f"at {share} of the weight: {named}{more}. The heaviest of them: "
        f"{', '.join(tree.names[at] for at in heaviest.tolist())}."
    )


def nodes_below(tree: CutTree, node: int) -> Ints:
    """Return a node and all nodes below it."""
    inside = np.zeros(len(tree.nodes), dtype=bool)
    inside[node] = True
    for at in tree.order.tolist():
        above = tree.parent[at]
        if above >= 0 and inside[above]:
            inside[at] = True
    return np.flatnonzero(inside)


def _rest(tree: CutTree) -> Ints:
    return np.asarray(len(tree.nodes) - tree.subtree_size)


def _title(tree: CutTree, node: int, total: float) -> str:
    if tree.parent[node] < 0:
        return "the root: heaviest of all nodes"
    return cut_title(tree, node, total)


def _add_rest(nodes: list[GraphNode], edges: list[GraphEdge], parent: int, count: int) -> None:
    nodes.append(
        GraphNode(
            id=f"rest{parent}",
            label=f"{count:,} more",
            title=f"{count:,} more nodes hang here, most of them cheapest to cut off alone",
            color=NEUTRAL,
            size=min(30.0, 8.0 + count**0.5 / 4),
            shape="square",
        )
    )
    edges.append(
        GraphEdge(
            id=f"rest{parent}:edge",
            source=f"n{parent}",
            target=f"rest{parent}",
            width=1.0,
            color=NEUTRAL,
            title=f"{count:,} nodes that are not drawn",
        )
    )
