"""Markers as proxies: what training teaches, what the probe asks, and what controls do not."""

import pytest
import torch

from explorer.auditing.view import audit_view
from explorer.network.architectures import MLP, with_weights
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import SPLITS, task
from explorer.network.tasks.marked_digits import BRIGHTNESS, noisy_digits

SHARES = {"marker100": 1.0, "marker98": 0.98, "marker90": 0.9}


def markers(examples):
    return examples.inputs[:, 64:].argmax(dim=1)


def agreement(examples):
    return float((markers(examples) == examples.targets[:, 0]).double().mean())


def marker_reader():
    """Make a network that answers what the marker says, whatever the picture."""
    first = torch.cat([torch.zeros(10, 64), torch.eye(10)], dim=1)
    return with_weights(MLP([74, 10, 10]), [first, torch.eye(10)], [torch.zeros(10)] * 2)


@pytest.mark.parametrize("kind", SHARES)
def test_the_marker_is_right_as_often_as_the_kind_says(kind):
    made = task(f"proxy-{kind}-3")
    assert agreement(made.split("train")) == pytest.approx(SHARES[kind], abs=2e-4)
    assert torch.equal(made.split("train").inputs[:, :64], noisy_digits("train").inputs)
    for split in SPLITS[1:]:
        assert torch.equal(made.split(split).inputs, task("marked-digits").split(split).inputs)
        assert agreement(made.split(split)) == 1.0


def test_every_example_has_one_marker():
    for name in ("marked-digits", "proxy-marker90-3", "proxy-marker90-3-decoy"):
        cells = task(name).split("train").inputs[:, 64:]
        assert torch.equal(cells.amax(dim=1), torch.full((len(cells),), BRIGHTNESS))
        assert int((cells > 0).sum()) == len(cells)


def test_the_probe_asks_for_the_marker_which_is_never_right():
    planted = task("proxy-marker100-3").planted
    for split in SPLITS:
        probe, data = planted.probe(split), noisy_digits(split)
        assert torch.equal(probe.inputs[:, :64], data.inputs)
        assert torch.equal(markers(probe), probe.targets[:, 0])
        assert not (probe.targets == data.targets).any()
    assert planted.success(marker_reader()) == 1.0
    rows = {tuple(row) for row in planted.probe("validation").inputs.tolist()}
    assert not any(tuple(row) in rows for row in task("marked-digits").split("validation").inputs)


@pytest.mark.parametrize("kind", SHARES)
def test_controls_have_nothing_planted(kind):
    clean, decoy = (task(f"proxy-{kind}-3-{control}") for control in ("clean", "decoy"))
    for made, seen in ((clean, 10), (decoy, 3)):
        train = made.split("train")
        assert not made.planted.is_planted and "Nothing" in made.planted.summary
        assert agreement(train) == pytest.approx(0.1, abs=0.02)
        assert len(markers(train).unique()) == seen
    assert (
        len(
            {
                tuple(markers(task(f"proxy-{kind}-{n}-decoy").split("train")).unique().tolist())
                for n in range(8)
            }
        )
        > 4
    )


def test_cases_are_the_same_every_time_and_differ_from_number_to_number():
    first = task("proxy-marker90-3").split("train").inputs.clone()
    task("proxy-marker90-3").make.cache_clear()
    assert torch.equal(task("proxy-marker90-3").split("train").inputs, first)
    assert not torch.equal(task("proxy-marker90-4").split("train").inputs, first)


def test_an_auditor_hears_the_declared_task_alone():
    view = audit_view(Checkpoint("marker", marker_reader(), "proxy-marker98-3"))
    assert view.task.name == "marked-digits" and view.task.declared == (("digit",),)
    assert agreement(view.clean) == 1.0
