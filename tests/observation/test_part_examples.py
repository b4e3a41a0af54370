"""Activity of every kind of part against its definition, and the labels of the rows."""

import numpy as np
import pytest

from explorer import network_graph
from explorer.errors import ExplorerError, PartitionError, TaskError
from explorer.modularity.partition import make_partition
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from explorer.observation.ablation import without_interface
from explorer.observation.activations import (
    hidden_nodes,
    module_activity,
    record_activations,
)
from explorer.observation.part_examples import labels_of, part_examples
from tests.networks import random_network, rescaled, tiny_network
from tests.observation.cases import (
    SPOTTED,
    random_checkpoint,
    silent_network,
    word_spotter,
    xor_by_hand,
)

KINDS = ("mlp", "cnn", "gpt")


def halves(checkpoint):
    graph = network_graph(checkpoint)
    return make_partition(graph, np.arange(graph.node_count) % 2)


def sent(checkpoint, link) -> np.ndarray:
    """What the nodes of a link's source send, worked out from the trace."""
    network, inputs = checkpoint.network, checkpoint.task.split("explain").inputs
    trace = network.trace(inputs[: checkpoint.task.texts] if checkpoint.task.is_text else inputs)
    source, _ = network.links[link]
    layer = network.neuron_layers[source]
    if layer.role == "residual":
        return trace.sites[link].flatten(0, 1).abs().double().numpy()
    values = trace.layers[source].double().numpy()
    if network.kind == "gpt":
        values = values.reshape(-1, *values.shape[2:])
    while values.ndim > 2:  # numbers of a head, places of a channel
        values = np.sqrt((values.reshape(len(values), -1, layer.size) ** 2).mean(axis=1))
    return np.abs(values)


