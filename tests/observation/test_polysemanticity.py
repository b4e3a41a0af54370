"""How many unrelated features a neuron or module has, on neurons whose answer is known."""

from collections.abc import Callable

import numpy as np
import pytest

from explorer import find_modules, load, network_graph
from explorer.errors import PartitionError, TaskError
from explorer.modularity.partition import make_partition
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.observation.polysemanticity import (
    neuron_features,
    polysemanticity,
    random_directions,
)
from explorer.observation.polysemanticity_figures import (
    effective_number,
    excess_shares,
    label_profiles,
    label_similarity,
)
from tests.networks import two_digits_apart


def rows_of(classes: int, each: int = 50) -> np.ndarray:
    """Labels of ``each`` rows of every class, one column a class."""
    return np.repeat(np.eye(classes, dtype=bool), each, axis=0)


@pytest.fixture(scope="module")
def layer() -> tuple[np.ndarray, np.ndarray]:
    """Eight classes, a neuron for each, and a little noise."""
    has = rows_of(8)
    noise = np.random.default_rng(0).normal(size=has.shape) / 20
    return has + noise, has


def figure(activity: np.ndarray, values: np.ndarray, has: np.ndarray) -> float:
    shares = excess_shares(activity, has)
    return effective_number(shares, label_similarity(label_profiles(values, has)))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [((0,), 1.0), ((0, 5), 2.0), ((1, 2, 7), 3.0), ((0, 1, 2, 3), 4.0)],
)
def test_neurons_of_known_features(layer, answers, expected) -> None:
    values, has = layer
    assert figure(has[:, answers].sum(axis=1) * 1.0, values, has) == pytest.approx(expected)


def test_labels_that_look_alike_to_the_other_neurons_count_as_one(layer) -> None:
    values, has = layer
    activity = has[:, 0] + has[:, 1] * 1.0
    merged = values.copy()
    merged[:, 0] = merged[:, 1] = values[:, 0] + values[:, 1]
    assert figure(activity, values, has) == pytest.approx(2.0)
    assert figure(activity, merged, has) < 1.1


def test_a_feature_and_a_weaker_one(layer) -> None:
    values, has = layer
    found = figure(2.0 * has[:, 0] + has[:, 1], values, has)
    assert 1.2 < found < 1.9


def test_shares_do_not_depend_on_scale_or_offset(layer) -> None:
    _, has = layer
    activity = np.random.default_rng(1).normal(size=len(has)) / 5 + has[:, 2] + 2 * has[:, 3]
    expected = excess_shares(activity, has)
    assert expected.sum() == pytest.approx(1.0)
    assert np.allclose(excess_shares(7 * activity + 3, has), expected)


def test_shuffled_activity_goes_with_nothing(layer) -> None:
    values, has = layer
    rng = np.random.default_rng(2)
    shuffled = [rng.permutation(values[:, neuron % 8]) for neuron in range(200)]
    found = [(excess_shares(activity, has) > 0).sum() for activity in shuffled]
    assert np.mean(found) < 8 * 0.01  # 3 standard errors: one label in 700


def test_constant_activity_goes_with_nothing(layer) -> None:
    _, has = layer
    assert excess_shares(np.full(len(has), 0.7), has).sum() == 0
    assert excess_shares(np.zeros(len(has)), has).sum() == 0


def test_a_label_without_rows_is_no_feature(layer) -> None:
    _, has = layer
    wider = np.concatenate([has, np.zeros((len(has), 1), dtype=bool)], axis=1)
    assert excess_shares(has[:, 0] * 1.0, wider)[-1] == 0


def test_random_directions_mix_what_single_neurons_hold(layer) -> None:
    values, has = layer
    null = random_directions(values, has, np.random.default_rng(0))
    assert len(null) == 200
    assert np.mean(null) > 2
    assert np.mean(np.array(null) < 1.01) < 0.05


def test_modules_of_a_network_of_two_readers() -> None:
    """Each module answers labels of its own digit only, and a module of both answers both."""
    checkpoint = two_digits_apart()
    partition = find_modules(network_graph(checkpoint), k=2)
    heads = []
    for module in partition.modules:
        found = polysemanticity(checkpoint, module)
        heads.append({head for head, _, _ in found.labels})
        assert found.features is not None
        assert found.features >= 1
        assert found.partition_id == partition.id
    assert sorted(heads, key=str) == [{"left"}, {"right"}]


def test_neurons_of_a_network_of_two_readers() -> None:
    checkpoint = two_digits_apart()
    node = 32 + 3  # the third class of the left digit
    found = polysemanticity(checkpoint, node)
    assert {head for head, _, _ in found.labels} == {"left"}
    assert found.labels[0][:2] == ("left", "3")
    assert found.features == pytest.approx(neuron_features(checkpoint)[3])
    assert list(found.null) == sorted(found.null)
    assert found.null_mean > found.features
    assert found.below < 0.2


@pytest.mark.parametrize("name", ["pair", "stories"])
def test_modular_networks_have_neurons_of_fewer_features(name: str) -> None:
    plain, modular = (neuron_features(load(f"{name}-{kind}")) for kind in ("plain", "modular"))
    assert np.nanmean(modular) < np.nanmean(plain) - 1


def test_the_same_seed_gives_the_same_null() -> None:
    checkpoint = load("digits-plain")
    module = find_modules(network_graph(checkpoint)).module("A")
    first, second = (polysemanticity(checkpoint, module) for _ in range(2))
    assert first == second
    assert polysemanticity(checkpoint, module, seed=1).null != first.null
    assert polysemanticity(checkpoint, module, split="score").split == "score"


def test_a_silent_neuron_has_no_figure() -> None:
    network = MLP([32, 4, 20])
    for weight in (*network.weights, *network.biases):
        weight.data.zero_()
    network.weights[0].data[0, 0] = network.weights[1].data[0, 0] = 1.0
    checkpoint = Checkpoint("silent", network, "pair")
    assert polysemanticity(checkpoint, 33).features is None
    assert np.isnan(polysemanticity(checkpoint, 33).below)
    assert np.isnan(neuron_features(checkpoint)[1])


@pytest.mark.parametrize(
    ("part", "error"),
    [
        (lambda checkpoint, partition: 10**6, PartitionError),
        (lambda checkpoint, partition: partition.interfaces[0], PartitionError),
        (lambda checkpoint, partition: True, PartitionError),
    ],
)
def test_parts_without_a_figure(part: Callable, error: type[Exception]) -> None:
    checkpoint = load("digits-plain")
    partition = find_modules(network_graph(checkpoint), k=2)
    with pytest.raises(error, match=r"found .*; expected"):
        polysemanticity(checkpoint, part(checkpoint, partition))


def test_without_a_task_there_are_no_labels() -> None:
    checkpoint = Checkpoint("mine", MLP([3, 2, 2]))
    module = make_partition(network_graph(checkpoint, "layer"), [0, 0, 0, 0, 1, 0, 1]).module("A")
    for part in (3, module):
        with pytest.raises(TaskError, match="has no task"):
            polysemanticity(checkpoint, part)
