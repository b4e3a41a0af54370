"""The commands that compare two networks and write everything that was found."""

import json
import sys
import zipfile

import pytest

from explorer import cli, load


@pytest.fixture
def explorer(monkeypatch, capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["explorer", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return int(stop.value.code or 0), *capsys.readouterr()

    return run


def refuse(constant: str):
    raise AssertionError(f"{constant} is no JSON")


def test_two_networks_are_compared_as_text_and_as_json(explorer):
    code, out, err = explorer("compare", "pair-plain", "pair-modular", "--k", "2")
    assert (code, err) == (0, "")
    assert "2 of 2 modules correspond" in out
    assert "How far the weights moved" in out
    code, out, _ = explorer(
        *("compare", "pair-plain", "pair-modular", "--k", "2"),
        *("--by", "function", "--nulls", "2", "--json"),
    )
    data = json.loads(out, parse_constant=refuse)
    assert (code, data["way"], data["moved"]) == (0, "function", [])
    assert {match["first"] for match in data["matches"]} == {"A", "B"}
    assert data["first"]["network"] == load("pair-plain").id
    figure = next(f for f in data["figures"] if f["name"] == "Q_B by activity")
    assert figure["nulls"][0]["count"] == 2


def test_what_cannot_be_compared_is_one_sentence(explorer):
    code, out, err = explorer("compare", "xor4-modular", "pair-plain", "--k", "2", "--by", "ends")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "cannot be matched by ends" in err


def test_everything_is_exported_as_a_folder_and_as_a_zip(explorer, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    options = ("--k", "2", "--weighting", "layer", "--keep", "8", "--no-evidence", "--nulls", "2")
    code, out, _ = explorer("export", "xor4-modular", str(tmp_path / "out"), *options)
    assert code == 0
    assert out == f"{tmp_path / 'out'}: 80 nodes, 2 modules\n"
    kept = json.loads((tmp_path / "out" / "pruning.json").read_text("utf-8"))
    assert kept["keep"] == 8
    code, out, _ = explorer("export", "xor4-modular", str(tmp_path / "out"), "--zip", *options)
    assert code == 0
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert "out/README.txt" in archive.namelist()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    code, _, err = explorer("export", "xor4-modular", str(tmp_path / "mine"), *options)
    assert code == 2
    assert "found 'notes.txt'" in err


def test_what_is_kept_is_a_number_or_a_share(explorer):
    code, _, err = explorer("compare", "xor4-modular", "xor4-modular", "--keep", "all")
    assert code == 2
    assert "expected a number such as 32, or a share such as 0.98" in err
