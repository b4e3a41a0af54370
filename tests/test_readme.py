"""What the README shows works: its Python runs, its commands exist, its links lead somewhere."""

import doctest
import re
from pathlib import Path

from typer.main import get_command

from explorer.cli import app

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_python_runs_and_prints_what_it_says() -> None:
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted >= 8
    assert result.failed == 0


def test_its_commands_exist() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = re.findall(r"^\$ explorer (\w+)(?: ([a-z-]+))?", README, re.M)
    assert {first for first, _ in named} <= set(commands)
    assert {"networks", "modules", "tree", "train", "bench"} <= {first for first, _ in named}
    for first, second in named:
        if first == "bench":
            assert second in commands["bench"].commands
    benches = set(re.findall(r"`explorer bench ([a-z-]+)", README))
    assert benches <= set(commands["bench"].commands)


def test_its_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^\$ make (\w+)", README, re.M):
        assert re.search(rf"^{target}:", makefile, re.M)


def test_nothing_was_left_to_fill_in() -> None:
    prose = re.sub(r"```.*?```", "", README, flags=re.S)
    assert not re.findall(r"\{\w+\}|RESULTS|TODO", prose)


def test_its_table_is_the_one_that_the_page_shows() -> None:
    from explorer.views.measured import measured

    assert measured("cut_tree").strip() in README


def test_its_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / link).exists(), link
