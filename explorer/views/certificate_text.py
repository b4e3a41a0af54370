"""Whether the cut tree certifies the modules, in words, and by how much it fails."""

import numpy as np

from explorer.modularity.cut_tree.certificate import BalancedCut, boundary_ratio
from explorer.modularity.cut_tree.tree import CutTree
from explorer.modularity.partition import Partition


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
    cuts = tree.balanced_cuts(graph)
    if cuts:
        best = cuts[0]
        module = _matching_module(tree, partition, best)
        matching = f", which is exactly module {module}" if module else ""
        return (
            f"**Certified:** a minimum cut parts {best.size} nodes{matching} (balance "
            f"{best.balance:.2f} of 1), at {best.cut_per_volume:.1%} of the weight of the lighter "
            f"side. The two sides hang together by less weight than a single neuron holds."
        )
    if partition.count < 2:
        return "**Not certified:** there are no two modules to part."
    ratios = [
        (boundary_ratio(graph, partition.labels == module.index), module.name)
        for module in partition.modules
    ]
    ratio, name = min(ratios)
    return (
        f"**Not certified:** no minimum cut parts off a real group. The module that comes nearest "
        f"is {name}: the weight that leaves it is {ratio:.1f} times what the heaviest neuron "
        f"holds, and would have to be less than that."
    )


def _matching_module(tree: CutTree, partition: Partition, cut: BalancedCut) -> str | None:
    """Name of the module that one side of the cut is, nodes without edges aside."""
    inside = np.zeros(len(tree.nodes), dtype=np.bool_)
    inside[[int(str(node)) for node in tree.cut_side(cut.node)]] = True
    attached = partition.labels >= 0
    for module in partition.modules:
        own = partition.labels == module.index
        if (own == inside)[attached].all() or (own == ~inside)[attached].all():
            return module.name
    return None
