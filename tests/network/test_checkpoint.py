"""Checkpoints: saved and opened again."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from explorer import load, save
from explorer.errors import TaskError, WeightError
from explorer.network.checkpoint import METADATA_KEY, Checkpoint
from tests.networks import make_network, random_network, tiny_network


@pytest.fixture
def checkpoint() -> Checkpoint:
    return Checkpoint(
        "mine",
        random_network([8, 5, 8]),
        "xor4",
        {"seed": 3, "hidden": [5]},
        {"test_accuracy": 0.5},
    )


def test_round_trip(checkpoint, tmp_path):
    path = save(checkpoint, tmp_path / "deep" / "mine.safetensors")
    opened = load(path)
    assert opened.id == checkpoint.id
    assert opened.name == "mine.safetensors"
    assert opened.task_name == "xor4"
    assert dict(opened.config) == dict(checkpoint.config)
    assert dict(opened.metrics) == dict(checkpoint.metrics)
    assert not opened.network.training
    inputs = torch.rand(4, 8)
    assert torch.equal(opened.network(inputs), checkpoint.network(inputs))
    assert load(str(path)).id == load(bytes(path)).id == checkpoint.id


def test_the_file_says_what_it_is(checkpoint, tmp_path):
    with safe_open(save(checkpoint, tmp_path / "a.safetensors"), "pt") as stream:
        about = json.loads(stream.metadata()[METADATA_KEY])
    assert about == {
        "version": 1,
        "name": "mine",
        "architecture": {"kind": "mlp", "widths": [8, 5, 8]},
        "task": "xor4",
        "config": {"seed": 3, "hidden": [5]},
        "metrics": {"test_accuracy": 0.5},
    }


def test_the_same_checkpoint_is_the_same_bytes(checkpoint, tmp_path):
    first, second = save(checkpoint, tmp_path / "a"), save(checkpoint, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


def test_a_failure_leaves_the_old_file(checkpoint, tmp_path, monkeypatch):
    path = save(checkpoint, tmp_path / "a.safetensors")
    before = path.read_bytes()

    def refuse(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        save(Checkpoint("other", tiny_network()), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_network_is_in_eval_mode_and_fixed(checkpoint):
    assert not checkpoint.network.training
    assert not any(p.requires_grad for p in checkpoint.network.parameters())
    with pytest.raises(TypeError):
        checkpoint.config["seed"] = 4


def test_a_task_that_does_not_fit():
    with pytest.raises(TaskError, match=r"found a network of 2 inputs and 1 outputs; .* has 64"):
        Checkpoint("tiny", tiny_network()).with_task("digits")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_no_numbers(value):
    with pytest.raises(WeightError, match="found 1 of 4 numbers that are NaN or infinite in layer"):
        Checkpoint("odd", make_network([[[1.0, value], [1.0, 1.0]]]))
