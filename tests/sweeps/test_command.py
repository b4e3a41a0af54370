"""``explorer sweep``: what it prints, how it is stopped, what it refuses."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer import cli
from explorer.sweeps.folder import SweepFolder

ROOT = Path(__file__).resolve().parents[2]
GRID = """
[settings]
task = "xor4"
hidden = [8]
steps = {}

[vary]
modularity_coefficient = [1]
seed = [0, 1]
"""


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "explorer.cli", "sweep", *map(str, arguments)]


@pytest.fixture
def grid(tmp_path):
    def write(steps: int) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(GRID.format(steps))
        return path

    return write


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, cwd=ROOT
    )


@pytest.mark.slow
def test_a_sweep_is_run_and_printed(grid, tmp_path, monkeypatch, capsys):
    done = run(grid(3), "--out", tmp_path / "sweep", "--workers", 1)
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("loss")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:3]] == ["plain", "layered"]
    assert done.stderr == "runs\n"  # a bar, on a terminal
    arguments = [str(grid(3)), "--out", str(tmp_path / "sweep"), "--json"]
    monkeypatch.setattr(sys, "argv", ["explorer", "sweep", *arguments])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    points = json.loads(capsys.readouterr().out)["points"]
    assert [point["line"] for point in points] == ["plain", "layered"]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL, "folder"])
def test_a_sweep_is_stopped_and_leaves_no_process(how, grid, tmp_path):
    folder = SweepFolder(tmp_path / "sweep")
    with subprocess.Popen(
        command(grid(1_000_000), "--out", folder.path, "--workers", 1),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    ) as started:
        try:
            wait_for(lambda: len(group(started.pid)) >= 3)  # itself, a resource tracker, a worker
            wait_for(lambda: folder.running)
            if how == "folder":
                folder.ask_to_stop()
            else:
                os.kill(started.pid, how)
            started.wait(timeout=30)
            wait_for(lambda: group(started.pid) == [])
        finally:
            started.kill()
        assert started.stderr is not None
        said = started.stderr.read()
    assert not folder.running
    # Who is killed outright cannot wait for a process that it is starting to have started.
    if how != signal.SIGKILL:
        assert "Traceback" not in said
        assert started.returncode == 130
        assert "stopped after 0 of 4 runs; the same command goes on" in said


def group(leader: int) -> list[int]:
    """Processes of a group that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = path.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of_group) == leader and state != "Z":
            found.append(int(path.parent.name))
    return found


def wait_for(condition, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


BAD = {
    "no file": ("{}/none.toml", "--out", "{}/sweep"),
    "no scheduler": ("xor4", "--out", "{}/sweep", "--cluster", "tcp://nowhere"),
    "both": ("xor4", "--out", "{}/sweep", "--cluster", "tcp://127.0.0.1:1", "--workers", "2"),
    "no folder": ("xor4", "--out", "{}/mine.toml"),
    "no workers": ("xor4", "--out", "{}/sweep", "--workers", "0"),
}


@pytest.mark.parametrize("what", BAD)
def test_errors_are_one_sentence(what, grid, tmp_path, monkeypatch, capsys):
    grid(3)
    arguments = [part.format(tmp_path) for part in BAD[what]]
    monkeypatch.setattr(sys, "argv", ["explorer", "sweep", *arguments])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    out, err = capsys.readouterr()
    assert out == ""
    sentence = err.removeprefix("runs\n")
    assert sentence.startswith("explorer: ")
    assert sentence.count("\n") == 1
