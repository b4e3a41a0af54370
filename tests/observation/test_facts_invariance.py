"""The same facts are told of the same part: in other units, another order, another process."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer import evidence, find_modules, load, network_graph
from explorer.modularity.partition import make_partition
from explorer.network.architectures import with_weights
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import SPLITS
from explorer.network.tasks.base import Task
from explorer.observation.facts import Facts, Need
from explorer.observation.gather_facts import gather_facts
from tests.networks import random_network, rescaled
from tests.observation.cases import random_checkpoint, thirds, xor_by_hand


def nameless(facts: Facts) -> Facts:
    """Facts without what names the network that they are of."""
    return replace(facts, checkpoint_id="", partition_id="")


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=16, max_size=16))
def test_the_scale_of_neurons_does_not_matter(powers):
    """Powers of two keep every rounding, so that facts are the same to the last digit."""
    checkpoint = random_checkpoint("mlp")
    scales = [2.0 ** np.array(powers[:9]), 2.0 ** np.array(powers[9:])]
    other = Checkpoint("rescaled", rescaled(checkpoint.network, scales), "xor4")
    partition, twin = thirds(checkpoint), thirds(other)
    for part, same in (
        (partition.modules[0], twin.modules[0]),
        (partition.interfaces[0], twin.interfaces[0]),
        (10, 10),
    ):
        assert nameless(gather_facts(checkpoint, part)) == nameless(gather_facts(other, same))


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(9)))
def test_the_order_of_neurons_does_not_matter(order):
    """But for rounding: in another order, sums are rounded otherwise."""
    checkpoint = random_checkpoint("mlp")
    partition = thirds(checkpoint)
    weights = [weight.clone() for weight in checkpoint.network.weights]
    biases = [bias.clone() for bias in checkpoint.network.biases]
    weights[0], biases[0], weights[1] = weights[0][order], biases[0][order], weights[1][:, order]
    moved = Checkpoint("moved", with_weights(checkpoint.network, weights, biases), "xor4")
    labels = partition.labels.copy()
    labels[8:17] = labels[8:17][order]
    turned = make_partition(network_graph(moved), labels)
    for first, second in (
        (partition.modules[0], turned.modules[0]),
        (partition.interfaces[0], turned.interfaces[0]),
    ):
        found, other = (
            numbers(gather_facts(c, p)) for c, p in ((checkpoint, first), (moved, second))
        )
        assert found.keys() == other.keys()
        for key, value in found.items():
            assert other[key] == pytest.approx(value, abs=2e-3)


def numbers(facts: Facts) -> dict[tuple[str, ...], tuple[float, ...]]:
    shares = {("share", s.head, s.label): (s.base, s.mean) for s in facts.shares}
    needs = {("need", n.head, n.label): (n.lost, n.nats) for n in facts.needs}
    named = {
        (kind, s.name): (s.share,) for kind in ("reads", "promotes") for s in getattr(facts, kind)
    }
    return shares | needs | named


def test_nothing_but_the_explain_split_is_looked_at(monkeypatch):
    """Means to hold neurons at are those of training; no other split is so much as asked for."""
    asked = set()
    split_of = Task.split

    def split(self, name):
        asked.add(name)
        return split_of(self, name)

    monkeypatch.setattr(Task, "split", split)
    for kind in ("mlp", "cnn"):
        checkpoint = random_checkpoint(kind)
        partition = thirds(checkpoint)
        for part in (partition.modules[0], partition.interfaces[0], 9):
            facts = evidence(checkpoint, part).facts
            assert facts.split == "explain"
            assert facts == gather_facts(checkpoint, part)
    assert asked == {"explain", "train"}


def test_another_split_can_be_asked_for():
    checkpoint = Checkpoint("pair", random_network([32, 6, 20]), "pair")
    found = [gather_facts(checkpoint, 34, split) for split in SPLITS[2:]]
    assert [facts.split for facts in found] == list(SPLITS[2:])
    assert len({facts.shares for facts in found}) == 3


CODE = """
from explorer import evidence, find_modules, load, network_graph
checkpoint = load("xor4-modular")
partition = find_modules(network_graph(checkpoint), k=4)
parts = (*partition.modules, *partition.interfaces, 40)
print(*(evidence(checkpoint, part).facts.id for part in parts))
"""


def test_another_process_finds_the_same():
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=120
    )
    checkpoint = load("xor4-modular")
    partition = find_modules(network_graph(checkpoint), k=4)
    parts = (*partition.modules, *partition.interfaces, 40)
    assert done.stdout.split() == [gather_facts(checkpoint, part).id for part in parts]


def test_the_canonical_form():
    facts = gather_facts(xor_by_hand(), 9)
    assert hash(facts) == hash(gather_facts(xor_by_hand(), 9))
    plain = json.loads(facts.canonical())
    assert plain["needs"][0] == {
        "head": "pair 1",
        "label": "differ",
        "lost": 0.5,
        "nats": plain["needs"][0]["nats"],
    }
    assert list(plain) == sorted(plain)
    changed = replace(facts, needs=(replace(facts.needs[0], lost=0.51), *facts.needs[1:]))
    assert changed.id != facts.id
    nothing = replace(facts, needs=(Need("pair 1", "same", -0.0, 1e-12),))
    assert '"lost":0.0' in nothing.canonical()
