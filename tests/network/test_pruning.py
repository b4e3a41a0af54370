"""Pruning keeps exactly what its definition says."""

import numpy as np
import pytest
import torch

from explorer import load, network_graph
from explorer.errors import GraphError
from explorer.network import pruning
from explorer.network.architectures import CNN, GPT
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import NetworkGraph
from explorer.network.weightings import measure_activity
from tests.network.tiny_transformers import network_of
from tests.networks import random_network


def rounded(checkpoint: Checkpoint) -> Checkpoint:
    """Round weights to quarters, so that many edges are equally strong."""
    network = checkpoint.network
    return Checkpoint("r", network.with_matrices([(4 * m).round() / 4 for m in network.matrices]))


def cnn() -> CNN:
    network = CNN((4, 4), (2, 6, 8), 5)
    network.initialise(torch.Generator().manual_seed(0))
    return network


def cases() -> dict[str, Checkpoint]:
    made = {
        "mlp": random_network([7, 9, 8, 4]),
        "cnn": cnn(),
        "gpt": GPT(tokens=11, width=8, heads=2, feed_forward=(12, 10)),
        "transformer": network_of("gemma3_text"),
        "tied": random_network([7, 9, 8, 4], seed=1),
    }
    return {
        name: rounded(Checkpoint(name, network)) if name == "tied" else Checkpoint(name, network)
        for name, network in made.items()
    }


CASES = cases()


def kept_by_definition(full: NetworkGraph, network, keep: int) -> list[set[tuple[int, int]]]:
    """Node by node, edge by edge."""
    kept: list[set[tuple[int, int]]] = [set() for _ in full.blocks]
    own = [layer.role not in ("residual", "input") for layer in full.layers]
    for place, layer in enumerate(full.layers):
        for neuron in range(layer.size):
            edges = []
            for at, block in enumerate(full.blocks):
                mass = block.dense()
                if block.target == place and (own[place] or not own[block.source]):
                    edges += [(-m, at, other) for other, m in enumerate(mass[neuron])]
                elif block.source == place and own[place]:
                    edges += [(-m, at, other) for other, m in enumerate(mass[:, neuron])]
            for m, at, other in sorted(edges)[: keep * network.neurons_behind(place)]:
                if m < 0:
                    inward = full.blocks[at].target == place
                    kept[at].add((neuron, other) if inward else (other, neuron))
    return kept


@pytest.mark.parametrize("keep", [1, 3])
@pytest.mark.parametrize("name", CASES)
def test_every_neuron_keeps_its_strongest_edges(name, keep):
    checkpoint = CASES[name]
    full = network_graph(checkpoint, "layer")
    assert full.pruning is None
    pruned = network_graph(checkpoint, "layer", keep)
    wanted = kept_by_definition(full, checkpoint.network, keep)
    shares = []
    for before, after, expected in zip(full.blocks, pruned.blocks, wanted, strict=True):
        rows, columns, mass = after.coordinates()
        assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == expected
        old = before.dense()[rows, columns]
        assert mass == pytest.approx(old / old.sum())
        shares.append(old.sum())
    assert pruned.pruning.edges == sum(map(len, wanted)) == pruned.edge_count
    assert pruned.pruning.all_edges == full.edge_count
    assert pruned.pruning.mass == pytest.approx(np.mean(shares))
    assert pruned.pruning.keep == keep


@pytest.mark.parametrize("name", CASES)
def test_a_share_of_the_mass_is_held_by_as_few_edges_as_can_be(name):
    full = network_graph(CASES[name], "layer")
    pruned = network_graph(CASES[name], "layer", 0.8)
    for before, after in zip(full.blocks, pruned.blocks, strict=True):
        rows, columns, _ = after.coordinates()
        old = before.dense()[rows, columns]
        assert old.sum() >= 0.8 - 1e-9
        assert old.sum() - old.min() < 0.8
        assert (before.dense() > old.min()).sum() < len(old)


@pytest.mark.parametrize("name", CASES)
def test_where_everything_is_kept_nothing_changes(name):
    full = network_graph(CASES[name], "layer")
    for keep in (10_000, 1.0):
        same = network_graph(CASES[name], "layer", keep)
        assert same.pruning is None
        assert same.edges[0].tolist() == full.edges[0].tolist()
        assert same.edges[2] == pytest.approx(full.edges[2])


def test_many_edges_are_pruned_by_themselves(monkeypatch):
    checkpoint = CASES["transformer"]
    monkeypatch.setattr(pruning, "MAX_EDGES", 10)
    monkeypatch.setattr(pruning, "DEFAULT_KEEP", 2)
    assert network_graph(checkpoint, "layer").pruning.keep == 2
    assert network_graph(checkpoint, "layer").id == network_graph(checkpoint, "layer", 2).id


def test_activity_is_measured_once_and_kept(monkeypatch):
    checkpoint = load("xor4-modular")
    pruned = network_graph(checkpoint, "activity", 3)
    assert pruned.activity is not None
    monkeypatch.setattr("explorer.network.graph.activity_on_data", None)
    again = network_graph(checkpoint, "activity", 3, activity=pruned.activity)
    assert again.id == pruned.id
    assert network_graph(checkpoint, "path", 3).activity is None


def test_link_by_link_is_all_at_once():
    checkpoint = CASES["transformer"]
    network = checkpoint.network
    assert network.streams
    activity = measure_activity(network, torch.arange(12).reshape(2, 6) % network.input_size)
    for known in (None, activity):
        at_once = network.magnitudes(known)
        for link, whole in enumerate(at_once):
            assert torch.allclose(network.link_magnitude(link, known), whole)


def test_progress_and_stop():
    seen: list[float] = []
    network_graph(CASES["transformer"], "layer", 2, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        network_graph(CASES["transformer"], "layer", 2, stop)


@pytest.mark.parametrize("keep", [0, -1, True, 0.0, 1.5, "32", float("nan")])
def test_what_is_no_number_of_edges(keep):
    with pytest.raises(GraphError, match=r"found keep = .*; expected a whole number of edges"):
        network_graph(CASES["mlp"], "layer", keep)
