"""Imports run one way: a layer imports only what stands to its right."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import explorer

ROOT = Path(__file__).parent.parent
# From left to right; those in one group may import each other. The layers called evidence and audit
# live in the folders observation and auditing, because `explorer.evidence` and `explorer.audit` are
# verbs.
DIRECTION = (
    ("pages", "app", "cli", "commands", "benchmarks"),
    ("ui",),
    ("exporting",),
    ("views",),
    ("store", "curation"),
    ("auditing",),
    ("scoring",),
    ("description",),
    ("sweeps",),
    ("observation",),
    ("training",),
    ("modularity",),
    ("network",),
    ("errors",),
)
RANK = {layer: rank for rank, group in enumerate(DIRECTION) for layer in group}
FILES = sorted([*(ROOT / "explorer").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
FILES.remove(ROOT / "explorer" / "__init__.py")  # names the verbs of all layers


def layer_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] == "pages" else parts[1]


def imported(path: Path) -> Iterator[str]:
    """Full names of all that a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative name"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def imported_layers(path: Path) -> Iterator[str]:
    for name in imported(path):
        root, _, rest = name.partition(".")
        if root == "explorer":
            home = explorer._HOMES.get(rest, name)  # `from explorer import load` is its home
            assert "." in home, f"{path} imports all of explorer"
            yield home.split(".")[1]
        elif root == "pages":
            yield root


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    own = layer_of(path)
    for layer in imported_layers(path):
        assert RANK[own] <= RANK[layer], f"{own} imports {layer}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_pages_import_streamlit(path):
    roots = {name.split(".")[0] for name in imported(path)}
    assert "streamlit" not in roots or layer_of(path) in ("pages", "app", "ui")


def test_every_layer_has_a_place():
    assert {layer_of(path) for path in FILES} <= set(RANK)
    verbs = {home.split(".")[1] for home in explorer._HOMES.values()}
    assert verbs <= set(RANK)
