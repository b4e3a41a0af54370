"""What modules do on examples, whatever the scale of their neurons."""

import numpy as np
import pytest
import torch

from explorer import find_modules, load, network_graph
from explorer.errors import TaskError
from explorer.modularity.partition import make_partition
from explorer.network.checkpoint import Checkpoint
from explorer.observation.activations import (
    hidden_nodes,
    module_activity,
    record_activations,
)
from tests.networks import make_network, rescaled, tiny_network


@pytest.fixture(scope="module")
def partition():
    return find_modules(network_graph(load("xor4-modular")), 4)


def test_values_are_those_of_the_network(partition):
    checkpoint = partition.graph.checkpoint
    recording = record_activations(checkpoint)
    inputs = checkpoint.task.split("explain").inputs
    assert recording.values.shape == (256, 80)
    assert np.array_equal(recording.values[:, :8], inputs.numpy())
    assert np.allclose(recording.values[:, -8:], checkpoint.network(inputs).numpy())
    assert (recording.values[:, 8:72] >= 0).all()
    assert recording.reach[-8:].tolist() == [1.0] * 8
    assert recording.checkpoint_id == checkpoint.id


def test_activity_is_one_on_average(partition):
    recording = record_activations(partition.graph.checkpoint)
    for module in partition.modules:
        activity = module_activity(module, recording)
        assert activity.mean() == pytest.approx(1)
        assert activity.min() >= 0


def test_a_rescaling_that_keeps_the_function_changes_no_activity(partition):
    checkpoint = partition.graph.checkpoint
    scales = np.random.default_rng(0).uniform(0.1, 10, size=(2, 32))
    other = Checkpoint("other", rescaled(checkpoint.network, scales), "xor4")
    twin = make_partition(network_graph(other), partition.labels)
    recordings = record_activations(checkpoint), record_activations(other)
    for first, second in zip(partition.modules, twin.modules, strict=True):
        assert first.nodes == second.nodes
        before, after = (
            module_activity(first, recordings[0]),
            module_activity(second, recordings[1]),
        )
        assert after == pytest.approx(before, rel=1e-3, abs=1e-4)


def test_activity_by_hand():
    """One input of two counts; hidden neurons a and 2b reach the output with 3 and 1/2."""
    weights = [np.eye(2, 8) * [[1], [2]], np.vstack([[3, 0.5], np.zeros((7, 2))])]
    checkpoint = Checkpoint("by hand", make_network(weights), "xor4")
    partition = make_partition(network_graph(checkpoint, "layer"), [0] * 18)
    inputs = torch.as_tensor(checkpoint.task.split("explain").inputs).double().numpy()
    # Each fires on half of the examples, so that its reach is halved.
    total = inputs[:, 0] * 1.5 + 2 * inputs[:, 1] * 0.25
    (module,) = partition.modules
    assert hidden_nodes(module).tolist() == [8, 9]
    found = module_activity(module, record_activations(checkpoint))
    assert found == pytest.approx(total / total.mean())


def test_modules_without_activity():
    weights = [np.eye(4, 8), np.eye(8, 4)]
    checkpoint = Checkpoint("silent", make_network(weights, [[-9.0] * 4, np.zeros(8)]), "xor4")
    partition = make_partition(network_graph(checkpoint, "path"), [0] * 8 + [1] * 4 + [0] * 8)
    recording = record_activations(checkpoint)
    for module in partition.modules:
        assert module_activity(module, recording) is None
    assert sorted(len(hidden_nodes(module)) for module in partition.modules) == [0, 4]


def test_without_a_task_there_is_nothing_to_record():
    with pytest.raises(TaskError, match=r"tiny has no task, .* expected one of the tasks"):
        record_activations(Checkpoint("tiny", tiny_network()))
