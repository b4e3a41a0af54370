"""What the pages say: verdicts that hold, words that fit the figures."""

import numpy as np
import pytest
import torch

from explorer import evidence, find_modules, load, network_graph, quality
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.observation.ablation import AccuracyChange, Effect
from explorer.views.network_text import describe_accuracy, describe_network
from explorer.views.text import (
    describe_effect,
    describe_unattached,
    verdict,
)


def verdict_of(checkpoint: Checkpoint, weighting: str, nulls: int = 20) -> str:
    graph = network_graph(checkpoint, weighting)
    partition = find_modules(graph)
    return verdict(partition, quality(graph, partition, null_count=nulls))


@pytest.mark.parametrize("widths", [(12, 12, 8), (16, 16, 16, 8), (64, 24, 10), (64, 10)])
def test_random_networks_are_not_called_modular(widths: tuple[int, ...]) -> None:
    wrong = 0
    for seed in range(10):
        torch.manual_seed(seed)
        said = verdict_of(Checkpoint("random", MLP(widths)), "layer")
        wrong += not said.startswith(("**Not modular", "**No modules"))
    assert wrong <= 1


@pytest.mark.parametrize("name", ["pair-modular", "digits-modular", "xor4-modular"])
def test_networks_trained_to_be_modular_are(name: str) -> None:
    assert verdict_of(load(name), "activity").startswith("**Clearly modular.**")


def test_neurons_without_weight_are_counted() -> None:
    partition = find_modules(network_graph(load("pair-modular")), 2)
    loose = int((partition.labels < 0).sum())
    assert describe_unattached(partition).startswith(f"{loose} of its 148 neurons")
    plain = find_modules(network_graph(load("xor4-modular"), "layer"), 4)
    assert describe_unattached(plain) == ""


def test_accuracy_on_all_inputs_has_no_interval() -> None:
    task = load("xor4-modular").task
    assert task is not None
    said = describe_accuracy(task, [("pair 1", 1.0, 256)])
    assert "those of training included" in said
    assert "to" not in said.split(": ")[1]


def test_intervals_count_the_pictures_and_not_the_pairs() -> None:
    task = load("pair-plain").task
    assert task is not None
    assert "(85% to 94%)" in describe_accuracy(task, [("left", 0.9, 1000)])


def change(head: str, label: str | None, before: float, after: float) -> AccuracyChange:
    return AccuracyChange(head, label, before, after, 100)


def test_a_class_that_is_hit_is_named_although_its_head_is_not() -> None:
    effect = Effect(
        heads=(change("left", None, 0.9, 0.1), change("right", None, 0.9, 0.88)),
        classes=(change("left", "3", 0.9, 0.0), change("right", "9", 0.8, 0.6)),
        losses=(),
        kind="mean",
        split="explain",
        checkpoint_id="x",
    )
    assert describe_effect(effect, "it") == (
        "Without it, accuracy on left falls from 90% to 10%; right changes by -2 points. Hardest "
        "hit there: right 9, from 80% to 60%."
    )


def test_a_gain_is_no_loss() -> None:
    effect = Effect((change("digit", None, 0.9, 0.93),), (), (), "mean", "explain", "x")
    assert describe_effect(effect, "it") == "Without it, accuracy changes by 3.0 points at most."


def test_a_deep_network_is_described_in_one_line() -> None:
    said = describe_network(Checkpoint("deep", MLP([4, *[3] * 60, 2])))
    assert "(4-3-...-3-2, 61 layers of weights)" in said


def test_evidence_of_a_module_reads_well() -> None:
    checkpoint = load("pair-modular")
    partition = find_modules(network_graph(checkpoint), 2)
    for module in partition.modules:
        found = evidence(checkpoint, module)
        assert found.effect is not None
        lost = [c.lost for c in found.effect.heads]
        assert np.argmax(lost) != np.argmin(lost)
        assert "falls from" in describe_effect(found.effect, "it")