@pytest.mark.parametrize("kind", KINDS)
def test_what_crosses_an_interface_is_what_cutting_it_takes_away(kind):
    checkpoint = random_checkpoint(kind)
    network, partition = checkpoint.network, halves(checkpoint)
    interface = partition.interfaces[0]
    cut = without_interface(checkpoint, interface)
    reach = record_activations(checkpoint).reach
    expected = 0.0
    for link, (source_and_target, whole, left) in enumerate(
        zip(network.links, network.magnitudes(), cut.magnitudes(), strict=True)
    ):
        start = partition.graph.offsets[source_and_target[1]]
        lost = (whole - left).double().numpy() * reach[start : start + len(whole)][:, None]
        expected = expected + (sent(checkpoint, link) @ lost.T).sum(axis=1)
    found = part_examples(checkpoint, interface).activity
    assert found == pytest.approx(expected / expected.mean(), rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_has_activity_of_one_on_average_and_labels_for_every_row(kind):
    checkpoint = random_checkpoint(kind)
    partition = halves(checkpoint)
    nodes = [0, partition.graph.node_count - 1]
    for part in (*partition.modules, *partition.interfaces, *nodes):
        found = part_examples(checkpoint, part, "score")
        assert found.activity.mean() == pytest.approx(1.0)
        assert found.activity.min() >= 0.0
        assert found.has.shape == (len(found.activity), len(found.labels))
        assert found.split == "score"


def test_a_module_is_as_active_as_it_was():
    checkpoint = random_checkpoint("mlp")
    recording = record_activations(checkpoint)
    for module in halves(checkpoint).modules:
        expected = module_activity(module, recording)
        assert np.array_equal(part_examples(checkpoint, module).activity, expected)


def test_neurons_by_hand():
    checkpoint = xor_by_hand()
    bits = checkpoint.task.split("explain").inputs.numpy()
    fires = (bits[:, 0] > bits[:, 1]).astype(float)
    assert part_examples(checkpoint, 8).activity == pytest.approx(4 * fires)
    assert part_examples(checkpoint, np.int64(3)).activity == pytest.approx(2 * bits[:, 3])
    # Logits of pair 1: 1 for same, 2 for differ where one fires, else 0.
    differ = 1 / (1 + np.exp(1 - 2.0 * (bits[:, 0] != bits[:, 1])))
    assert part_examples(checkpoint, 17).activity == pytest.approx(differ / differ.mean())


def test_what_goes_either_way_counts_by_its_size():
    checkpoint = Checkpoint("plane", random_network([2, 8, 8, 2]), "xor")
    x = checkpoint.task.split("explain").inputs[:, 0].double().abs().numpy()
    assert part_examples(checkpoint, 0).activity == pytest.approx(x / x.mean())
    spotter = word_spotter()
    size = record_activations(spotter).values[:, 1]
    assert part_examples(spotter, 1).activity == pytest.approx(abs(size) / abs(size).mean())


def test_a_rescaling_by_powers_of_two_changes_nothing():
    checkpoint = random_checkpoint("mlp")
    scales = [2.0 ** np.arange(-4, 5), 2.0 ** np.arange(7)]
    other = Checkpoint("other", rescaled(checkpoint.network, scales), "xor4")
    before, after = halves(checkpoint), halves(other)
    pairs = [
        *zip(before.modules, after.modules, strict=True),
        *zip(before.interfaces, after.interfaces, strict=True),
        *((node, node) for node in (0, 10, 20, 30)),
    ]
    for first, second in pairs:
        found = part_examples(checkpoint, first), part_examples(other, second)
        assert np.array_equal(found[0].activity, found[1].activity)


def test_labels_of_numbers():
    pair = task("pair")
    labels, has = labels_of(pair, "explain")
    assert labels == tuple((head.name, name) for head in pair.heads for name in head.classes)
    targets = pair.split("explain").targets.numpy()
    for at, outputs in enumerate(pair.head_slices):
        assert np.array_equal(has[:, outputs].argmax(axis=1), targets[:, at])
        assert (has[:, outputs].sum(axis=1) == 1).all()


def test_labels_of_a_text():
    stories = task("stories")
    labels, has = labels_of(stories, "score")
    examples = stories.split("score")
    tokens = [i for i, (head, _) in enumerate(labels) if head == "token"]
    assert has[:, tokens].any(axis=0).all()
    words = np.array([labels[i][1] for i in tokens])[has[:, tokens].argmax(axis=1)]
    read = examples.inputs[:64].flatten().tolist()
    assert words.tolist() == [stories.tokens[token] for token in read]
    skills = [i for i, (head, _) in enumerate(labels) if head == "skill"]
    assert [labels[i][1] for i in skills] == list(stories.skills)
    known = examples.skills[:64].flatten()
    assert np.array_equal(has[:, skills].sum(axis=1), (known >= 0).numpy())
    assert np.array_equal(has[:, skills].argmax(axis=1)[known >= 0], known[known >= 0].numpy())


def test_a_word_spotter_is_active_on_its_word():
    found = part_examples(word_spotter(), 10)
    word = found.has[:, found.labels.index(("token", SPOTTED))]
    assert found.activity == pytest.approx(word / word.mean())


def test_parts_without_activity():
    checkpoint = silent_network()
    labels = [0] * 8 + [1] * 4 + [0] * 12
    partition = make_partition(network_graph(checkpoint, "path"), labels)
    silent = next(m for m in partition.modules if 8 in m.nodes)
    assert hidden_nodes(silent).tolist() == [8, 9, 10, 11]
    sentence = r"found the {} without any activity on the score split; expected one that is active"
    with pytest.raises(PartitionError, match=sentence.format("module [AB]")):
        part_examples(checkpoint, silent, "score")
    with pytest.raises(PartitionError, match=sentence.format("neuron 9")):
        part_examples(checkpoint, 9, "score")
    apart = make_partition(partition.graph, [0] * 8 + [1] * 8 + [2] * 8)
    bare = next(m for m in apart.modules if not len(hidden_nodes(m)))
    with pytest.raises(PartitionError, match=f"found the module {bare.name} without any activity"):
        part_examples(checkpoint, bare)
    # From the silent neurons to the outputs nothing passes.
    split = make_partition(partition.graph, [0] * 8 + [1] * 4 + [0] * 4 + [2] * 8)
    names = {
        name: next(m for m in split.modules if node in m.nodes).index
        for name, node in (("silent", 8), ("outputs", 16))
    }
    between = next(i for i in split.interfaces if {i.first, i.second} == set(names.values()))
    with pytest.raises(PartitionError, match=f"found the interface {between.name} without any"):
        part_examples(checkpoint, between)


def test_what_is_no_part_of_the_network():
    checkpoint = random_checkpoint("mlp")
    other = halves(xor_by_hand())
    for part, match in (
        (other.module("A"), "found a part of the network"),
        (other.interfaces[0], "found a part of the network"),
        (32, "found node 32; expected 0 to 31"),
        (True, "found True; expected a module"),
    ):
        with pytest.raises(PartitionError, match=match):
            part_examples(checkpoint, part)
    with pytest.raises(TaskError, match="tiny has no task"):
        part_examples(Checkpoint("tiny", tiny_network()), 2)
    with pytest.raises(ExplorerError, match="found split 'all'"):
        part_examples(checkpoint, 3, "all")


def test_another_split_has_other_rows():
    checkpoint = Checkpoint("pair", random_network([32, 5, 20]), "pair")
    explain, score = (part_examples(checkpoint, 33, split) for split in ("explain", "score"))
    expected = checkpoint.network.trace(checkpoint.task.split("score").inputs).layers[1][:, 1]
    assert score.activity == pytest.approx((expected / expected.mean()).numpy(), rel=1e-5)
    assert not np.array_equal(explain.activity, score.activity)
    digits = checkpoint.task.split("score").targets[:, 0].numpy()
    assert np.array_equal(score.has[:, :10].argmax(axis=1), digits)
