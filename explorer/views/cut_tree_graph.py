"""The cut tree as a drawing, its bunches of single neurons folded."""

import math

from explorer.modularity.cut_tree import CutTree
from explorer.modularity.partition import Partition
from explorer.views.graph_spec import GraphEdge, GraphNode, GraphSpec
from explorer.views.palette import NEUTRAL, module_color
from explorer.views.text import small_share
from explorer.views.tree_bunches import bunch_id, fold_leaves


def cut_tree_graph(
    tree: CutTree,
    partition: Partition,
    unfolded: frozenset[str] = frozenset(),
    searched: int | None = None,
    height: int = 460,
) -> GraphSpec:
    """Draw the tree over neurons, from the root down.

    Parameters
    ----------
    tree : CutTree
        Of the partition's graph.
    partition : Partition
        Gives nodes their colours.
    unfolded : frozenset of str
        Ids of the bunches whose neurons are shown; see ``tree_bunches``.
    searched : int, optional
        A node to show in any case, beside its bunch if that is folded.
    height : int
        Pixels.

    Returns
    -------
    GraphSpec
        Node ids are ``n`` and the node's number, edge ids ``cut`` and the number of the node
        below.
    """
    labels = partition.labels.tolist()
    total = sum(block.total for block in partition.graph.blocks) or 1.0
    order = tree.order.tolist()
    nodes = [
        GraphNode(
            id=f"n{node}",
            label=tree.names[node],
            title=_node_title(tree, partition, node, total),
            color=module_color(labels[node]),
            size=9.0,
        )
        for node in order
    ]
    edges = [
        GraphEdge(
            id=f"cut{node}",
            source=f"n{tree.parent[node]}",
            target=f"n{node}",
            width=_width(tree, node, total),
            color=NEUTRAL,
            title=cut_title(tree, node, total),
        )
        for node in order
        if tree.parent[node] >= 0
    ]
    folded_nodes, folded_edges = fold_leaves(
        nodes, edges, unfolded=unfolded, apart=_apart(tree, searched, unfolded)
    )
    return GraphSpec(
        folded_nodes, folded_edges, hierarchical=True, height=height, description="Cut tree"
    )


def module_tree_graph(tree: CutTree, partition: Partition, height: int = 300) -> GraphSpec:
    """Draw the tree over modules; ids are modules' names, and ``cut`` and a module's name."""
    modules = {module.name: module for module in partition.modules}
    order = [str(tree.nodes[node]) for node in tree.order.tolist()]
    nodes = tuple(
        GraphNode(
            id=name,
            label=f"Module {name}",
            title=f"Module {name}\n{len(modules[name].nodes):,} neurons",
            color=module_color(modules[name].index),
            size=10.0 + 24.0 * math.sqrt(modules[name].volume),
        )
        for name in order
    )
    edges = tuple(
        GraphEdge(
            id=f"cut{tree.nodes[node]}",
            source=str(tree.nodes[tree.parent[node]]),
            target=str(tree.nodes[node]),
            width=_width(tree, node),
            color=NEUTRAL,
            title=cut_title(tree, node),
        )
        for node in tree.order.tolist()
        if tree.parent[node] >= 0
    )
    return GraphSpec(
        nodes, edges, hierarchical=True, height=height, description="Cut tree over modules"
    )


def cut_title(tree: CutTree, node: int, total: float = 1.0) -> str:
    """Hover text of the tree edge above a node; values are shares of ``total``."""
    below = int(tree.subtree_size[node])
    count = len(tree.nodes)
    what = (
        f"isolates {tree.names[node]}"
        if below == 1
        else f"parts {below} nodes from the other {count - below}"
    )
    return f"Minimum cut: {small_share(tree.capacity[node] / total)} of the weight\n{what}"


def _node_title(tree: CutTree, partition: Partition, node: int, total: float) -> str:
    label = int(partition.labels[node])
    where = f"module {partition.modules[label].name}" if label >= 0 else "no module: no weights"
    if tree.parent[node] < 0:
        return f"{tree.names[node]}\n{where}\nthe root: heaviest of all nodes"
    return f"{tree.names[node]}\n{where}\n{cut_title(tree, node, total)}"


def _width(tree: CutTree, node: int, total: float = 1.0) -> float:
    """Pixels: thin where almost nothing passes, the same scale for every network."""
    return 1.0 + 14.0 * math.sqrt(min(tree.capacity[node] / total, 0.5))


def neuron_of(drawn_id: str) -> int | None:
    """Return the node whose neuron, or whose cut, an id in the drawing stands for."""
    for prefix in ("cut", "n"):
        rest = drawn_id.removeprefix(prefix)
        if rest != drawn_id and rest.isdecimal():
            return int(rest)
    return None


def _apart(tree: CutTree, searched: int | None, unfolded: frozenset[str]) -> frozenset[str]:
    if searched is None or bunch_id(f"n{tree.parent[searched]}") in unfolded:
        return frozenset()
    return frozenset({f"n{searched}"})
