"""Users' own tasks outlive the process, and nothing else is found under their names."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from explorer.errors import TaskError
from explorer.network.tasks import (
    kept,
    register,
    task,
    task_from_csv,
    task_from_text,
    tasks,
    user_tasks,
)

TABLE = ("n,m,odd\n" + "\n".join(f"{n},{n * n},{n % 2}" for n in range(50))).encode()
TEXT = b"to be or not to be, that is the question. " * 200


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    kept._made.cache_clear()
    return tmp_path / "home" / "tasks"


def forget() -> None:
    """As another process would see it."""
    kept._made.cache_clear()


@pytest.mark.parametrize(
    ("make", "data"),
    [
        (lambda: task_from_csv(TABLE, "numbers.csv"), TABLE),
        (lambda: task_from_csv(TABLE, "numbers.csv", "odd"), TABLE),
        (lambda: task_from_text(TEXT, "hamlet.txt"), TEXT),
    ],
)
def test_a_task_is_found_again(make, data):
    made = register(make(), data)
    forget()
    found = task(made.name)
    assert found is not made and found.title == made.title and found.summary == made.summary
    assert found.outputs == made.outputs
    assert torch.equal(found.split("test").inputs, made.split("test").inputs)
    assert task(made.name) is found  # read once


def test_another_process_finds_it(tmp_path):
    (tmp_path / "numbers.csv").write_bytes(TABLE)
    made = task_from_csv(tmp_path / "numbers.csv", "numbers.csv")
    register(made, tmp_path / "numbers.csv")
    code = f"from explorer.network.tasks import task; print(task({made.name!r}).title)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "numbers.csv\n"


def test_columns_to_tell_make_different_tasks():
    constant = TABLE.replace(b"\n", b",0\n").replace(b"odd,0", b"odd,zero") + b",1"
    names = {
        register(task_from_csv(TABLE, "a"), TABLE).name,
        register(task_from_csv(constant, "a", "odd"), constant).name,
    }
    assert len(names) == 2 and set(user_tasks()) == names


def test_lists(folder):
    assert user_tasks() == {}
    table = register(task_from_csv(TABLE, "numbers\n.csv"), TABLE)
    text = register(task_from_text(TEXT, "hamlet.txt"), TEXT)
    os.utime(folder / f"{text.name}.task", (1, 1))
    (folder / "csv-0123456789abcdef.task").write_bytes(b"no header")
    (folder / "other.task").write_bytes(b"{}")
    assert list(user_tasks().items()) == [(table.name, "numbers .csv"), (text.name, "hamlet.txt")]
    assert not set(tasks()) & set(user_tasks())


@pytest.mark.parametrize("name", ["csv-0123456789abcdef", "text-0123456789abcdef"])
def test_names_that_are_not_kept(name):
    with pytest.raises(TaskError, match=f"found no task '{name}'; expected that of a file"):
        task(name)


@pytest.mark.parametrize(
    "name",
    ["csv-../../secret", "../csv-0123456789abcdef", "csv-0123456789abcdef/x",
     "csv-0123456789ABCDEF",
     "csv-0123456789abcdef\n", "png-0123456789abcdef", "csv-\0", ""],
)  # fmt: skip
def test_names_that_are_none(name, folder):
    folder.mkdir(parents=True)
    (folder / "secret.task").write_bytes(b"{}")
    with pytest.raises(TaskError, match="expected one of circle"):
        task(name)
    with pytest.raises(TaskError, match="found no task"):
        kept.kept_task(name)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:10],
        lambda data: data[:-1],
        lambda data: data.replace(b"49,2401,1", b"49,2401,0"),
        lambda data: data.replace(b'"odd"', b'"m"'),
        lambda data: data.replace(b'"version": 1', b'"version": 2'),
        lambda data: data.replace(b'"odd"', b"7"),
        lambda data: b"[1]\n" + TABLE,
        lambda data: b"[" * 5_000 + b"\n" + TABLE,
        lambda data: b"\xff\xfe" + data,
        lambda data: data.replace(b"\n", b" ", 1),
    ],
)
def test_damaged_files_are_one_sentence(damage, folder):
    made = register(task_from_csv(TABLE, "numbers.csv"), TABLE)
    path = folder / f"{made.name}.task"
    changed = damage(path.read_bytes())
    assert changed != path.read_bytes()
    path.write_bytes(changed)
    forget()
    with pytest.raises(TaskError, match=f"found the kept task {made.name} (damaged|changed); exp"):
        task(made.name)
    user_tasks()  # lists what can be read, and never fails
    # Opening the file again mends it.
    register(made, TABLE)
    assert task(made.name).title == "numbers.csv"


def test_only_the_file_of_a_task_is_kept_under_its_name(folder):
    made = task_from_csv(TABLE, "numbers.csv")
    for wrong, data in ((made, TABLE + b"\n1,1,1"), (task("xor4"), TABLE), (made, TEXT)):
        with pytest.raises(TaskError, match="which was not made of this file; expected one made"):
            register(wrong, data)
    assert not folder.exists()


def test_a_full_disk_is_one_sentence(folder, monkeypatch):
    def full(path, payload):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(kept, "write_atomically", full)
    with pytest.raises(TaskError, match=r"no way to keep n\.csv in .*No space left on device"):
        register(task_from_csv(TABLE, "n.csv"), TABLE)
    assert user_tasks() == {}


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(TaskError, match="found no way to keep"):
        register(task_from_csv(TABLE, "n.csv"), TABLE)


def test_those_not_used_for_longest_are_dropped(folder, monkeypatch):
    monkeypatch.setattr(kept, "MAX_KEPT", 2)
    names = []
    for number in range(3):
        data = TABLE + f"\n{number},0,0".encode()
        names.append(register(task_from_csv(data, f"{number}.csv"), data).name)
        os.utime(folder / f"{names[-1]}.task", (number + 1, number + 1))
        if number == 1:
            task(names[0])  # used again, so the second goes
    assert set(user_tasks()) == {names[0], names[2]}


def test_a_kept_file_is_readable_by_other_tools(folder):
    made = register(task_from_csv(TABLE, "numbers.csv"), TABLE)
    header, _, data = (folder / f"{made.name}.task").read_bytes().partition(b"\n")
    assert json.loads(header) == {"version": 1, "title": "numbers.csv", "target": "odd"}
    assert data == TABLE
