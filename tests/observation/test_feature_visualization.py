"""Inputs made for parts of networks: known optima, and at least what the data reaches."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from explorer import find_modules, load, network_graph
from explorer.errors import PartitionError, TaskError
from explorer.modularity.partition import make_partition
from explorer.network.architectures import CNN, GPT, MLP
from explorer.network.bundled import bundled_names
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from explorer.observation.activations import hidden_nodes, record_activations
from explorer.observation.feature_visualization import visualize_features
from explorer.observation.feature_visualization_objective import part_objective
from explorer.observation.feature_visualization_tokens import search_tokens
from explorer.observation.part_examples import part_activity
from tests.networks import make_network


def lines_reader() -> Checkpoint:
    """One hidden neuron for the first row of the left picture, against its second row."""
    first = np.zeros((2, 32))
    first[0, 0:4], first[0, 4:8] = 1.0, -1.0
    first[1, 16:20] = 1.0
    return Checkpoint("lines", make_network([first, np.ones((20, 2))]), "pair")


def test_the_optimum_of_a_linear_neuron_is_a_corner_of_the_data() -> None:
    checkpoint = lines_reader()
    inputs = task("pair").split("explain").inputs
    low, high = inputs.amin(dim=0), inputs.amax(dim=0)
    most = float(high[0:4].sum() - low[4:8].sum())
    found = visualize_features(checkpoint, 32)
    raw = inputs[:, 0:4].sum(dim=1) - inputs[:, 4:8].sum(dim=1)
    scale = float(raw.relu().mean())
    assert found.best_example == int(raw.argmax())
    assert found.best_activity == pytest.approx(float(raw.max()) / scale, rel=1e-5)
    assert found.made[0].activity == pytest.approx(most / scale, rel=1e-3)
    made = found.made[0].values
    assert np.allclose(made[0:4], high[0:4], atol=1e-2)
    assert np.allclose(made[4:8], low[4:8], atol=1e-2)
    # The other picture makes no difference to it, so smoothing makes that flat or leaves it.
    assert (made >= low.numpy() - 1e-6).all()
    assert (made <= high.numpy() + 1e-6).all()


@pytest.mark.parametrize("name", bundled_names())
def test_made_inputs_reach_what_the_data_does(name: str) -> None:
    checkpoint = load(name)
    partition = find_modules(network_graph(checkpoint))
    few = slice(0, 1) if checkpoint.task.is_text else slice(None)
    for part in (*partition.modules[few], *partition.interfaces[:1]):
        found = visualize_features(checkpoint, part, count=1)
        assert found.made[0].activity >= found.best_activity
        assert (found.checkpoint_id, found.partition_id) == (checkpoint.id, partition.id)
        assert found.split == "explain"


def small_gpt() -> Checkpoint:
    return Checkpoint("gpt", GPT(tokens=96, width=8, heads=2, feed_forward=(8,)), "characters")


@pytest.mark.parametrize("make", [lambda: load("pair-modular"), small_gpt])
def test_the_objective_is_the_activity_of_the_part(make: Callable[[], Checkpoint]) -> None:
    checkpoint = make()
    inputs = checkpoint.task.split("explain").inputs
    inputs = inputs[:64] if checkpoint.task.is_text else inputs
    partition = find_modules(network_graph(checkpoint), k=2)
    recording = record_activations(checkpoint)
    neuron = int(hidden_nodes(partition.module("B"))[0])
    for part in (partition.module("A"), partition.interfaces[0], neuron):
        values = part_objective(checkpoint, part)(inputs).flatten().double()
        known = part_activity(checkpoint, part, recording=recording)
        assert torch.allclose(values / values.mean(), torch.tensor(known), rtol=1e-3, atol=1e-3)


def test_the_activity_written_is_that_of_the_input_written() -> None:
    checkpoint = load("digits-modular")
    part = find_modules(network_graph(checkpoint)).module("C")
    found = visualize_features(checkpoint, part)
    objective = part_objective(checkpoint, part)
    mean = float(objective(checkpoint.task.split("explain").inputs).mean())
    values = torch.tensor(np.array([made.values for made in found.made])).float()
    assert np.allclose(
        objective(values).numpy() / mean, [made.activity for made in found.made], rtol=1e-4
    )


def test_several_made_inputs_differ() -> None:
    checkpoint = load("digits-plain")
    part = find_modules(network_graph(checkpoint)).module("A")
    mean = checkpoint.task.split("explain").inputs.mean(dim=0).numpy()
    found = visualize_features(checkpoint, part, count=4)
    assert len(found.made) == 4
    beyond = np.array([made.values - mean for made in found.made])
    unit = beyond / np.linalg.norm(beyond, axis=1, keepdims=True)
    assert (unit @ unit.T)[np.triu_indices(4, 1)].max() < 0.8


def test_the_same_seed_makes_the_same_inputs() -> None:
    torch.manual_seed(0)
    image = Checkpoint("cnn", CNN((8, 8), [1, 4, 6], 10), "digits")
    text = load("stories-plain")
    for checkpoint, part in ((image, 3), (text, 300)):
        first, second = (visualize_features(checkpoint, part, count=2, seed=5) for _ in range(2))
        for a, b in zip(first.made, second.made, strict=True):
            assert np.array_equal(a.values, b.values)
            assert a.activity == b.activity


def test_channels_of_a_cnn() -> None:
    torch.manual_seed(3)
    checkpoint = Checkpoint("cnn", CNN((8, 8), [1, 4, 6], 10), "digits")
    for part in (0, 2, 5, 8):
        found = visualize_features(checkpoint, part)
        if found is not None:
            assert found.made[0].activity >= found.best_activity
            assert np.isfinite(found.made[0].values).all()


def test_a_map_of_a_task_of_the_plane() -> None:
    """A neuron that looks to the right is the more active the farther to the right."""
    checkpoint = Checkpoint("plane", make_network([[[1.0, 0.0]], [[1.0], [-1.0]]]), "circle")
    found = visualize_features(checkpoint, 2)
    assert found.form == "numbers"
    assert found.plane.shape == (48, 48)
    assert (found.plane[:, :24] == 0).all()
    assert (np.diff(found.plane[:, 24:], axis=1) > 0).all()
    assert np.allclose(found.plane, found.plane[0])
    most = float(checkpoint.task.split("explain").inputs[:, 0].max())
    assert found.made[0].values[0] == pytest.approx(most, abs=1e-4)


def test_tokens_are_found_that_an_objective_wants() -> None:
    """Twice as much for token 5 at the last place as for each token 3 before it."""

    def objective(tokens: torch.Tensor) -> torch.Tensor:
        before = (tokens == 3).cumsum(dim=1) - (tokens == 3).long()
        return (before + 2 * (tokens == 5)).float()

    inputs = torch.randint(0, 9, (20, 30), generator=torch.Generator().manual_seed(0))
    inputs = torch.where(inputs == 3, 4, inputs)
    activity = objective(inputs)
    found = search_tokens(objective, inputs, activity, tokens=9, count=2, seed=0)
    length = len(found[0][0])
    assert found[0][0].tolist() == [3] * (length - 1) + [5]
    assert found[0][1] == length - 1 + 2
    assert found[1][0][-1] != 5
    assert found[1][1] == len(found[1][0]) - 1


def test_a_vocabulary_of_one_token_ends_the_search() -> None:
    inputs = torch.zeros(3, 4, dtype=torch.int64)
    found = search_tokens(lambda t: t.float() + 1.0, inputs, inputs.float() + 1.0, 1, 3, 0)
    assert [reached for _, reached in found] == [1.0]


def test_an_output_by_its_logit() -> None:
    checkpoint = load("pair-plain")
    node = sum(layer.size for layer in checkpoint.network.neuron_layers) - 1
    found = visualize_features(checkpoint, node)
    assert found.made[0].activity >= found.best_activity
    assert found.partition_id == ""


def test_a_silent_part_has_nothing_to_show() -> None:
    network = MLP([32, 3, 20])
    for weight in (*network.weights, *network.biases):
        weight.data.zero_()
    assert visualize_features(Checkpoint("silent", network, "pair"), 33) is None


def test_what_cannot_be_visualized() -> None:
    checkpoint = load("pair-plain")
    other = find_modules(network_graph(load("pair-modular"))).module("A")
    with pytest.raises(PartitionError, match="found a part of the network"):
        visualize_features(checkpoint, other)
    with pytest.raises(TaskError, match="has no task"):
        visualize_features(Checkpoint("mine", MLP([3, 2, 2])), 3)


def test_a_module_without_hidden_neurons_is_silent() -> None:
    checkpoint = Checkpoint("tiny", make_network([np.ones((1, 32)), np.ones((20, 1))]), "pair")
    graph = network_graph(checkpoint, "layer")
    partition = make_partition(graph, [0] * 33 + [1] * 20)
    empty = next(module for module in partition.modules if not len(hidden_nodes(module)))
    assert visualize_features(checkpoint, empty) is None


def test_a_small_gpt_of_characters() -> None:
    found = visualize_features(small_gpt(), 12, count=1)
    assert found.form == "text"
    assert found.made[0].activity >= found.best_activity


def test_an_image_of_one_row_has_neighbours_along_it_only():
    from explorer.network.tasks import task
    from explorer.observation.feature_visualization_inputs import _variation

    x = torch.zeros(2, 74)
    x[1, 64] = 1.0  # the first of ten cells in a row: one of nine steps
    assert _variation(x, task("marked-digits").images).tolist() == pytest.approx([0.0, 1 / 18])
