"""Graphs in which a layer leads into itself, or twice into another: what is computed on them."""

import networkx as nx
import numpy as np
import pytest
import torch

from explorer.modularity.cut_tree.tree import gomory_hu_tree
from explorer.modularity.finding import find_modules
from explorer.modularity.layered import layered_modularity
from explorer.modularity.quality import quality
from explorer.network.architectures.dataflow_forms import network_from
from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import network_graph


@pytest.fixture(scope="module")
def graph():
    """Two residual linear layers on one stream: x + W relu(x), twice."""
    generator = torch.Generator().manual_seed(0)
    recipe = Recipe((4,))
    stream = recipe.add("linear", 0, weight=torch.randn(6, 4, generator=generator))
    for _ in range(2):
        active = recipe.add("relu", stream)
        added = recipe.add("linear", active, weight=torch.randn(6, 6, generator=generator))
        stream = recipe.add("add", (stream, added))
    recipe.add("linear", stream, weight=torch.randn(3, 6, generator=generator))
    return network_graph(Checkpoint("residual", network_from(recipe)), "layer")


def test_every_weight_step_is_a_block(graph):
    assert [(block.source, block.target) for block in graph.blocks] == [
        *((0, 1), (1, 1), (1, 1), (1, 2)),
    ]
    assert all(block.sums(0).sum() == pytest.approx(1) for block in graph.blocks)


def test_layered_modularity_is_the_mean_over_blocks(graph):
    labels = np.arange(graph.node_count) % 2
    shares = []
    for block in graph.blocks:
        mass = block.dense()
        rows = labels[graph.offsets[block.target] : graph.offsets[block.target + 1]]
        columns = labels[graph.offsets[block.source] : graph.offsets[block.source + 1]]
        same = rows[:, None] == columns[None, :]
        expected = np.outer(mass.sum(axis=1), mass.sum(axis=0))
        shares.append(((mass - expected) * same).sum())
    assert layered_modularity(graph, labels) == pytest.approx(np.mean(shares))


def test_minimum_cuts_are_those_of_the_joint_graph(graph):
    """A neuron's weight onto itself is in no cut, and blocks between the same nodes add up."""
    tree, joint = gomory_hu_tree(graph), graph.to_networkx()
    for u in range(graph.node_count):
        for v in range(u):
            wanted = nx.minimum_cut_value(joint, u, v, capacity="weight")
            assert tree.minimum_cut_value(u, v) == pytest.approx(wanted)


def test_modules_are_found_and_compared_with_shuffled_networks(graph):
    partition = find_modules(graph)
    assert len(partition.labels) == graph.node_count
    measured = quality(graph, partition, null_count=2)
    wanted = layered_modularity(graph, np.asarray(partition.labels))
    assert measured.layered_modularity.value == pytest.approx(wanted)
