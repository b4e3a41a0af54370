"""What large networks do is streamed, and comes to the same as all at once."""

import numpy as np
import pytest
import torch

from explorer import network_graph
from explorer.observation import streaming
from explorer.observation.ablation import ablate
from explorer.observation.activations import Recording, is_recorded, record_activations
from explorer.observation.stored_values import KEPT, StoredValues, Writer, open_stored
from tests.observation.opened import KINDS, counted, few_at_once, forget, fresh_home, opened


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch) -> None:
    fresh_home(tmp_path, monkeypatch)


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
