"""The evidence of modules, interfaces and neurons, and what it says of `pair-modular`."""

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from explorer import evidence, find_modules, load, network_graph
from explorer.errors import GraphError, PartitionError
from explorer.modularity.partition import make_partition
from explorer.network.checkpoint import Checkpoint
from explorer.observation.ablation import ablate
from explorer.observation.activations import hidden_nodes, record_activations
from explorer.observation.record import neuron_evidence
from tests.networks import graph_of, random_network, tiny_network


@pytest.fixture(scope="module")
def pair():
    return load("pair-modular")


@pytest.fixture(scope="module")
def partition(pair):
    return find_modules(network_graph(pair))


def head_reached(checkpoint) -> np.ndarray:
    """For every hidden neuron, the head whose logits follow it more, on average over examples."""
    inputs = checkpoint.task.split("test").inputs
    layers = checkpoint.network.trace(inputs).layers
    tail, heads = torch.eye(layers[-1].shape[1]).double(), []
    for layer in range(len(layers) - 2, 0, -1):
        tail = tail @ checkpoint.network.weights[layer].double()
        by_head = [tail[outputs].abs().sum(dim=0) for outputs in checkpoint.task.head_slices]
        heads.insert(0, torch.stack(by_head).argmax(dim=0))
        tail = tail * (layers[layer] > 0).double().mean(dim=0)  # as often as it is active
    return torch.cat(heads).numpy()


def test_modules_of_pair_modular_are_the_two_tasks(pair, partition):
    assert partition.count == 2
    widths = pair.network.widths
    hidden = slice(widths[0], sum(widths[:-1]))
    outputs = slice(sum(widths[:-1]), sum(widths))
    found = partition.labels[hidden]
    attached = found >= 0
    assert attached.sum() > 10
    assert adjusted_rand_score(head_reached(pair)[attached], found[attached]) == 1.0
    assert adjusted_rand_score(np.repeat([0, 1], 10), partition.labels[outputs]) == 1.0
    both = np.concatenate([head_reached(pair)[attached], np.repeat([0, 1], 10)])
    labels = np.concatenate([found[attached], partition.labels[outputs]])
    assert adjusted_rand_score(both, labels) == 1.0


@pytest.mark.parametrize("split", ["explain", "score", "test"])
def test_ablating_a_module_of_pair_modular_kills_one_task(pair, partition, split):
    killed = []
    for module in partition.modules:
        effect = ablate(pair, hidden_nodes(module), split=split)
        lost = [change.lost for change in effect.heads]
        killed.append(int(np.argmax(lost)))
        assert effect.heads[killed[-1]].after < 0.25  # near guessing
        assert abs(min(lost, key=abs)) <= 0.02
    assert sorted(killed) == [0, 1]


def test_evidence_of_a_module(pair, partition):
    graph = partition.graph
    for module in partition.modules:
        found = evidence(pair, module)
        assert (found.checkpoint_id, found.partition_id) == (pair.id, partition.id)
        assert {neuron.node for neuron in found.neurons} == set(module.nodes)
        shares = [neuron.share for neuron in found.neurons]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1)
        assert all(0 <= neuron.inside <= 1 + 1e-12 for neuron in found.neurons)
        assert all(0 <= neuron.active_share <= 1 for neuron in found.neurons)
        own = set(module.nodes)
        assert all({c.source, c.target} <= own for c in found.inside)
        assert all(len({c.source, c.target} & own) == 1 for c in found.across)
        masses = [connection.mass for connection in found.inside]
        assert masses == sorted(masses, reverse=True)
        assert found.input_mass.shape == (32,)
        assert found.input_mass.max() == 1.0
        # It reads one picture of the two, and hardly the other.
        sides = sorted(found.input_mass.reshape(2, 16).sum(axis=1))
        assert sides[0] < 0.25 * sides[1]
        assert found.activity.mean() == pytest.approx(1)
        assert not set(found.most) & set(found.least)
        assert min(found.activity[list(found.most)]) >= max(found.activity[list(found.least)])
        assert found.activity[found.most[0]] == found.activity.max()
        assert found.activity[found.least[0]] == found.activity.min()
        assert len(found.effect.heads) == 2
    total = sum(block.mass.sum() for block in graph.blocks)
    connection = evidence(pair, partition.module("A")).inside[0]
    u, v, mass, block = graph.edges
    (edge,) = np.flatnonzero((u == connection.source) & (v == connection.target))
    assert connection.mass == pytest.approx(mass[edge] / total)
    weight = pair.network.weights[block[edge]]
    offsets = graph.offsets
    row, column = v[edge] - offsets[block[edge] + 1], u[edge] - offsets[block[edge]]
    assert connection.weight == pytest.approx(float(weight[row, column]))


