"""The public verb: every kind of part, its nulls, and what it says where it can tell nothing."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from explorer import describe, evidence, find_modules, load, network_graph, score
from explorer.description.clients.base import Client
from explorer.errors import DescriberError, ScoringError
from explorer.network.checkpoint import Checkpoint
from explorer.scoring.nulls import (
    RANDOM,
    UNTRAINED,
    null_parts,
    null_steps,
    shuffled_labels,
    untrained,
)
from explorer.scoring.rule_scores import RULE_SCORES
from explorer.scoring.scores import OTHERS
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training
from tests.networks import random_network, tiny_network

NAMES = ["contrastive", *RULE_SCORES, "readability"]


@pytest.fixture(scope="module")
def xor():
    checkpoint = load("xor4-modular")
    return checkpoint, find_modules(network_graph(checkpoint))


@pytest.fixture(scope="module")
def described(xor):
    checkpoint, partition = xor
    found = [evidence(checkpoint, module) for module in partition.modules]
    return found, [describe(one) for one in found]


class Mute(Client):
    """Writes nothing and tells no probabilities."""

    name = id = "mute"

    def complete(self, prompt, limit):
        """Write nothing."""
        return iter(())


def test_scores_of_a_module(xor, described):
    found, texts = described
    scores = score(texts[0], found[0], others=texts[1:])
    assert [one.name for one in scores.scores] == NAMES
    assert (scores.description_id, scores.facts_id) == (texts[0].id, found[0].facts.id)
    assert scores.split == "score"
    for name in RULE_SCORES:
        one = scores[name]
        assert [null.name for null in one.nulls] == [OTHERS, RANDOM, UNTRAINED]
        assert [null.count for null in one.nulls] == [3, 4, 4]
        assert one.low <= one.value <= one.high
        assert one.value > one.nulls[0].mean
    assert "none was given" in scores["contrastive"].reason
    assert scores["readability"].value > 30
    assert scores["readability"].reason.endswith("words")


def test_a_model_without_probabilities_leaves_the_other_scores(described):
    found, texts = described
    scores = score(texts[0], found[0], others=texts[1:], client=Mute())
    assert "does not tell the probability" in scores["contrastive"].reason
    assert math.isfinite(scores["simulation"].value)


def test_only_the_text_counts(described):
    found, texts = described
    other = replace(texts[0], claims=(), written="", describer="Ada", facts_id="")
    # NaN is not equal to itself, so values are compared as they are written.
    assert repr(score(other, found[0]).scores) == repr(score(texts[0], found[0]).scores)


def test_a_long_text_has_no_readability(described):
    found, texts = described
    long = replace(texts[0], text="word " * 21)
    one = score(long, found[0])["readability"]
    assert math.isnan(one.value)
    assert one.reason == "21 words; expected at most 20"


def test_scores_of_an_interface_and_of_a_neuron():
    checkpoint = Checkpoint("random", random_network([8, 12, 8]), "xor4")
    partition = find_modules(network_graph(checkpoint), 3)
    found = evidence(checkpoint, partition.interfaces[0])
    scores = score(describe(found), found)
    assert [null.name for null in scores["simulation"].nulls] == [OTHERS, RANDOM, UNTRAINED]
    assert scores["simulation"].nulls[0].count == 0  # no other texts were given
    neuron = evidence(checkpoint, 10)
    with pytest.raises(ScoringError, match="neuron 10 without its network; expected score"):
        score(describe(neuron), neuron)
    scores = score(describe(neuron), neuron, checkpoint=checkpoint)
    assert [null.name for null in scores["simulation"].nulls] == [OTHERS, UNTRAINED]


def test_without_a_task_there_is_nothing_to_score_on():
    checkpoint = Checkpoint("tiny", tiny_network())
    neuron = evidence(checkpoint, 3)
    with pytest.raises(ScoringError, match="found tiny without a task; expected one"):
        score(describe(neuron), neuron, checkpoint=checkpoint)


def test_a_random_partition_has_as_many_neurons_of_each_layer(xor):
    _, partition = xor
    shuffled, offsets = shuffled_labels(partition), partition.graph.offsets
    assert (shuffled != partition.labels).any()
    for start, end in pairwise(offsets):
        assert np.array_equal(np.sort(shuffled[start:end]), np.sort(partition.labels[start:end]))


def test_the_untrained_network_is_the_one_that_training_began_with():
    config = TrainingConfig(task="xor4", hidden=(8,), steps=3, seed=7)
    training = Training(config)
    before = {name: t.clone() for name, t in training.network.state_dict().items()}
    training.step()
    checkpoint = Checkpoint("x", training.network, "xor4", config={"seed": 7})
    found = untrained(checkpoint).network.state_dict()
    assert all(torch.equal(found[name], before[name]) for name in before)
    assert untrained(checkpoint).id != checkpoint.id


def test_unattached_neurons_are_in_no_module_of_the_untrained_network(xor):
    checkpoint, partition = xor
    gone = set(np.flatnonzero(partition.labels < 0).tolist())
    parts = null_parts(checkpoint, partition.modules[0], UNTRAINED)
    assert len(parts) == partition.count
    assert all(not gone & set(piece.part.nodes) for piece in parts)


def test_nulls_are_computed_once_and_tell_how_far_they_are():
    checkpoint = Checkpoint("random", random_network([8, 9, 8], seed=3), "xor4")
    module = find_modules(network_graph(checkpoint), 2).modules[0]
    shares = list(null_steps(checkpoint, module))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert list(null_steps(checkpoint, module)) == []


def test_a_client_that_fails_is_no_value(described):
    found, texts = described

    class Broken(Mute):
        def log_probabilities(self, prompt, continuations):
            raise DescriberError("the model is gone; expected it to be there")

    one = score(texts[0], found[0], others=texts[1:], client=Broken())["contrastive"]
    assert math.isnan(one.value)
    assert one.reason.startswith("the model is gone")
