"""What a gate is taught: labels of what is read, clusters without labels, shuffled labels."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from explorer.errors import ConfigError
from explorer.network.architectures import GPT
from explorer.network.checkpoint import Checkpoint, save
from explorer.network.tasks import task
from explorer.network.tasks.stories import draw_stories
from explorer.network.tasks.stories_grammar import WORDS
from explorer.training.config import TrainingConfig
from explorer.training.gate_clusters import find_clusters
from explorer.training.gate_losses import (
    balance,
    gate_labels,
    gate_penalty,
    read_labels,
    shuffled_labels,
)
from explorer.training.loop import Training

SMALL = TrainingConfig(
    task="stories",
    network="gpt",
    hidden=(16,),
    width=16,
    heads=4,
    loss="fixed_bins",
    module_count=4,
    gate="labels",
    batch_size=8,
    steps=40,
)
BATCH = draw_stories(torch.Generator().manual_seed(0), 16)


def gated(seed: int = 0) -> GPT:
    network = GPT(len(WORDS), 16, 4, (16,), gate=4)
    network.initialise(torch.Generator().manual_seed(seed))
    return network


def test_every_token_of_a_story_has_the_label_of_its_sentence() -> None:
    labels = read_labels(BATCH.skills)
    assert bool((labels >= 0).all())
    starts = {"a": 0, "open": 2, "in": 3, "mary": 3}
    for word, skill in starts.items():
        at = (BATCH.inputs == WORDS.index(word)) & (BATCH.skills != -1)
        assert set(labels[at].tolist()) == {skill}


def test_the_penalty_is_what_the_formula_says() -> None:
    network = gated()
    trace = network.trace(BATCH.inputs)
    labels = read_labels(BATCH.skills)
    logits = trace.extra["gate"]
    expected = sum(F.cross_entropy(layer.flatten(0, 1), labels.flatten()) for layer in logits) * 0.3
    shares = []
    for layer in logits:
        chosen = layer.argmax(dim=-1)
        probability = layer.softmax(dim=-1)
        shares.append(
            sum(
                (chosen == m).double().mean() * probability[..., m].double().mean()
                for m in range(4)
            )
        )
    expected = expected + 0.02 * 4 * sum(shares) / len(shares)
    torch.testing.assert_close(gate_penalty(trace, BATCH, SMALL).double(), expected.double())


def test_balance_is_least_where_all_modules_are_used_alike() -> None:
    alike = torch.eye(4).mul(50.0).reshape(1, 1, 4, 4)
    one = torch.tensor([50.0, 0.0, 0.0, 0.0]).expand(1, 1, 4, 4)
    assert float(balance(alike)) == pytest.approx(0.25)
    assert float(balance(one)) == pytest.approx(1.0)


def test_routers_learn_what_they_are_taught() -> None:
    training = Training(replace(SMALL, steps=60, learning_rate=1e-2))
    while not training.done:
        training.step()
    logits = training.network.trace(BATCH.inputs).extra["gate"]
    right = (logits.argmax(dim=-1) == read_labels(BATCH.skills)).double().mean()
    assert float(right) > 0.8  # a third of the tokens are of the commonest skill


def test_shuffled_labels_say_nothing_of_skills_and_are_the_same_each_time() -> None:
    many = draw_stories(torch.Generator().manual_seed(1), 2_000)
    labels = read_labels(many.skills)
    shuffled = shuffled_labels(many.inputs, labels, 4)
    assert torch.equal(shuffled, shuffled_labels(many.inputs, labels, 4))
    known = shuffled >= 0
    assert 0.7 < float(known.double().mean()) < 1.0
    for skill in range(4):
        dealt = torch.bincount(shuffled[known & (labels == skill)], minlength=4).double()
        assert float(dealt.max() / dealt.sum()) < 0.6  # no module has nearly all of a skill
        assert int((dealt > 0).sum()) >= 3


def test_shuffled_labels_depend_only_on_the_first_two_tokens_of_a_run() -> None:
    tokens = torch.tensor([[4, 5, 6, 7, 8, 9], [4, 5, 1, 2, 8, 9]])
    labels = torch.tensor([[0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1]])
    found = shuffled_labels(tokens, labels, 4)
    assert torch.equal(found[0], found[1])
    assert found[0].tolist().count(-1) == 2  # the first token of either run


@pytest.mark.slow
def test_clusters_of_a_trained_network_find_skills_without_labels() -> None:
    from explorer.observation.specialisation import purity

    config = TrainingConfig(
        task="stories", network="gpt", hidden=(32,), width=32, heads=4, batch_size=16, steps=150
    )
    training = Training(config)
    while not training.done:
        training.step()
    teacher = training.network.copy()
    clusters = find_clusters(teacher, task("stories").split("train").inputs[:200], 4)
    found = clusters.labels(BATCH.inputs)
    truth = read_labels(BATCH.skills)
    assert found.shape == truth.shape
    commonest = float((truth == truth.mode().values.mode().values).double().mean())
    assert purity(found.flatten().numpy(), truth.flatten().numpy()) > commonest + 0.1


def test_clusters_are_those_of_the_teacher_named(tmp_path: Path) -> None:
    teacher = GPT(len(WORDS), 16, 4, (16,))
    path = tmp_path / "teacher.safetensors"
    save(Checkpoint("teacher", teacher.copy(), "stories"), path)
    config = replace(SMALL, gate="clusters", gate_teacher=str(path))
    labels = gate_labels(BATCH, config, 4)
    assert labels.shape == BATCH.inputs.shape
    assert torch.equal(labels, gate_labels(BATCH, config, 4))
    expected = find_clusters(teacher.copy(), task("stories").split("train").inputs[:500], 4)
    assert torch.equal(labels, expected.labels(BATCH.inputs))


def test_a_teacher_of_another_task_is_refused() -> None:
    config = replace(SMALL, gate="clusters", gate_teacher="digits-plain")
    with pytest.raises(ConfigError, match="expected a trained GPT for the task stories"):
        gate_labels(BATCH, config, 4)


def test_a_network_without_a_gate_and_tokens_without_skills_are_refused() -> None:
    plain = GPT(len(WORDS), 16, 4, (16,))
    with pytest.raises(ConfigError, match="a network without"):
        gate_penalty(plain.trace(BATCH.inputs), BATCH, SMALL)
    unlabelled = replace(BATCH, skills=None)
    with pytest.raises(ConfigError, match="have no skills"):
        gate_penalty(gated().trace(BATCH.inputs), unlabelled, SMALL)


def test_fewer_modules_than_skills_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"module_count = 2 .*; expected 4 or more, a module for"):
        gate_penalty(
            GPT(len(WORDS), 16, 4, (16,), gate=2).trace(BATCH.inputs),
            BATCH,
            replace(SMALL, module_count=2),
        )
