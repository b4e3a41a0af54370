"""What large networks do is streamed, and comes to the same as all at once."""

from pathlib import Path

import numpy as np
import pytest
import torch

from explorer import describe, evidence, find_modules, network_graph, score
from explorer.errors import TaskError
from explorer.network.architectures import CNN, GPT, MLP, Transformer
from explorer.network.checkpoint import Checkpoint, Origin
from explorer.network.graph import NetworkGraph
from explorer.network.tasks import (
    kept,
    task_from_pictures,
    task_from_rows,
    task_from_texts,
)
from explorer.network.weightings import measure_activity
from explorer.observation import activations, effects, streaming
from explorer.observation.ablation import ablate
from explorer.observation.activations import Recording, is_recorded, record_activations
from explorer.observation.feature_visualization import visualize_features
from explorer.observation.gather_facts import gather_facts
from explorer.observation.microscope import microscope
from explorer.observation.on_demand import with_effects
from explorer.observation.part_examples import labels_of, part_activity
from explorer.observation.record import neuron_evidence
from explorer.observation.stored_values import KEPT, StoredValues, Writer, open_stored
from tests.network.tasks.test_samples_numbers import picture, rows, zipped
from tests.network.tasks.tiny_tokenizers import TEXT, words_tokenizer

SIZES = {
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 4,
    "max_position_embeddings": 64,
}
KINDS = ("llama", "gpt", "pictures", "rows")


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    kept._made.cache_clear()
    effects._before.clear()


def opened(kind: str, folder: Path) -> Checkpoint:
    """A tiny network of a kind, opened with data of somebody's own."""
    generator = torch.Generator().manual_seed(1)
    if kind == "pictures":
        network = CNN((6, 8), [3, 4, 5], 3)
        network.initialise(generator)
        checkpoint = Checkpoint("cnn", network)
        made = task_from_pictures(zipped({f"{n}.png": picture(n) for n in range(30)}), checkpoint)
    elif kind == "rows":
        mlp = MLP([3, 6, 5, 2])
        mlp.initialise(generator)
        checkpoint = Checkpoint("mlp", mlp)
        made = task_from_rows(rows(), checkpoint)
    else:
        size = words_tokenizer(folder, marks=kind == "llama")
        gpt = (
            Transformer("llama", {**SIZES, "vocab_size": size})
            if kind == "llama"
            else GPT(tokens=size, width=8, heads=2, feed_forward=(12, 12))
        )
        gpt.initialise(generator)
        if kind == "llama":  # the usual small start would make all logits alike
            gpt.load_state_dict({n: t * 10 for n, t in gpt.state_dict().items()})
        checkpoint = Checkpoint(kind, gpt, origin=Origin("test", tokenizer=str(folder)))
        made = task_from_texts(TEXT, checkpoint)
    return checkpoint.with_task(made.name)


def few_at_once(monkeypatch, count: int = 3) -> None:
    """Let every network run so few examples at a time."""
    for kind in (CNN, GPT, MLP, Transformer):
        for name in ("examples_at_once", "examples_inside"):
            monkeypatch.setattr(kind, name, lambda self, positions=1: count)


def forget() -> None:
    activations._open.clear()
    effects._before.clear()


def counted(task) -> np.ndarray:
    """Which rows are no marks."""
    inputs = task.split("explain").inputs.flatten()
    return ~np.isin(inputs.numpy(), task.marks) if task.is_text else np.ones(len(inputs), bool)


