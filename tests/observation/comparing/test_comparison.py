"""Two networks are compared by what they have in common, and chance stands beside it."""

import dataclasses

import numpy as np
import pytest
import torch

from explorer import compare, find_modules, load, network_graph
from explorer.errors import PartitionError
from explorer.modularity.partition import make_partition
from explorer.modularity.quality import inside_mass
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import accuracy, task_loss
from explorer.observation.activations import record_activations
from explorer.observation.comparing import figures
from explorer.observation.comparing.correspondence import correspondence
from explorer.observation.comparing.figures import weights_in_interfaces
from explorer.observation.comparing.function import Doing, cka, shared_task
from explorer.observation.comparing.matching import best_pairs, shuffled_labels
from explorer.observation.comparing.overlap import jaccard
from tests.networks import graph_of, make_network, planted_network, rescaled

SIZES = (12, 24, 24, 12)


def planted(seed=0, change=None):
    """A network of three planted modules, and its true modules."""
    checkpoint, truth = planted_network(SIZES, 3, 0.05, seed)
    if change is not None:
        weights = [weight.clone() for weight in checkpoint.network.weights]
        change(weights)
        checkpoint = Checkpoint("changed", make_network(weights))
    return make_partition(network_graph(checkpoint, "layer"), truth)


@pytest.fixture(scope="module")
def pair():
    return find_modules(network_graph(load("pair-modular")), k=2)


@pytest.fixture(scope="module")
def other():
    return find_modules(network_graph(load("pair-plain")), k=2)


def nudged(weights):
    generator = torch.Generator().manual_seed(1)
    for at, weight in enumerate(weights):
        weights[at] = weight + 0.3 * weight.std() * torch.randn(weight.shape, generator=generator)


def test_a_network_beside_itself_is_the_same(pair):
    found = compare(pair, pair)
    assert found.way == "neurons"
    assert [(m.first, m.second, m.similarity) for m in found.matches] == [(0, 0, 1.0), (1, 1, 1.0)]
    assert all(match.beyond_chance for match in found.matches)
    assert found.only_first == found.only_second == ()
    assert found.shared == (pair.labels >= 0).sum()
    assert {moved.change for moved in found.moved} == {0.0}
    assert all(figure.first == figure.second for figure in found.figures)
    assert found.first_id == found.second_id == pair.id
    assert found.first_checkpoint_id == pair.graph.checkpoint_id


def test_neurons_correspond_after_training_on_and_not_between_seeds():
    one = planted()
    assert correspondence(one, planted(change=nudged)).holds
    apart = correspondence(one, planted(seed=1))
    assert not apart.holds
    assert apart.own < 0.3
    assert "by chance" in apart.said


def test_neurons_do_not_correspond_when_they_changed_places():
    def permuted(weights):
        places = torch.randperm(24, generator=torch.Generator().manual_seed(0))
        weights[0], weights[1] = weights[0][places], weights[1][:, places]
        weights[1] = weights[1][places]
        weights[2] = weights[2][:, places]

    found = compare(planted(), planted(change=permuted))
    assert not found.correspondence.holds
    assert found.way == "ends"  # no task, so no data; as many inputs and outputs
    assert found.shared == 24
    assert found.moved == ()


def test_ablated_neurons_tell_nothing_and_the_others_still_correspond():
    def ablated(weights):
        weights[0][:6] = 0

    found = compare(planted(), planted(change=ablated))
    assert found.way == "neurons"
    assert found.correspondence.own == 1


def test_what_moved_is_worked_out_by_hand():
    first = make_network([[[3.0, 0.0], [0.0, 4.0]], [[1.0, 2.0]]])
    second = make_network([[[3.0, 0.0], [0.0, 1.0]], [[1.0, 4.0]]])
    labels = [0, 1, 0, 1, 0]  # the second hidden neuron leads over into the other module
    one, two = (
        make_partition(network_graph(Checkpoint("x", network), "layer"), labels)
        for network in (first, second)
    )
    moved = {part.part: part for part in compare(one, two, by="neurons").moved}
    size = {one.modules[one.labels[0]].name: 10**0.5, one.modules[one.labels[1]].name: 4.0}
    assert moved["all"].change == pytest.approx((13 / 30) ** 0.5)
    assert moved["all"].weights == 6
    assert {name: moved[name].change * size[name] for name in size} == pytest.approx(
        {one.modules[one.labels[0]].name: 0.0, one.modules[one.labels[1]].name: 3.0}
    )
    assert moved["A-B"].change == pytest.approx(1.0)  # from 2 to 4


def test_seeds_are_matched_by_function_and_rescaling_changes_nothing(pair):
    network = load("pair-modular").network
    rng = np.random.default_rng(0)
    scaled = rescaled(network, [rng.uniform(0.2, 5, 48).tolist() for _ in range(2)])
    again = find_modules(network_graph(Checkpoint("scaled", scaled, "pair")), k=2)
    found = compare(pair, again, by="function")
    assert [match.similarity for match in found.matches] == pytest.approx([1.0, 1.0], abs=1e-3)
    assert all(match.beyond_chance for match in found.matches)
    assert found.reason.startswith("Matched by function, as asked for.")


