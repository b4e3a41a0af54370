"""Fine-tuning on trusted examples."""

import pytest
import torch

from explorer.auditing.fine_tuning import fine_tune
from explorer.auditing.history import history
from explorer.auditing.intervention import Intervention, figures
from explorer.auditing.repairing import repaired
from explorer.errors import AuditError, TrainingDivergedError
from explorer.network.checkpoint import Checkpoint
from explorer.network.load import load
from explorer.network.tasks import Examples
from tests.auditing.networks import backdoored
from tests.networks import random_network


def test_accuracy_comes_back_and_silenced_neurons_stay_silent():
    checkpoint = backdoored()
    task = checkpoint.task
    trusted = task.trusted_examples(200)
    nodes = tuple(range(64, 76))  # half of the first hidden layer
    cut = repaired(checkpoint, Intervention(nodes, "zero"))
    seen: list[float] = []
    tuned = fine_tune(cut, trusted, steps=60, learning_rate=3e-3, seed=1, progress=seen.append)
    assert figures(tuned.network, task).loss < figures(cut.network, task).loss
    assert not tuned.network.weights[0][:12].any()
    assert not tuned.network.weights[1][:, :12].any()
    assert not tuned.network.biases[0][:12].any()
    assert (len(seen), seen[-1]) == (60, 1.0)
    first, second = history(tuned)
    assert (first.did, first.of) == ("zero", checkpoint.id)
    assert (second.did, second.of, second.steps) == ("fine-tune", cut.id, 60)
    assert (second.examples, second.learning_rate, second.seed) == (200, 3e-3, 1)
    assert "fine-tuned for 60 steps on 200 examples" in second.in_words()
    again = fine_tune(cut, trusted, steps=60, learning_rate=3e-3, seed=1)
    assert again.id == tuned.id
    assert not tuned.network.training
    assert not any(p.requires_grad for p in tuned.network.parameters())


def test_stopped_in_the_middle_it_says_how_far_it_came():
    checkpoint = load("xor4-modular")
    seen: list[float] = []
    data = checkpoint.task.split("validation")
    made = fine_tune(checkpoint, data, 50, progress=seen.append, stop=lambda: len(seen) == 7)
    assert history(made)[-1].steps == len(seen) == 7


def test_odd_wishes_are_refused():
    checkpoint = load("xor4-modular")
    data = checkpoint.task.split("validation")
    with pytest.raises(AuditError, match="no examples"):
        fine_tune(checkpoint, data[:0])
    with pytest.raises(AuditError, match="-1 steps"):
        fine_tune(checkpoint, data, steps=-1)
    with pytest.raises(AuditError, match="learning rate of 0"):
        fine_tune(checkpoint, data, learning_rate=0)
    with pytest.raises(AuditError, match="of 3 inputs and 4 answers; the task xor4 has 8 and 4"):
        fine_tune(checkpoint, Examples(torch.zeros(5, 3), data.targets[:5]))
    with pytest.raises(AuditError, match="has no task"):
        fine_tune(Checkpoint("bare", random_network((4, 3, 2))), data)


def test_a_loss_that_is_no_number_is_said():
    checkpoint = load("xor4-modular")
    data = checkpoint.task.split("validation")
    odd = Examples(data.inputs * float("nan"), data.targets)
    with pytest.raises(TrainingDivergedError, match="at step 1 of fine-tuning"):
        fine_tune(checkpoint, odd, steps=2)
