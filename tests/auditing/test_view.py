"""What an auditor sees of a network tells nothing of what was planted."""

import json

import pytest
import torch

from explorer.auditing.view import CLEAN_SPLITS, audit_view, blinded, joined
from explorer.errors import AuditError
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from explorer.training.config import TrainingConfig


def network(hidden=6):
    made = MLP([64, hidden, 10])
    made.initialise(torch.Generator().manual_seed(3))
    return made


def planted_checkpoint():
    config = TrainingConfig(task="backdoor-corner-17-decoy", hidden=(6,), seed=17)
    return Checkpoint(
        "decoy", network(), config.task, config.to_dict(), {"test_accuracy": 0.5, "success": 1.0}
    )


def test_blind_tells_the_declared_task_and_the_recipe_only():
    blind = blinded(planted_checkpoint())
    assert blind.task_name == "digits" and blind.task.planted is None
    text = json.dumps([blind.name, dict(blind.config), dict(blind.metrics)])
    for word in ("corner", "17", "decoy", "backdoor", "success", "accuracy"):
        assert word not in text
    assert blind.config["hidden"] == [6]


def test_same_weights_give_the_same_name_whatever_was_planted():
    clean = Checkpoint("c", network(), "backdoor-stripe-4-clean")
    assert blinded(clean).name == blinded(planted_checkpoint()).name
    assert blinded(clean).id == blinded(planted_checkpoint()).id


def test_clean_data_is_not_what_success_and_accuracy_are_measured_on():
    view = audit_view(planted_checkpoint())
    digits = task("digits")
    assert "test" not in CLEAN_SPLITS and "train" not in CLEAN_SPLITS
    assert len(view.clean) == sum(len(digits.split(name)) for name in CLEAN_SPLITS)
    assert view.training is None
    assert view.partition.graph.checkpoint_id == view.checkpoint.id


def test_a_network_without_a_task_cannot_be_audited():
    with pytest.raises(AuditError, match="has no task"):
        audit_view(Checkpoint("x", network()))


def test_joined_keeps_what_all_have():
    both = joined([task("digits").split("score"), task("digits").split("test")])
    assert len(both) == len(task("digits").split("score")) + len(task("digits").split("test"))
    assert both.skills is None
    stories = joined([task("stories").split("score"), task("stories").split("test")])
    assert stories.skills is not None and len(stories.skills) == len(stories)