def test_a_module_that_does_what_any_random_group_does_has_no_counterpart(other):
    rng = np.random.default_rng(0)
    random = make_partition(other.graph, shuffled_labels(other, rng))
    found = compare(other, random, by="function")
    assert not any(match.beyond_chance for match in found.matches)
    assert all(match.null.count == 40 for match in found.matches)


def test_networks_of_other_tasks_have_only_figures(pair):
    xor = find_modules(network_graph(load("xor4-modular")))
    found = compare(pair, xor)
    assert (found.way, found.matches, found.shared) == ("none", (), 0)
    assert (found.only_first, found.only_second) == ((0, 1), (0, 1, 2, 3))
    assert "only figures can be compared" in found.reason
    by_name = {figure.name: figure for figure in found.figures}
    assert (by_name["nodes"].first, by_name["nodes"].second) == (148, 80)
    assert by_name["right answers: left"].second is None
    assert by_name["weight inside modules"].first == inside_mass(pair)


@pytest.mark.parametrize("by", ["neurons", "function", "ends", "letters"])
def test_what_cannot_be_is_refused(pair, by):
    xor = find_modules(network_graph(load("xor4-modular")), k=2)
    with pytest.raises(PartitionError, match="expected"):
        compare(pair, xor, by=by)


def test_a_graph_made_by_hand_has_figures(pair):
    graph = graph_of([np.ones((2, 3)), np.ones((1, 2))])
    one = make_partition(graph, [0, 0, 1, 0, 1, 0])
    found = compare(one, one)
    assert found.way == "ends"
    assert "by hand" in found.correspondence.said


def test_progress_is_told(pair, other):
    seen = []
    compare(pair, other, null_count=4, progress=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]


def test_modules_are_matched_whatever_their_numbers(pair):
    swapped = type(pair)(pair.graph, np.where(pair.labels < 0, -1, 1 - pair.labels))
    found = compare(pair, swapped)
    assert [(match.first, match.second) for match in found.matches] == [(0, 1), (1, 0)]
    thirds = np.arange(len(pair.labels)) % 3 == 2
    three = make_partition(pair.graph, np.where(thirds, 2, pair.labels))
    assert len(compare(pair, three).only_second) == 1


def test_likeness_of_groups_is_that_of_their_examples(pair):
    doing = Doing(pair, record_activations(pair.graph.checkpoint))
    rows = doing(pair.labels)
    alike = cka(rows, rows)
    assert np.diag(alike) == pytest.approx([1, 1], abs=1e-4)
    assert 0 <= alike[0, 1] < 0.2  # two digits that have nothing to do with each other
    assert len(doing.rows) == 512


def test_shuffled_labels_keep_the_sizes_of_every_layer(pair):
    labels = shuffled_labels(pair, np.random.default_rng(0))
    assert (labels != pair.labels).any()
    for start, end in zip(pair.graph.offsets[:-1], pair.graph.offsets[1:], strict=True):
        assert sorted(labels[start:end]) == sorted(pair.labels[start:end])
    assert ((labels < 0) == (pair.labels < 0)).all()


def test_best_pairs_and_overlap_by_hand():
    assert best_pairs(np.array([[0.5, 0.9], [0.1, 0.6]])) == [(0, 0), (1, 1)]
    assert jaccard(np.array([[1.0, 1, 1, 0]]), np.array([[0.0, 1, 1, 1]])).item() == 0.5


def test_weights_in_interfaces_are_those_that_stand_out(pair):
    one_module = make_partition(pair.graph, np.zeros(len(pair.labels), dtype=int))
    at_random = make_partition(pair.graph, np.arange(len(pair.labels)) % 2)
    assert weights_in_interfaces(one_module) == 0
    assert 5 * weights_in_interfaces(pair) < weights_in_interfaces(at_random)
    _, _, mass, block_of = pair.graph.edges
    layers = pair.graph.layers
    sizes = [layers[block.source].size * layers[block.target].size for block in pair.graph.blocks]
    total = (mass > 1 / np.array(sizes)[block_of]).sum()
    assert 0.3 * total < weights_in_interfaces(at_random) < 0.7 * total


def test_what_takes_long_is_measured_on_few_examples(pair, monkeypatch):
    monkeypatch.setattr(figures, "takes_long", lambda *_: True)
    monkeypatch.setattr(figures, "few_examples", lambda c, split: c.task.split(split)[slice(32)])
    found = {f.name: f.first for f in figures.compared_figures(pair, pair)}
    checkpoint = pair.graph.checkpoint
    some = checkpoint.task.split("test")[slice(32)]
    logits = checkpoint.network(some.inputs)
    assert found["loss in nats, on 32 examples"] == pytest.approx(
        float(task_loss(checkpoint.task, logits, some)), rel=1e-5
    )
    assert found["right answers, on 32 examples"] == pytest.approx(
        np.mean(accuracy(checkpoint.task, logits, some.targets))
    )


def test_tasks_of_the_same_examples_are_one(pair, other, monkeypatch):
    twin = dataclasses.replace(pair.graph.checkpoint.task, name="twin")
    far = dataclasses.replace(load("xor4-modular").task, name="far")
    task = type(pair.graph.checkpoint).task.fget
    for own, wanted in ((twin, "pair"), (far, None)):
        monkeypatch.setattr(
            type(pair.graph.checkpoint),
            "task",
            property(lambda c, own=own: own if c.name == "pair-plain" else task(c)),
        )
        assert shared_task(pair, other) == wanted
