"""Modular addition: every question once."""

import torch

from explorer.network.tasks import SPLITS, task
from explorer.network.tasks.modular_addition import MODULUS


def pairs(split: str) -> torch.Tensor:
    inputs = task("modular-addition").split(split).inputs
    assert torch.equal(inputs.sum(dim=1), torch.full((len(inputs),), 2.0))
    return torch.stack([inputs[:, :MODULUS].argmax(dim=1), inputs[:, MODULUS:].argmax(dim=1)], 1)


def test_the_splits_hold_every_pair_once():
    found = torch.cat([pairs(split) for split in SPLITS])
    assert sorted(map(tuple, found.tolist())) == [(a, b) for a in range(23) for b in range(23)]
    assert [len(pairs(split)) for split in SPLITS] == [14 * 23, 2 * 23, 2 * 23, 3 * 23, 2 * 23]


def test_the_target_is_the_sum():
    for split in SPLITS:
        targets = task("modular-addition").split(split).targets[:, 0]
        assert torch.equal(targets, pairs(split).sum(dim=1) % 23)
        counts = targets.bincount(minlength=23)
        assert (counts == counts[0]).all()


def test_inputs_are_named():
    made = task("modular-addition")
    assert (made.inputs[0], made.inputs[23], made.inputs[45]) == ("a = 0", "b = 0", "b = 22")
    assert made.outputs[22] == "sum 22"