def test_evidence_of_an_interface():
    checkpoint = Checkpoint("random", random_network([8, 9, 7, 8]), "xor4")
    partition = find_modules(network_graph(checkpoint), 2)
    interface = partition.interface("A-B")
    found = evidence(checkpoint, interface)
    labels = partition.labels
    assert found.forward
    assert found.backward
    for connections, source in ((found.forward, 0), (found.backward, 1)):
        for connection in connections:
            assert labels[connection.source] == source
            assert labels[connection.target] == 1 - source
    assert found.partition_id == partition.id
    assert len(found.effect.heads) == 4


def test_evidence_of_a_neuron(pair):
    graph = network_graph(pair)
    recording = record_activations(pair)
    for node in (0, 40, 33, len(graph.names) - 1):
        found = evidence(pair, node)
        assert np.array_equal(found.activations, recording.values[:, node])
        assert all(c.target == node for c in found.incoming)
        assert all(c.source == node for c in found.outgoing)
        if found.most:
            assert found.activations[found.most[0]] == found.activations.max()
        else:
            assert found.activations.max() <= 0
    assert evidence(pair, 0).incoming == ()
    assert evidence(pair, len(graph.names) - 1).outgoing == ()
    assert evidence(pair, len(graph.names) - 1).effect is None
    assert evidence(pair, np.int64(40)).effect is not None


def test_without_a_task_there_are_only_weights():
    checkpoint = Checkpoint("tiny", tiny_network())
    graph = network_graph(checkpoint, "layer")
    partition = make_partition(graph, [0, 1, 0, 1, 0])
    module = evidence(checkpoint, partition.module("A"))
    assert (module.activity, module.effect, module.most, module.least) == (None, None, (), ())
    assert [neuron.active_share for neuron in module.neurons] == [None] * len(module.neurons)
    assert module.inside[0].weight == 2.0
    assert evidence(checkpoint, partition.interfaces[0]).effect is None
    neuron = evidence(checkpoint, 3)
    assert (neuron.activations, neuron.effect, neuron.most) == (None, None, ())
    assert [(c.source, c.target, c.weight) for c in neuron.incoming] == [(0, 3, 3.0)]


def test_parts_of_another_network(pair, partition):
    other = load("pair-plain")
    for part in (partition.module("A"), *partition.interfaces[:1]):
        with pytest.raises(PartitionError, match=r"found a part of the network .*; expected one"):
            evidence(other, part)


@pytest.mark.parametrize("part", [-1, 148, 10**9])
def test_nodes_that_are_not_there(pair, part):
    with pytest.raises(PartitionError, match=rf"found node {part}; expected 0 to 147"):
        evidence(pair, part)


@pytest.mark.parametrize("part", ["A", None, 1.0, True])
def test_what_is_no_part(pair, part):
    with pytest.raises(PartitionError, match=r"found .*; expected a module, an interface or a nod"):
        evidence(pair, part)


def test_a_graph_by_hand_has_no_weights():
    with pytest.raises(GraphError, match="found a graph made by hand; expected"):
        neuron_evidence(graph_of([[[1.0]]]), 0)
