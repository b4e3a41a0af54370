"""Evidence, texts and scores of opened networks, in parts and all at once."""

import numpy as np
import pytest
import torch

from explorer import describe, evidence, find_modules, network_graph, score
from explorer.errors import TaskError
from explorer.network.architectures import Transformer
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import NetworkGraph
from explorer.network.weightings import measure_activity
from explorer.observation import streaming
from explorer.observation.activations import record_activations
from explorer.observation.feature_visualization import visualize_features
from explorer.observation.gather_facts import gather_facts
from explorer.observation.microscope import microscope, places_at_work
from explorer.observation.on_demand import with_effects
from explorer.observation.part_examples import labels_of, part_activity
from explorer.observation.record import neuron_evidence
from tests.observation.opened import KINDS, counted, few_at_once, forget, fresh_home, opened


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch) -> None:
    fresh_home(tmp_path, monkeypatch)


def graph_of(checkpoint: Checkpoint) -> NetworkGraph:
    return network_graph(checkpoint, "layer")


@pytest.mark.parametrize("kind", KINDS)
def test_evidence_in_parts_is_that_of_all_at_once(kind, tmp_path, monkeypatch):
    checkpoint = opened(kind, tmp_path / "tokenizer")
    graph = graph_of(checkpoint)
    partition = find_modules(graph, k=2)
    parts = [partition.module("A"), partition.interfaces[0]]
    neuron = int(graph.offsets[1])
    whole = [evidence(checkpoint, part) for part in parts]
    alone = neuron_evidence(graph_of(checkpoint), neuron, effects=True)
    seen = None if not checkpoint.task.is_text else microscope(checkpoint, neuron)
    activity = network_graph(checkpoint, "activity")
    for kept_file in (tmp_path / "home" / "activations").iterdir():
        kept_file.unlink()
    forget()
    few_at_once(monkeypatch)
    assert streaming.takes_long(checkpoint)
    monkeypatch.setattr(streaming, "takes_long", lambda checkpoint, split="explain": False)
    for place in ("effects", "gather_facts", "microscope", "on_demand", "promotes", "record"):
        monkeypatch.setattr(f"explorer.observation.{place}.takes_long", lambda *_: False)
    for part, before in zip(parts, whole, strict=True):
        shares: list[float] = []
        found = with_effects(checkpoint, evidence(checkpoint, part, effects=False), shares.append)
        assert found.effect is not None and shares == sorted(shares)
        assert close(found.effect, before.effect) and found.facts == before.facts
    assert neuron_evidence(graph, neuron, effects=True).facts.needs == alone.facts.needs
    if seen is not None:
        again = microscope(checkpoint, neuron)
        assert again.changed == seen.changed and again.most[0].row == seen.most[0].row
    same = network_graph(checkpoint, "activity")
    for one, other in zip(same.blocks, activity.blocks, strict=True):
        np.testing.assert_allclose(one.dense(), other.dense(), rtol=1e-4, atol=1e-9)


def close(one, other) -> bool:
    figures = [
        [f for loss in effect.losses + effect.class_losses for f in (loss.before, loss.after)]
        for effect in (one, other)
    ]
    return np.allclose(*figures, rtol=1e-4, equal_nan=True) and one.heads == other.heads


def test_where_a_run_takes_long_evidence_comes_without(tmp_path, monkeypatch):
    checkpoint = opened("llama", tmp_path / "tokenizer")
    few_at_once(monkeypatch)
    partition = find_modules(graph_of(checkpoint), k=2)
    record_activations(checkpoint)
    with monkeypatch.context() as patch:
        patch.setattr(Transformer, "trace", None)  # nothing is run
        patch.setattr(Transformer, "inside", None)
        found = evidence(checkpoint, partition.module("A"))
        head = neuron_evidence(partition.graph, 8)
        between = evidence(checkpoint, partition.interfaces[0])
    for one in (found, head):
        assert one.effect is None and not one.facts.needs and not one.facts.promotes
        assert one.facts.shares and one.facts.snippets and one.facts.reads
    assert between.activity is None and between.facts.reads
    monkeypatch.setattr(streaming, "FEW", 4)
    more = with_effects(checkpoint, head)
    assert more.effect.examples == 4 and len(more.effects) == 1
    assert more.effect.heads[0].count == 4 * 64 and more.facts.promotes
    assert gather_facts(checkpoint, 8).needs == ()
    with pytest.raises(TaskError, match="too large to make inputs"):
        visualize_features(checkpoint, 8)


def test_marks_count_nowhere(tmp_path):
    checkpoint = opened("llama", tmp_path / "tokenizer")
    task = checkpoint.task
    marks = ~counted(task)
    assert marks.sum() == len(task.split("explain"))
    partition = find_modules(graph_of(checkpoint), k=2)
    for part in (8, partition.module("A"), partition.interfaces[0]):
        activity = part_activity(checkpoint, part)
        assert (activity[marks] == 0).all() and activity.mean() == pytest.approx(1.0)
    # Neither do they in the graph weighted by activity.
    seen = measure_activity(checkpoint.network, task.split("explain").inputs, marks=task.marks)
    site = checkpoint.network.inside(task.split("explain").inputs).sites[3].flatten(0, 1)
    expected = site[torch.from_numpy(~marks)].abs().mean(dim=0)
    torch.testing.assert_close(seen.mean[3], expected, rtol=1e-4, atol=1e-6)
    labels, _ = labels_of(task, "explain")
    assert ("token", "<bos>") not in labels and ("token", " the") in labels
    # Nor are they what a part is least active on.
    found = evidence(checkpoint, partition.module("A"), effects=False)
    own = found.activity[~marks]
    assert found.activity[list(found.least)].max() <= np.sort(own)[7] and own.min() > 0
    assert not marks[list(found.least)].any() and not set(found.least) & set(found.most)
    least = places_at_work(task, found.activity, least=True)
    assert least[0].activity[least[0].at] == own.min()
    assert "<bos>" not in [snippet.tokens[snippet.at] for snippet in least]


def test_parts_of_a_text_network_are_described_and_scored(tmp_path, monkeypatch):
    checkpoint = opened("llama", tmp_path / "tokenizer")
    few_at_once(monkeypatch)
    partition = find_modules(graph_of(checkpoint), k=2)
    found = [evidence(checkpoint, module) for module in partition.modules]
    texts = [describe(one) for one in found]
    assert '" ' in texts[0].text or "active on nothing" in texts[0].text.lower()
    assert all(claim.holds for text in texts for claim in text.claims)
    assert all("[" in line and "  " not in line for line in found[0].facts.snippets)
    scores = score(texts[0], found[0], others=texts[1:])
    assert -1 <= scores["simulation"].value <= scores["simulation"].ceiling + 1e-9
    assert [null.name for null in scores["detection"].nulls] == [
        "another module",
        "random partition",
    ]
    assert np.isnan(scores["ablation_agreement"].value)
    head = neuron_evidence(partition.graph, 8)
    assert score(describe(head), head, checkpoint=checkpoint)["detection"].value > 0
