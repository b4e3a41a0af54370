"""The cut tree over modules: in which order, and at what cost, they part."""

import numpy as np

from explorer.modularity.cut_tree import CutTree
from explorer.modularity.cut_tree.engine import gomory_hu_arrays
from explorer.modularity.partition import Partition
from explorer.network.graph import NetworkGraph


def module_tree(graph: NetworkGraph, partition: Partition) -> CutTree:
    """Compute the exact Gomory-Hu tree of the graph whose nodes are the modules.

    Each module is contracted to one node; between two of them runs an edge of the mass of their
    interface. The tree gives the value of the minimum cut between every two modules *that keeps
    modules whole*, and so a hierarchy of them.

    Parameters
    ----------
    graph : NetworkGraph
    partition : Partition
        Of this graph.

    Returns
    -------
    CutTree
        Its nodes are called as the modules are: A, B, ...; values are shares of the mass of the
        whole graph.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> graph = network_graph(load("xor4-modular"))
    >>> tree = module_tree(graph, find_modules(graph))
    >>> sorted(tree.nodes)
    ['A', 'B', 'C', 'D']
    """
    if partition.graph.id != graph.id:
        from explorer.errors import PartitionError

        raise PartitionError(
            f"found a partition of the graph {partition.graph.id}; expected one of {graph.id}"
        )
    between = partition.crossing + partition.crossing.T
    first, second = np.triu_indices(partition.count, k=1)
    parent, value = gomory_hu_arrays(
        partition.count, first, second, np.ascontiguousarray(between[first, second])
    )
    names = tuple(module.name for module in partition.modules)
    return CutTree(names, parent, value, partition.id, tuple(f"module {name}" for name in names))
