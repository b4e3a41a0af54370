"""The public names, and that importing the package costs nothing."""

import subprocess
import sys

import pytest

import explorer

NAMES = [
    "audit",
    "compare",
    "describe",
    "evidence",
    "export",
    "find_modules",
    "gomory_hu_tree",
    "load",
    "module_tree",
    "network_graph",
    "networks",
    "quality",
    "save",
    "score",
    "tasks",
    "train",
]


def test_public_names():
    assert explorer.__all__ == NAMES
    assert dir(explorer) == NAMES
    assert sorted(explorer._HOMES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_a_documented_function(name):
    found = getattr(explorer, name)
    assert callable(found)
    assert found.__name__ == name
    assert found.__module__ == explorer._HOMES[name]
    assert found.__doc__


def test_there_are_no_others():
    with pytest.raises(AttributeError, match="module 'explorer' has no attribute 'fly'"):
        _ = explorer.fly


def loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_is_quick():
    for code in ("import explorer", "import explorer; explorer.networks()", "import explorer.cli"):
        assert not loaded_by(code) & {"torch", "streamlit", "sklearn", "networkx", "numba", "scipy"}


def test_verbs_keep_their_names_when_their_files_are_imported():
    """A folder or file called as a verb is would take its place."""
    names = ", ".join(sorted(set(explorer._HOMES.values())))
    kinds = "[type(getattr(explorer, name)).__name__ for name in explorer.__all__]"
    assert "torch" in loaded_by(f"import {names}; assert set({kinds}) == {{'function'}}")


def test_no_verb_needs_streamlit():
    names = ", ".join(sorted(set(explorer._HOMES.values())))
    assert "streamlit" not in loaded_by(f"import {names}, explorer.store")
