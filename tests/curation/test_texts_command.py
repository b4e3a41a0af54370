"""The commands on texts: what they print, write and refuse."""

import json
import sys

import pytest

from explorer import cli, find_modules, load, network_graph
from explorer.curation.texts import Texts
from explorer.curation.versions import Place


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command line with an empty database; exit code, output, errors."""
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("EXPLORER_DATABASE_URL", raising=False)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["explorer", "texts", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return int(stop.value.code or 0), *capsys.readouterr()

    return call


def test_out_and_in_again_and_search(run, monkeypatch, tmp_path):
    place = Place("4d3c", "77aa", "A")
    Texts().add(place, "left digits\nmostly", author="Ann")
    Texts().add(Place("9999", "", "12"), "right digits", source="Gemma 3 270M")
    path = tmp_path / "texts.jsonl"
    assert run("export", "--out", path) == (0, f"{path}: 2 entries\n", "")
    assert len(path.read_text("utf-8").splitlines()) == 3
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "other"))
    assert run("import", path) == (0, f"{path}: 2 entries added, 0 were there already\n", "")
    assert run("import", path) == (0, f"{path}: 0 entries added, 2 were there already\n", "")
    code, out, _ = run("search", "digits")
    assert code == 0
    assert out.splitlines() == [
        "9999 12     draft    Gemma 3 270M: right digits",
        "4d3c A      draft    Ann: left digits mostly",
    ]
    assert run("search", "digits", "--network", "4d3c")[1].count("\n") == 1
    assert run("search", "'; DROP TABLE versions; --") == (0, "", "")
    assert run("export", "--out", path, "--network", "4d3c")[1].endswith(": 1 entries\n")


def test_report(run, tmp_path):
    checkpoint = load("xor4-modular")
    partition = find_modules(network_graph(checkpoint))
    Texts().add(Place.of(partition.module("A")), "Ann's <b>text", author="Ann")
    page, notes = tmp_path / "report.html", tmp_path / "report.md"
    said = f"{page}: {len(partition.modules)} modules, {len(partition.interfaces)} interfaces\n"
    assert run("report", "xor4-modular", "--out", page, "--no-scores") == (0, said, "")
    assert "Ann&#x27;s &lt;b&gt;text" in page.read_text("utf-8")
    assert run("report", "xor4-modular", "--out", notes, "--k", "2")[0] == 0
    assert "## Module B" in notes.read_text("utf-8")
    assert "## Module C" not in notes.read_text("utf-8")


def test_what_is_refused(run, tmp_path):
    def refused(*arguments: object) -> str:
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        return err

    assert "ends in .html or .md" in refused("report", "xor4-modular", "--out", "report.pdf")
    assert "found no file at 'none'" in refused("report", "none", "--out", tmp_path / "a.html")
    assert "cannot be read" in refused("import", tmp_path / "none.jsonl")
    (tmp_path / "bad.jsonl").write_text(json.dumps({"format": "other"}))
    assert "line 1: found another kind of file" in refused("import", tmp_path / "bad.jsonl")
    (tmp_path / "file").write_text("")
    assert "cannot be written" in refused("export", "--out", tmp_path / "file" / "x.jsonl")
    assert "cannot be written" in refused(
        "report", "xor4-modular", "--out", tmp_path / "file" / "x.md", "--k", "1", "--no-scores"
    )


def test_a_database_that_is_not_there(run, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATABASE_URL", "postgresql://ann:secret-word@127.0.0.1:9/texts")
    code, out, err = run("search", "digits")
    assert (code, out) == (2, "")
    assert err == (
        "explorer: no Postgres server answers at 127.0.0.1:9/texts; expected one that is running "
        "and can be reached\n"
    )