@pytest.mark.parametrize("kind", KINDS)
def test_a_recording_is_what_the_network_does(kind, tmp_path, monkeypatch):
    checkpoint = opened(kind, tmp_path / "tokenizer")
    network, task = checkpoint.network, checkpoint.task
    inputs = task.split("explain").inputs
    trace = network.trace(inputs)
    whole = torch.cat([streaming.one_number(a, network.example_axes) for a in trace.layers], 1)
    expected = whole.double().numpy()
    if task.is_text:
        expected = expected * counted(task)[:, None]
    few_at_once(monkeypatch)
    assert not is_recorded(checkpoint)
    shares: list[float] = []
    found = record_activations(checkpoint, progress=shares.append)
    assert is_recorded(checkpoint) and shares == sorted(shares) and shares[-1] == 1.0
    assert len(shares) == -(-len(inputs) // 3)
    values = found.values
    assert isinstance(values, StoredValues) and values.shape == expected.shape
    # Half precision: 11 bits.
    assert np.abs(values[:, :] - expected).max() <= np.abs(expected).max() * 2**-11
    some = np.array([3, 1, 7])
    np.testing.assert_array_equal(values[:, some], values[:, :][:, some])
    np.testing.assert_array_equal(values[:, 4], values[:, :][:, 4])
    np.testing.assert_allclose(
        found.weighed(some), np.abs(values[:, some]) @ found.reach[some], rtol=1e-4, atol=1e-3
    )
    np.testing.assert_allclose(found.active_share(), (expected != 0).mean(axis=0))
    memory = Recording(expected, found.reach, checkpoint.id)
    np.testing.assert_allclose(memory.weighed(some), found.weighed(some), rtol=2e-3, atol=1e-4)
    # Read again and not run again, by this process and by the next.
    monkeypatch.setattr(type(network), "inside", None)
    assert network_graph(checkpoint, "activity").weighting == "activity"  # known by now, too
    assert record_activations(checkpoint) is found
    forget()
    again = record_activations(checkpoint)
    assert again is not found
    np.testing.assert_array_equal(again.values[:, :], values[:, :])
    np.testing.assert_array_equal(again.reach, found.reach)


def test_the_reach_of_a_chain_is_that_of_all_at_once(tmp_path, monkeypatch):
    checkpoint = opened("rows", tmp_path)
    whole = record_activations(checkpoint).reach
    (tmp_path / "home" / "activations").rename(tmp_path / "before")
    few_at_once(monkeypatch)
    np.testing.assert_allclose(record_activations(checkpoint).reach, whole, rtol=1e-6)


class StopError(Exception):
    """What a page raises to stop work."""


def test_a_stop_leaves_nothing(tmp_path, monkeypatch):
    checkpoint = opened("llama", tmp_path / "tokenizer")
    few_at_once(monkeypatch)

    def stop(share: float) -> None:
        if share > 0.5:
            raise StopError

    with pytest.raises(StopError):
        record_activations(checkpoint, progress=stop)
    assert not is_recorded(checkpoint)
    assert list((tmp_path / "home" / "activations").iterdir()) == []
    record_activations(checkpoint)
    with pytest.raises(StopError):
        ablate(checkpoint, [8], progress=stop)
    assert ablate(checkpoint, [8]).losses[0].after > 0


@pytest.mark.parametrize("damage", ["flip", "cut", "words", "gone"])
def test_a_damaged_recording_is_made_anew(damage, tmp_path):
    checkpoint = opened("rows", tmp_path)
    before = record_activations(checkpoint).values[:, :]
    (path,) = (tmp_path / "home" / "activations").glob("*.npy")
    whole = path.read_bytes()
    if damage == "flip":
        path.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    elif damage == "cut":
        path.write_bytes(whole[:-100])
    elif damage == "words":
        path.with_suffix(".json").write_text('{"version": 1, "sizes": "many"}')
    else:
        path.unlink()
    forget()
    np.testing.assert_array_equal(record_activations(checkpoint).values[:, :], before)
    assert path.read_bytes() == whole


def test_the_last_recordings_are_kept(tmp_path):
    for number in range(KEPT + 2):
        path = tmp_path / f"{number}.npy"
        writer = Writer(path, [2], 3)
        writer.write(0, 0, torch.full((3, 2), float(number)))
        writer.finish({"number": number}, {"reach": np.arange(2.0)})
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        f"{n}.{end}" for n in range(2, KEPT + 2) for end in ("json", "npy")
    ]
    found = open_stored(tmp_path / "5.npy", [2], 3)
    assert found is not None and found[1] == {"number": 5} and found[0][:, 1].tolist() == [5.0] * 3
    assert open_stored(tmp_path / "5.npy", [3], 3) is None
    assert open_stored(tmp_path / "0.npy", [2], 3) is None


@pytest.mark.parametrize("first", [1e-6, 1.0, 60_000.0])
def test_numbers_of_any_size_keep_eleven_bits(first, tmp_path):
    """A later batch may be far larger than the first, and a layer than the next."""
    rng = np.random.default_rng(0)
    batches = [torch.from_numpy(rng.normal(size=(5, 4)) * first * 100.0**n) for n in range(3)]
    writer = Writer(tmp_path / "x.npy", [3, 1], 15)
    for at, batch in enumerate(batches):
        writer.write(0, 5 * at, batch[:, :3].float())
        writer.write(1, 5 * at, batch[:, 3:].float() * 1e-4)
    writer.finish({}, {})
    found = open_stored(tmp_path / "x.npy", [3, 1], 15)
    assert found is not None
    whole = torch.cat(batches).numpy()
    whole[:, 3] *= 1e-4
    np.testing.assert_allclose(found[0][:, :], whole, rtol=2**-10)


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
