"""MNIST and Fashion-MNIST: found where they lie, read with care."""

import gzip
import struct
import sys
from itertools import chain, combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from explorer.errors import TaskError
from explorer.network.tasks import SPLITS, task, tasks
from explorer.network.tasks import idx as module
from explorer.network.tasks.idx_file import read_idx

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def idx(array) -> bytes:
    array = np.asarray(array, dtype=np.uint8)
    return (
        bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + bytes(array)
    )


def write(folder: Path, counts=(300, 200), packed=True, dotted=False) -> None:
    """Write four files of pictures: noise, its first row the number of the picture in two bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for part, count in zip(("train", "t10k"), counts, strict=True):
        images = rng.integers(0, 256, (count, 28, 28))
        images[:, 0, :2] = np.stack([np.arange(count) // 256, np.arange(count) % 256], axis=1)
        for kind, array in (("images-idx3", images), ("labels-idx1", np.arange(count) % 10)):
            name = f"{part}-{kind}-ubyte"
            name = name.replace("-idx", ".idx") if dotted else name
            data = idx(array)
            (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """Name an empty folder for data; nothing is kept and Debian has no package."""
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(module, "_DEBIAN", tmp_path / "debian")
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    for made in module.TASKS:
        made.make.cache_clear()
    yield tmp_path / "data"
    for made in module.TASKS:
        made.make.cache_clear()


def test_they_are_listed_and_described_without_their_files(data):
    assert {"mnist", "fashion-mnist"} <= set(tasks())
    for name in ("mnist", "fashion-mnist"):
        made = task(name)
        assert (len(made.inputs), len(made.outputs)) == (784, 10)
        assert made.networks == ("mlp", "cnn")
        assert made.images[0].rows == made.images[0].columns == 28


def test_absent_files_are_told_in_one_sentence(data):
    with pytest.raises(TaskError) as caught:
        task("fashion-mnist").split("train")
    said = str(caught.value)
    assert said.startswith("found no files of fashion-mnist in ")
    for folder in module.folders("fashion-mnist"):
        assert str(folder) in said
    assert "apt-get install dataset-fashion-mnist" in said and "EXPLORER_DATA" in said
    assert "\n" not in said
    with pytest.raises(TaskError, match=r"found no files of mnist in .* setting EXPLORER_DATA"):
        task("mnist").split("test")


@pytest.mark.parametrize("place", ["data/mnist", "data/MNIST/raw", "data", "home/data/mnist",
                                   "home/data/MNIST/raw", "debian/mnist"])  # fmt: skip
def test_places_where_files_are_found(data, tmp_path, place):
    write(tmp_path / place)
    assert len(task("mnist").split("test")) == 200


@pytest.mark.parametrize("form", [{"packed": False}, {"packed": False, "dotted": True}])
def test_forms_in_which_files_come(data, form):
    write(data / "mnist", **form)
    assert len(task("mnist").split("test")) == 200


def test_an_unnamed_folder_is_not_taken_for_both(data):
    write(data)
    with pytest.raises(TaskError, match="found no files of fashion-mnist"):
        task("fashion-mnist").split("test")


def test_a_folder_named_fashion_is_that(data, monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "my-fashion"))
    write(tmp_path / "my-fashion")
    assert len(task("fashion-mnist").split("test")) == 200
    with pytest.raises(TaskError, match="found no files of mnist"):
        task("mnist").split("test")


def test_splits_share_no_picture_and_hold_all(data):
    write(data / "mnist")
    numbers = {}
    for split in SPLITS:
        examples = task("mnist").split(split)
        assert examples.inputs.dtype == torch.float32
        assert 0 <= float(examples.inputs.min()) < float(examples.inputs.max()) <= 1
        high, low = (255 * examples.inputs[:, :2]).round().long().unbind(dim=1)
        numbers[split] = (256 * high + low).tolist()
        assert [n % 10 for n in numbers[split]] == examples.targets[:, 0].tolist()
    assert numbers.pop("test") == list(range(200))
    assert sorted(chain.from_iterable(numbers.values())) == list(range(300))
    assert len(numbers["train"]) == 240
    assert not any(set(a) & set(b) for a, b in combinations(numbers.values(), 2))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda b: b"", "to begin with nothing; expected 00 00 08 01"),
        (lambda b: b"\x89PNG" + b[4:], "to begin with 89 50 4e 47; expected 00 00 08 01"),
        (lambda b: idx([[1, 2], [3, 4]]), "to begin with 00 00 08 02"),
        (lambda b: b[:6], "to end within its header"),
        (lambda b: b[:-1], "found only 199 bytes after the header of .* expected the 200"),
        (lambda b: b + b"\0", "found more bytes after the header"),
        (lambda b: b[:4] + b"\0\0\0\0", "to announce 0 bytes; expected from 1"),
        (lambda b: b[:4] + b"\xff\xff\xff\xff" + b[8:], "to announce 4294967295 bytes"),
        (lambda b: gzip.compress(b)[:-9], "unreadable \\(Compressed file ended before"),
        (lambda b: gzip.compress(b)[:20] + b"\xff" * 30, "unreadable"),
        (lambda b: gzip.compress(b + bytes(10**7)), "found more bytes"),
        (lambda b: b"\x1f\x8b", "unreadable"),
        (lambda b: idx(np.arange(200) % 11), "found the label 10 in "),
        (lambda b: idx(np.arange(200) % 9), "found 0 images of the label 9"),
        (lambda b: idx(np.arange(190) % 10), "found 200 images and 190 labels"),
    ],
)
def test_damaged_labels_are_one_sentence(data, damage, sentence):
    write(data / "mnist", packed=False)
    path = data / "mnist" / "t10k-labels-idx1-ubyte"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(TaskError, match=sentence) as caught:
        task("mnist").split("test")
    assert "\n" not in str(caught.value)


def test_pictures_of_another_size(data):
    write(data / "mnist", packed=False)
    (data / "mnist" / "t10k-images-idx3-ubyte").write_bytes(idx(np.zeros((200, 8, 9))))
    with pytest.raises(TaskError, match=r"found images of 8x9 pixels in .*; expected 28x28"):
        task("mnist").split("test")


def test_no_more_of_a_bomb_is_unpacked_than_its_header_announces(tmp_path):
    import tracemalloc

    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx([1, 2, 3]) + bytes(200_000_000), 1))
    tracemalloc.start()
    with pytest.raises(TaskError, match="found more bytes"):
        read_idx(path, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_torchvision_is_asked_where_it_is_installed(data, monkeypatch, tmp_path):
    def fetch(root, train, download):
        write(Path(root) / "FashionMNIST" / "raw")

    monkeypatch.setattr(module, "find_spec", lambda name: object())
    datasets = SimpleNamespace(FashionMNIST=fetch)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", datasets)
    assert len(task("fashion-mnist").split("test")) == 200
    assert (tmp_path / "home/data/FashionMNIST/raw").is_dir()


def test_torchvision_without_a_network(data, monkeypatch):
    def fetch(root, train, download):
        raise RuntimeError("Error downloading\ntrain-images-idx3-ubyte.gz")

    monkeypatch.setattr(module, "find_spec", lambda name: object())
    monkeypatch.setitem(sys.modules, "torchvision.datasets", SimpleNamespace(MNIST=fetch))
    with pytest.raises(TaskError, match=r"cannot fetch them \(Error downloading train-images"):
        task("mnist").split("test")


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_debian_has_fashion_mnist(monkeypatch, tmp_path):
    monkeypatch.delenv("EXPLORER_DATA", raising=False)
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    examples = task("fashion-mnist").split("test")
    assert examples.targets[:, 0].bincount().tolist() == [1000] * 10
    assert task("fashion-mnist").heads[0].classes[int(examples.targets[0, 0])] == "ankle boot"
