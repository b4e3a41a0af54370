"""Tasks: splits, heads and outputs."""

from itertools import combinations

import pytest
import torch

from explorer.errors import TaskError
from explorer.network.architectures import MLP
from explorer.network.tasks import SPLITS, accuracy, task, tasks_that_fit
from explorer.network.tasks.digits import _digit_splits

NUMBERS = (
    "digits",
    "pair",
    "xor4",
    "circle",
    "xor",
    "gauss",
    "spiral",
    "spiral-3",
    "modular-addition",
    "marked-digits",
    "gridworld",
)


def rows(values) -> set[bytes]:
    return {row.tobytes() for row in values}


def test_digit_splits_share_no_picture_and_hold_all():
    splits = _digit_splits()
    sizes = [len(images) for images, _ in splits.values()]
    assert sum(sizes) == 1797
    assert len(set().union(*(rows(images) for images, _ in splits.values()))) == 1797
    for (a, _), (b, _) in combinations(splits.values(), 2):
        assert not rows(a) & rows(b)


def test_pair_draws_each_split_from_its_own_digits():
    digits = {name: images.reshape(-1, 4, 2, 4, 2) for name, (images, _) in _digit_splits().items()}
    small = {name: rows(x.mean(axis=(2, 4)).reshape(-1, 16)) for name, x in digits.items()}
    for name in SPLITS:
        inputs = task("pair").split(name).inputs.numpy()
        assert rows(inputs[:, :16].copy()) | rows(inputs[:, 16:].copy()) <= small[name]


def test_pair_sides_are_independent():
    targets = task("pair").split("train").targets
    table = torch.zeros(10, 10).index_put_(
        (targets[:, 0], targets[:, 1]), torch.tensor(1.0), accumulate=True
    )
    expected = table.sum(1, keepdim=True) * table.sum(0, keepdim=True) / table.sum()
    assert float(((table - expected) ** 2 / expected).sum()) < 130  # chi-squared, 81 degrees


@pytest.mark.parametrize("name", NUMBERS)
def test_examples_fit_the_description(name):
    made = task(name)
    for split in SPLITS:
        examples = made.split(split)
        assert examples.inputs.shape == (len(examples), len(made.inputs))
        assert examples.targets.shape == (len(examples), len(made.heads))
        assert examples.inputs.dtype == torch.float32
        assert -1.5 <= float(examples.inputs.min()) <= float(examples.inputs.max()) <= 1.5
        for index, head in enumerate(made.heads):
            assert set(examples.targets[:, index].tolist()) == set(range(len(head.classes)))


@pytest.mark.parametrize("name", NUMBERS)
def test_outputs_are_the_heads_one_after_the_other(name):
    made = task(name)
    assert len(made.outputs) == len(set(made.outputs)) == sum(len(h.classes) for h in made.heads)
    places = [place for s in made.head_slices for place in range(s.start, s.stop)]
    assert places == list(range(len(made.outputs)))
    for head, outputs in zip(made.heads, made.head_slices, strict=True):
        assert [made.outputs[outputs][i].endswith(c) for i, c in enumerate(head.classes)]


@pytest.mark.parametrize("name", NUMBERS)
def test_images_are_inputs(name):
    made = task(name)
    for image in made.images:
        names = made.inputs[image.start : image.start + image.rows * image.columns]
        assert len(names) == image.rows * image.columns
        assert names[0].endswith("row 1 column 1")
        assert names[-1].endswith(f"row {image.rows} column {image.columns}")


def test_splits_are_the_same_every_time():
    from explorer.network.tasks import digits as module

    before = task("pair").split("score").inputs.clone()
    for cached in (module._digit_splits, module._pair):
        cached.cache_clear()
    assert torch.equal(task("pair").split("score").inputs, before)


def test_xor4_asks_whether_the_bits_of_a_pair_differ():
    examples = task("xor4").split("test")
    assert len(examples) == 256
    assert torch.equal(
        examples.targets, (examples.inputs[:, 0::2] - examples.inputs[:, 1::2]).abs().long()
    )


def test_accuracy_is_that_of_each_head():
    made = task("xor4")
    targets = torch.tensor([[0, 1, 0, 1], [1, 1, 0, 0]])
    logits = torch.zeros(2, 8)
    logits[:, 0], logits[:, 3], logits[:, 5], logits[:, 6] = 1.0, 1.0, 1.0, 1.0
    assert accuracy(made, logits, targets) == (0.5, 1.0, 0.0, 0.5)


def test_tasks_that_fit():
    assert tasks_that_fit(MLP((64, 10))) == ("digits",)
    assert tasks_that_fit(MLP((32, 7, 20))) == ("pair",)
    assert tasks_that_fit(MLP((3, 3))) == ()


def test_unknown_names():
    with pytest.raises(TaskError, match=r"found task .chess.; expected one of .*digits, pair"):
        task("chess")
    with pytest.raises(TaskError, match="found split 'dev'; expected one of train"):
        task("digits").split("dev")
