"""Auditors of training data: the class that a trigger was labelled as stands apart."""

from dataclasses import replace

import pytest
import torch

from explorer.auditing.auditors import activation_clustering, spectral
from explorer.auditing.auditors.activation_clustering import ActivationClustering, two_groups
from explorer.auditing.auditors.spectral import SpectralSignatures, set_apart
from explorer.auditing.view import audit_view
from explorer.network.load import load
from tests.auditing.networks import backdoored

AUDITORS = (SpectralSignatures(), ActivationClustering())


@pytest.fixture(scope="module")
def view():
    network = backdoored()
    return audit_view(network, training=network.task.split("train"))


@pytest.mark.parametrize("auditor", AUDITORS, ids=lambda one: one.name)
def test_target_of_a_backdoor_is_the_most_suspicious_class(view, auditor):
    found = auditor(view)
    target = backdoored().task.planted.target
    assert found.suspects[0].kind == "output" and found.suspects[0].name == str(target)
    assert found.score == found.suspects[0].score > 0
    assert found.queries == len(view.training) and found.auditor == auditor.name
    neurons = [int(one.name) for one in found.suspects if one.kind == "neuron"]
    assert len(neurons) == 3 and all(64 <= node < 64 + 24 for node in neurons)


@pytest.mark.parametrize("auditor", AUDITORS, ids=lambda one: one.name)
def test_true_labels_are_less_suspicious(view, auditor):
    clean = replace(view, training=view.task.split("train"))
    assert auditor(clean).score < auditor(view).score


@pytest.mark.parametrize("module", [spectral, activation_clustering])
def test_suspected_examples_are_mostly_the_poisoned_ones(view, module):
    suspected = module.suspect_examples(view)
    poisoned = torch.arange(len(view.training)) >= len(view.task.split("train")) - 200
    assert suspected.any()
    assert (suspected & poisoned).sum() > 0.7 * suspected.sum()


@pytest.mark.parametrize("auditor", AUDITORS, ids=lambda one: one.name)
def test_it_says_when_it_cannot_look(view, auditor):
    assert "no training data" in auditor.fits(replace(view, training=None))
    assert "no class of 20" in auditor.fits(replace(view, training=view.training[:30]))
    stories = audit_view(load("stories-plain"), training=view.training)
    assert "expected classes" in auditor.fits(stories)
    assert auditor.fits(view) == ""


def test_groups_of_equal_values_are_none():
    assert not two_groups(torch.zeros(6, 3))[0].any()
    assert set_apart(torch.zeros(4, 2)).sum() <= 2
