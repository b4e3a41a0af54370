"""The structures behind the losses, on networks where they are known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.modularity.module_tree import module_tree
from explorer.modularity.partition import make_partition
from explorer.network.graph import graph_from_masses
from explorer.network.weightings import graph_masses, measure_activity
from explorer.training.losses.bimt import BrainInspired
from explorer.training.losses.contracted_cut_tree import ContractedCutTree
from explorer.training.losses.cut_tree_sum import CutTreeSum, hop_distances
from explorer.training.losses.n_cut import NCut
from tests.networks import make_network
from tests.training.losses.test_losses import CONFIG, network_of, ready


def graph_of(network, inputs):
    masses = graph_masses(network, "activity", measure_activity(network, inputs), double=True)
    return graph_from_masses(network, [mass.detach() for mass in masses], "activity")


@pytest.mark.parametrize("kind", ["mlp", "cnn", "gpt"])
def test_the_sum_of_the_tree_is_weight_times_hops(kind):
    network, inputs = network_of(kind)
    loss, _ = ready("cut_tree_sum", network, inputs)
    assert isinstance(loss, CutTreeSum)
    hops = hop_distances(loss.cuts.parent)
    weight = loss._capacity(network).detach().double()
    summed = (weight * torch.from_numpy(hops[loss.cuts.u, loss.cuts.v])).sum()
    assert float(loss.cuts(weight).sum()) == pytest.approx(float(summed), rel=1e-9)


def test_on_a_star_it_is_l1():
    network, inputs = network_of("mlp")
    loss, _ = ready("cut_tree_sum", network, inputs)
    n = sum(loss.sizes)
    loss.cuts.parent = np.where(np.arange(n) == n - 1, -1, n - 1)  # around the last output
    network.zero_grad()
    loss.scale = 1.0
    value = loss.penalty((), network)
    value.backward()
    all_weights = sum(float(w.detach().abs().sum()) for w in network.matrices)
    at_centre = float(network.matrices[-1].detach()[-1].abs().sum())
    assert float(value.detach()) == pytest.approx(2 * all_weights - at_centre, rel=1e-6)
    for weight in network.matrices[:-1]:
        torch.testing.assert_close(weight.grad, 2 * weight.detach().sign())


def test_the_contracted_tree_of_two_modules_is_conductance():
    network, inputs = network_of("mlp")
    loss, activity = ready("contracted_cut_tree", network, inputs)
    assert isinstance(loss, ContractedCutTree)
    partition = make_partition(graph_of(network, inputs), loss.labels)
    crossing = partition.crossing
    volume = crossing.sum(axis=0) + crossing.sum(axis=1)
    wanted = (crossing[0, 1] + crossing[1, 0]) / volume.min()
    assert loss.of_network(network, activity, 1.0).value == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("kind", ["mlp", "gpt"])
def test_the_contracted_tree_is_the_modules_tree(kind):
    network, inputs = network_of(kind)
    loss, activity = ready("contracted_cut_tree", network, inputs, module_count=4)
    graph = graph_of(network, inputs)
    partition = make_partition(graph, loss.labels)
    assert partition.count == 4
    tree = module_tree(graph, partition)
    total = 0.0
    volume = np.array([module.volume for module in partition.modules])
    for child, parent in enumerate(tree.parent):
        if parent >= 0:
            side = np.array([child in _above(tree.parent, node) for node in range(4)])
            smaller = 2 * min(volume[side].sum(), volume[~side].sum())
            total += tree.capacity[child] / smaller
    assert loss.of_network(network, activity, 1.0).value == pytest.approx(total / 3, rel=0.02)


def _above(parent, node):
    found = []
    while node >= 0:
        found.append(node)
        node = parent[node]
    return found


def test_a_module_without_mass_pays_the_most():
    block = torch.kron(torch.eye(2), torch.ones(4, 4))
    network = make_network([block, block]).requires_grad_(True)
    loss, activity = ready("contracted_cut_tree", network, torch.ones(4, 8))
    loss.labels = np.zeros_like(loss.labels)
    loss.cuts.parent = np.array([-1, 0])
    assert loss.of_network(network, activity, 1.0).value == 1.0


def test_the_n_cut_loss_is_the_mean_of_small_eigenvalues():
    network, inputs = network_of("mlp")
    loss, activity = ready("n_cut", network, inputs, module_count=3)
    assert isinstance(loss, NCut)
    adjacency = np.zeros((36, 36))
    graph = graph_of(network, inputs)
    u, v, mass, _ = graph.edges
    np.add.at(adjacency, (u, v), mass)
    adjacency += adjacency.T
    attached = adjacency.sum(axis=0) > 0
    adjacency = adjacency[attached][:, attached]
    root = np.sqrt(adjacency.sum(axis=0))
    values = np.linalg.eigvalsh(np.eye(len(root)) - adjacency / np.outer(root, root))
    assert values[0] == pytest.approx(0.0, abs=1e-9)
    wanted = values[1:3].mean()
    assert loss.of_network(network, activity, 1.0).value == pytest.approx(wanted, abs=1e-5)


def test_neurons_find_their_places():
    generator = torch.Generator().manual_seed(0)
    block = torch.kron(torch.eye(2), torch.ones(5, 5))
    rows = [torch.randperm(10, generator=generator) for _ in range(3)]
    shuffled = [block[rows[0]], block[rows[1]][:, rows[0]], block[rows[2]][:, rows[1]]]
    network = make_network(shuffled).requires_grad_(True)
    loss, activity = ready("bimt", network, torch.ones(4, 10))
    assert isinstance(loss, BrainInspired)
    start = BrainInspired(loss.config, network)
    start.labels = loss.labels
    paid = loss.of_network(network, activity, 1.0).value
    # Two halves apart: within one half, the mean distance of two places is a sixth.
    assert paid == pytest.approx(0.5, abs=0.03)
    assert start.of_network(network, activity, 1.0).value > 0.8
    assert sorted(np.round(loss.places[1], 6)) == sorted(np.round(start.places[1], 6))


def test_blocks_of_the_group_lasso():
    network = make_network([torch.ones(4, 4), torch.ones(4, 4)]).requires_grad_(True)
    loss, activity = ready("group_lasso", network, torch.ones(4, 4))
    loss.labels = np.tile([0, 0, 1, 1], 3)
    assert loss.of_network(network, activity, 1.0).value == pytest.approx(1.0, abs=1e-6)
    sparse = torch.ones(4, 4)
    sparse[:2, 2:] = torch.tensor([[2.0, 0.0], [0.0, 0.0]])
    lone = make_network([sparse, torch.ones(4, 4)]).requires_grad_(True)
    config = replace(CONFIG, loss="group_lasso", graph="layer")
    loss.config = config
    # One block of mass 1/7 on a single weight: sqrt(4) times its norm.
    wanted = ((2 * 2 / 14 + 4 / 14) / 0.5 + 1.0) / 2
    assert loss.of_network(lone, None, 1.0).value == pytest.approx(wanted, abs=1e-6)
