"""Fine-pruning: the least active neurons go as long as accuracy stays."""

import pytest
import torch

from explorer.auditing.fine_pruning import fine_prune, prunable
from explorer.auditing.history import history
from explorer.auditing.intervention import Intervention, editing
from explorer.errors import AuditError
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import accuracy
from tests.auditing.networks import backdoored
from tests.networks import random_network


def test_the_least_active_neurons_go_until_accuracy_falls():
    checkpoint = backdoored()
    trusted = checkpoint.task.trusted_examples(200)
    nodes = prunable(checkpoint.network, checkpoint.task, trusted, 0.02)
    activity = checkpoint.network.trace(trusted.inputs).layers[2].mean(0)
    order = activity.argsort(stable=True) + 64 + 24
    assert list(nodes) == order[: len(nodes)].tolist()

    def share(off: tuple[int, ...]) -> float:
        edit = editing(checkpoint, Intervention(off, "zero")) if off else None
        return accuracy(checkpoint.task, checkpoint.network(trusted.inputs, edit), trusted.targets)[
            0
        ]

    assert share(()) - share(nodes) <= 0.02
    more = (*nodes, int(order[len(nodes)]))
    assert share(()) - share(more) > 0.02 or len(more) == 16
    assert len(prunable(checkpoint.network, checkpoint.task, trusted, 1.0)) == 15


def test_it_prunes_tunes_and_says_so():
    checkpoint = backdoored()
    trusted = checkpoint.task.trusted_examples(100)
    made = fine_prune(checkpoint, trusted, limit=0.05, steps=20)
    entry = history(made)[-1]
    assert (entry.did, entry.steps, entry.examples) == ("fine-prune", 20, 100)
    assert entry.nodes == prunable(checkpoint.network, checkpoint.task, trusted, 0.05)
    assert entry.nodes
    places = [node - 88 for node in entry.nodes]
    assert not made.network.weights[2][:, places].any()
    assert not torch.equal(made.network.weights[2], checkpoint.network.weights[2])
    assert "pruned, and the network was fine-tuned for 20 steps" in entry.in_words()


def test_odd_wishes_are_refused():
    checkpoint = backdoored()
    trusted = checkpoint.task.trusted_examples(10)
    with pytest.raises(AuditError, match=r"limit of 1\.5"):
        fine_prune(checkpoint, trusted, limit=1.5)
    flat = Checkpoint("flat", random_network((64, 10)), "digits")
    with pytest.raises(AuditError, match="without a hidden layer"):
        fine_prune(flat, trusted)
