"""The cut tree as a drawing: folded, searched, and small whatever the tree."""

import numpy as np
import pytest

from explorer import find_modules, gomory_hu_tree, load, network_graph
from explorer.modularity.cut_tree import CutTree
from explorer.modularity.partition import Partition, make_partition
from explorer.network.graph import EdgeBlock, Layer, NetworkGraph
from explorer.views.cut_tree_graph import cut_tree_graph, module_tree_graph, neuron_of
from explorer.views.tree_bunches import bunch_id


def star(leaves: int) -> tuple[CutTree, Partition]:
    """Make the tree of a network with one output that reads every input."""
    layers = (Layer("inputs", "input", leaves), Layer("outputs", "output", 1))
    mass = np.full((1, leaves), 1.0 / leaves)
    names = (*(f"input {i}" for i in range(leaves)), "output")
    graph = NetworkGraph(layers, (EdgeBlock(0, 1, mass),), names, "layer")
    return gomory_hu_tree(graph), make_partition(graph, [0] * (leaves + 1))


def test_a_star_is_two_shapes_until_it_is_unfolded() -> None:
    tree, partition = star(30)
    folded = cut_tree_graph(tree, partition)
    assert [node.label for node in folded.nodes] == ["output", "+ 30 neurons"]
    unfolded = cut_tree_graph(tree, partition, frozenset({bunch_id("n30")}))
    assert len(unfolded.nodes) == 32


def test_a_neuron_that_is_searched_stands_beside_its_bunch() -> None:
    tree, partition = star(5_000)
    spec = cut_tree_graph(tree, partition, searched=17)
    assert {node.label for node in spec.nodes} == {"output", "input 17", "+ 4,999 neurons"}
    assert "isolates input 17" in next(e.title for e in spec.edges if e.id == "cut17")
    root = cut_tree_graph(tree, partition, searched=5_000)
    assert len(root.nodes) == 2


def test_a_tree_too_large_to_unfold_is_refused_in_words() -> None:
    tree, partition = star(5_000)
    with pytest.raises(ValueError, match="at most 1,000 nodes"):
        cut_tree_graph(tree, partition, frozenset({bunch_id("n5000")}))


def test_ids_tell_the_neuron_and_nothing_else() -> None:
    assert neuron_of("n12") == neuron_of("cut12") == 12
    assert neuron_of("bunch:n12") is None
    assert neuron_of("nx") is None


def test_every_node_and_cut_of_a_module_tree_is_drawn() -> None:
    from explorer import module_tree

    graph = network_graph(load("digits-modular"))
    partition = find_modules(graph, 4)
    spec = module_tree_graph(module_tree(graph, partition), partition)
    assert sorted(node.id for node in spec.nodes) == ["A", "B", "C", "D"]
    assert len(spec.edges) == 3
