"""Pictures and rows of a table for opened networks."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.errors import TaskError
from explorer.network.architectures import CNN, GPT, MLP
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import (
    kept,
    task,
    task_from_pictures,
    task_from_rows,
    user_tasks,
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    kept._made.cache_clear()
    return tmp_path


def colour_network() -> Checkpoint:
    return Checkpoint("cnn", CNN((6, 8), [3, 4, 5], 2))


def picture(value: int, size: tuple[int, int] = (12, 9), form: str = "PNG") -> bytes:
    rng = np.random.default_rng(value)
    pixels = rng.integers(0, 255, size=(size[1], size[0], 3)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, form)
    return stream.getvalue()


def folder_of(top: Path, names: dict[str, int]) -> Path:
    at = 0
    for name, count in names.items():
        (top / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            (top / name / f"{number:03d}.png").write_bytes(picture(at))
            at += 1
    return top


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def test_pictures_without_labels_have_the_networks_own_answers(home):
    checkpoint = colour_network()
    made = task_from_pictures(folder_of(home / "holiday", {".": 20}), checkpoint)
    data = made.split("explain")
    assert data.inputs.shape == (8, 3 * 6 * 8)
    assert torch.equal(data.targets[:, 0], checkpoint.network(data.inputs).argmax(dim=1))
    assert made.summary == "Answer as the network does on the pictures of holiday (20)."
    assert made.heads[0].classes == ("0", "1") and made.fits(checkpoint.network)
    # One colour picture of three planes; what is shown of it is what lay in the file.
    assert [(i.name, i.start, i.picture) for i in made.images] == [
        ("red", 0, "picture"),
        ("green", 48, "picture"),
        ("blue", 96, "picture"),
    ]
    for image in made.images:
        part = data.inputs[:, image.start : image.start + 48] * image.scale + image.shift
        assert part.min() >= -1e-6 and part.max() <= 1 + 1e-6
    assert abs(made.images[0].scale - 0.229) < 1e-9
    kept._made.cache_clear()
    again = task(made.name)
    assert torch.equal(again.split("score").inputs, made.split("score").inputs)
    assert checkpoint.with_task(made.name).task is again
    assert user_tasks(("pictures",)) == {made.name: "holiday"}


def test_as_many_folders_as_outputs_are_the_right_answers(home):
    top = folder_of(home / "animals", {"cats": 11, "dogs": 9})
    made = task_from_pictures(top, colour_network(), normalise=False)
    assert made.heads[0].classes == ("cats", "dogs")
    assert made.summary == "Tell the folder of the pictures of animals (20)."
    targets = torch.cat([made.split(name).targets for name in ("explain", "score", "test")])
    assert set(targets.flatten().tolist()) == {0, 1}
    inputs = made.split("explain").inputs
    assert float(inputs.min()) >= 0 and float(inputs.max()) <= 1
    # The same in a zip file, with a folder around all of it.
    members = {f"all/{p.relative_to(top).as_posix()}": p.read_bytes() for p in top.rglob("*.png")}
    packed = task_from_pictures(zipped(members), colour_network(), "animals", normalise=False)
    assert packed.name == made.name


def test_the_middle_is_taken_at_the_networks_size(home):
    wide = np.zeros((6, 20, 3), dtype=np.uint8)
    wide[:, 6:14] = 255  # the middle 8 of 20 columns
    stream = io.BytesIO()
    Image.fromarray(wide).save(stream, "BMP")
    packed = zipped({f"{n}.bmp": stream.getvalue() for n in range(10)})
    made = task_from_pictures(
        packed,
        colour_network(),
        normalise=False,
    )
    assert torch.equal(made.split("test").inputs, torch.ones(1, 144))


def test_damaged_pictures_are_counted_and_named(home):
    top = folder_of(home / "some", {".": 12})
    (top / "aaa.png").write_bytes(picture(99)[:60])
    (top / "bbb.jpg").write_text("no picture")
    (top / "notes.txt").write_text("not looked at")
    (top / "link.png").symlink_to("/etc/hostname")
    made = task_from_pictures(top, colour_network())
    assert "(12; 2 left out: aaa.png (" in made.summary and "bbb.jpg" in made.summary


def _bomb() -> bytes:
    """A PNG of 100 megapixels in some kilobytes, from its header on."""
    stream = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("nothing there", "no folder or file"),
        ("empty folder", "no pictures in the folder"),
        ("few", "found 3 pictures"),
        ("no zip", "no zip file"),
        ("empty", "no zip file"),
        ("zip without pictures", "no pictures in the zip"),
        ("image bombs", "100x10,000|10,000x10,000 pixels"),
        ("zip bomb", "over 50 MB"),
        ("escaping names", "found 0 pictures"),
        ("tokens", "reads tokens"),
        ("numbers", "reads 7 numbers"),
    ],
)
def test_bad_pictures_are_told_in_a_sentence(kind, found, home):
    checkpoint, source = colour_network(), home / "top"
    if kind == "empty folder":
        source.mkdir()
    elif kind == "few":
        folder_of(source, {".": 3})
    elif kind in ("no zip", "empty"):
        source = b"PK\x03\x04 no more" if kind == "no zip" else b""
    elif kind == "zip without pictures":
        source = zipped({"readme.txt": b"hello"})
    elif kind == "image bombs":
        bomb = _bomb()
        source = zipped({f"{n}.png": bomb for n in range(12)})
    elif kind == "zip bomb":
        source = zipped({"0.png": bytes(60_000_000)})
    elif kind == "escaping names":
        source = zipped({f"../../{n}.png": b"x" for n in range(12)})
    elif kind == "tokens":
        checkpoint = Checkpoint("gpt", GPT(tokens=9, width=4, heads=2, feed_forward=(4,)))
    elif kind == "numbers":
        checkpoint = Checkpoint("mlp", MLP([7, 2]))
    with pytest.raises(TaskError, match=found) as problem:
        task_from_pictures(source, checkpoint)
    assert "expected" in str(problem.value) and "\n" not in str(problem.value)
    assert user_tasks() == {} and not (home.parent / "0.png").exists()


def rows(labels: list[str] | None = None, count: int = 40) -> bytes:
    rng = np.random.default_rng(0)
    lines = [",".join(f"{x:.3f}" for x in row) for row in rng.normal(size=(count, 3))]
    head = "a,b,c"
    if labels is not None:
        head, lines = (
            "a,b,c,answer",
            [f"{line},{labels[n % len(labels)]}" for n, line in enumerate(lines)],
        )
    return "\n".join([head, *lines]).encode()


def test_rows_go_in_as_they_are(home):
    checkpoint = Checkpoint("mlp", MLP([3, 4, 2]))
    made = task_from_rows(rows(), checkpoint, "numbers.csv")
    data = made.split("explain")
    assert made.inputs == ("a", "b", "c") and data.inputs.shape == (16, 3)
    first = [float(x) for x in rows().decode().splitlines()[1].split(",")]
    assert data.inputs[0].tolist() == pytest.approx(first)
    assert torch.equal(data.targets[:, 0], checkpoint.network(data.inputs).argmax(dim=1))
    assert made.summary == "Answer as the network does on the rows of numbers.csv (40)."
    kept._made.cache_clear()
    assert torch.equal(task(made.name).split("test").inputs, made.split("test").inputs)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [(["1", "2"], ("1", "2")), (["0", "1"], ("0", "1")), (["no", "yes"], ("no", "yes"))],
)
def test_one_column_more_is_the_right_answer(labels, classes, home):
    made = task_from_rows(rows(labels), Checkpoint("mlp", MLP([3, 4, 2])))
    assert made.heads[0].name == "answer" and made.heads[0].classes == classes
    assert made.split("explain").targets[:4, 0].tolist() == [0, 0, 1, 1]
    assert made.summary == "Tell answer from the other columns of table (40)."


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "empty file"),
        (b"a,b\n1,2", "columns of numbers"),
        (rows().replace(b"-", b"x", 1), "found the text|no readable table"),
        (rows() + b"\nred,1,2", "found the text 'red' in row 42 of the column 'a'"),
        (rows(["1", "7"]), "answers from 1 to 7"),
        (rows(["a", "b", "c"]), "3 different answers"),
        (rows(["0.5", "1"]), "whole numbers"),
        (rows(count=4), "4 rows"),
        (rows() + b"\n,1,2", "missing value"),
        (rows() + b"\nnan,1,2", "missing value"),
        (rows() + b"\ninf,1,2", "infinite"),
        (rows() + b"\n1e38,1,2", "beyond"),
        (b"\x00\x01\x02" * 100, "UTF-8|binary"),
    ],
)
def test_bad_tables_are_told_in_a_sentence(data, found, home):
    with pytest.raises(TaskError, match=found) as problem:
        task_from_rows(data, Checkpoint("mlp", MLP([3, 4, 2])))
    assert "\n" not in str(problem.value) and user_tasks() == {}
