"""What must hold of every file: sizes, docstrings, and bundled networks that are as they say."""

import ast
import subprocess
from pathlib import Path

import pytest

from explorer import load
from explorer.network.architectures import build
from explorer.network.bundled import bundled_names
from explorer.network.checkpoint import save
from explorer.network.tasks import metrics
from explorer.training.config import TrainingConfig
from explorer.training.initial import architecture
from explorer.training.recipes import RECIPES

ROOT = Path(__file__).parent.parent
BUNDLED = ROOT / "explorer" / "network" / "bundled"
SOURCES = sorted((ROOT / "explorer").rglob("*.py"))


def tracked_python_files() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = [
            str(path)
            for name in ("explorer", "pages", "tests")
            for path in (ROOT / name).rglob("*.py")
        ]
    return [ROOT / name for name in listed if (ROOT / name).exists()]


def test_no_file_is_long():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in tracked_python_files()
    }
    assert len(lengths) > 50
    assert {name: length for name, length in lengths.items() if length > 300} == {}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_says_what_it_is(path):
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":", "?"))


def test_every_bundled_network_has_a_recipe_and_every_recipe_a_network():
    assert sorted(bundled_names()) == sorted(RECIPES)
    assert len(list(BUNDLED.glob("*"))) >= len(RECIPES)


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_networks_are_as_they_say(name, tmp_path):
    path = BUNDLED / f"{name}.safetensors"
    assert path.stat().st_size <= 500_000
    checkpoint = load(name)
    assert TrainingConfig.from_dict(checkpoint.config) == RECIPES[name]
    assert checkpoint.config == RECIPES[name].to_dict()
    assert checkpoint.task_name == RECIPES[name].task
    assert checkpoint.network.describe() == build(architecture(RECIPES[name])).describe()
    assert save(checkpoint, tmp_path / "again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", bundled_names())
@pytest.mark.parametrize("split", ["validation", "test"])
def test_bundled_networks_do_what_they_say(name, split):
    checkpoint = load(name)
    measured = metrics(checkpoint.task, checkpoint.network, split)
    recorded = {key: v for key, v in checkpoint.metrics.items() if key.startswith(split)}
    # One example may fall the other way where the machine adds up in another order.
    assert recorded == pytest.approx(measured, abs=0.012)
