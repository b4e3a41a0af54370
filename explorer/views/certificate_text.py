"""Whether the cut tree certifies the modules, in words, and by how much it fails."""

import numpy as np

from explorer.modularity.cut_tree.certificate import LEAST_BALANCE, BalancedCut, boundary_ratio
from explorer.modularity.cut_tree.tree import CutTree
from explorer.modularity.layered import layered_modularity
from explorer.modularity.partition import Partition
from explorer.network.graph import Bools, NetworkGraph
from explorer.views.text import small_share

SPLIT_SHARE = 0.5  # of the most that Q_B can be for two sides of this balance
NEGLIGIBLE = 0.01  # of the weight of a side


def describe_certificate(tree: CutTree, partition: Partition) -> str:
    """Say whether a balanced minimum cut certifies that the network falls apart.

    Parameters
    ----------
    tree : CutTree
        Over the neurons of the partition's graph.
    partition : Partition

    Returns
    -------
    str
        Markdown.
    """
    graph = partition.graph
    cuts = [cut for cut in tree.balanced_cuts(graph) if _is_a_split(tree, graph, cut)]
    if cuts:
        best = cuts[0]
        return (
            f"**Certified:** a minimum cut parts off {_matching_modules(tree, partition, best)} "
            f"(balance {best.balance:.2f} of 1), at "
            f"{small_share(best.cut_per_volume)} of the weight of the lighter side. "
            "The two sides hang together by no more than a single neuron holds."
        )
    if tree.balanced_cuts(graph):
        return (
            "**Not certified:** a minimum cut parts two large sides, but by depth: first layers "
            "from last ones. That is a bottleneck between layers, not a split into modules."
        )
    if partition.count < 2:
        return "**Not certified:** there are no two modules to part."
    ratio, name = min(
        (boundary_ratio(graph, partition.labels == module.index), module.name)
        for module in partition.modules
    )
    said = (
        f"**Not certified:** no minimum cut parts off a group with at least "
        f"{LEAST_BALANCE / 2:.0%} of the network's weight. "
    )
    if ratio <= 1:
        return said + f"Module {name} hangs on by little, but something smaller is cut first."
    return said + (
        f"The module that comes nearest is {name}: the weight that leaves it is {ratio:.1f} times "
        f"what the heaviest neuron on the lighter side of it holds. It would have to be at most "
        f"once, and even that is not enough by itself."
    )


def _side(tree: CutTree, cut: BalancedCut) -> Bools:
    inside = np.zeros(len(tree.nodes), dtype=np.bool_)
    inside[[int(str(node)) for node in tree.cut_side(cut.node)]] = True
    return inside


def _is_a_split(tree: CutTree, graph: NetworkGraph, cut: BalancedCut) -> bool:
    """Whether the two sides part the layers themselves, and not first layers from last ones."""
    labels = _side(tree, cut).astype(np.int64)
    labels[graph.degrees == 0] = -1
    # The most for sides of this balance: 1/2 for equal ones, less for others.
    share = cut.balance / 2
    return layered_modularity(graph, labels) >= SPLIT_SHARE * 2 * share * (1 - share)


def _matching_modules(tree: CutTree, partition: Partition, cut: BalancedCut) -> str:
    """Name the modules that make up the smaller side, but for neurons of next to no weight."""
    inside, labels, degrees = _side(tree, cut), partition.labels, partition.graph.degrees
    if degrees[inside].sum() > degrees[~inside].sum():
        inside = ~inside
    within = [
        module
        for module in partition.modules
        if 2 * degrees[inside & (labels == module.index)].sum()
        > degrees[labels == module.index].sum()
    ]
    differing = (np.isin(labels, [module.index for module in within]) != inside) & (labels >= 0)
    if not within or degrees[differing].sum() > NEGLIGIBLE * degrees[inside].sum():
        return "a group that is no union of the modules found"
    names = " and ".join(module.name for module in within)
    but = (
        f", but for {int(differing.sum())} neurons of next to no weight" if differing.any() else ""
    )
    return f"module{'s' if len(within) > 1 else ''} {names}{but}"
