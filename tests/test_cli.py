"""The command line: what it prints, writes and refuses."""

import json
import re
import signal
import subprocess
import sys

import networkx as nx
import pytest
import torch

from explorer import cli, gomory_hu_tree, load, network_graph, networks
from explorer.modularity.quality import figures
from tests.networks import tiny_network


def run(monkeypatch, capsys, *arguments: str) -> tuple[int, str, str]:
    """Run the command line: exit code, standard output, standard error."""
    monkeypatch.setattr(sys, "argv", ["explorer", *arguments])
    code = 0
    try:
        cli.main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, *capsys.readouterr()


@pytest.fixture
def explorer(monkeypatch, capsys):
    return lambda *arguments: run(monkeypatch, capsys, *arguments)


def refuse(constant: str):
    raise AssertionError(f"{constant} is no JSON")


def test_networks(explorer):
    code, out, err = explorer("networks")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(networks())
    assert "8-32-32-8" in out


def test_modules_as_text(explorer):
    code, out, err = explorer("modules", "xor4-modular", "--nulls", "2")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line[:9] for line in lines[:4]] == [f"module {name}:" for name in "ABCD"]
    assert "layered modularity Q_B: 0.7" in out
    assert "shuffled" in lines[-1]


def test_ctrl_c_leaves_the_modules_with_the_shuffles_so_far(explorer, monkeypatch):
    calls = []

    def interrupted(*given):
        calls.append(given)
        if len(calls) == 3:  # of the second shuffled network
            signal.raise_signal(signal.SIGINT)
        return figures(*given)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("explorer.modularity.quality.figures", interrupted)
    code, out, err = explorer("modules", "xor4-modular", "--k", "4", "--nulls", "9")
    assert (code, out.count("module ")) == (130, 4)
    assert err == "stopped: what is said of chance rests on 1 shuffled network\n"
    assert signal.getsignal(signal.SIGINT) is before


def test_modules_as_json(explorer):
    code, out, err = explorer("modules", "xor4-modular", "--nulls", "2", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out, parse_constant=refuse)
    assert found["checkpoint"] == load("xor4-modular").id
    assert [module["name"] for module in found["modules"]] == list("ABCD")
    assert sum(len(module["neurons"]) for module in found["modules"]) <= 80
    assert found["figures"]["layered_modularity"]["value"] > 0.7


def test_a_transformer_without_data_is_weighed_by_its_weights(explorer, tmp_path):
    from tests.network.tiny_transformers import module_of

    module_of("llama").save_pretrained(tmp_path)
    code, shown, _ = explorer("modules", str(tmp_path), "--k", "2", "--keep", "4", "--nulls", "2")
    assert re.match(r"[0-9,]+ of [0-9,]+ edges are kept, with [0-9]+% of the weight\n", shown)
    assert code == explorer("tree", str(tmp_path), "--out", str(tmp_path / "tree.json"))[0] == 0


def test_json_has_no_nan_for_one_module(explorer):
    code, out, _ = explorer("modules", "xor4-modular", "--k", "1", "--nulls", "2", "--json")
    assert code == 0
    found = json.loads(out, parse_constant=refuse)
    assert found["figures"]["n_cut"]["value"] is None
    assert found["interfaces"] == []


def test_files_and_options(explorer, tmp_path):
    torch.save(tiny_network().state_dict(), tmp_path / "tiny.pt")
    code, out, _ = explorer("modules", str(tmp_path / "tiny.pt"), "--nulls", "2", "--json")
    assert code == 0
    assert json.loads(out)["weighting"] == "path"
    code, out, _ = explorer(
        "modules", "xor4-modular", "--weighting", "layer", "--k", "2", "--nulls", "2", "--json"
    )
    assert code == 0
    assert json.loads(out)["weighting"] == "layer"
    assert len(json.loads(out)["modules"]) == 2


@pytest.mark.parametrize("suffix", [".graphml", ".newick", ".json"])
def test_tree(suffix, explorer, tmp_path):
    path = tmp_path / f"tree{suffix}"
    code, out, err = explorer("tree", "xor4-modular", "--out", str(path))
    assert (code, err) == (0, "")
    assert "80 nodes" in out
    tree = gomory_hu_tree(network_graph(load("xor4-modular")))
    if suffix == ".newick":
        assert path.read_text().count(":") == 79
    elif suffix == ".json":
        found = nx.node_link_graph(json.loads(path.read_text()), edges="edges")
        assert nx.utils.graphs_equal(found, tree.to_networkx())
    else:
        found = nx.read_graphml(path, node_type=int)
        assert found.number_of_edges() == 79


BAD = {
    "unknown name": ("modules", "nets"),
    "text file": ("modules", "{}/text.safetensors"),
    "folder": ("tree", "{}", "--out", "{}/tree.json"),
    "k too large": ("modules", "xor4-modular", "--k", "99"),
    "k too small": ("modules", "xor4-modular", "--k", "0"),
    "unknown task": ("modules", "xor4-modular", "--task", "mnist"),
    "task that does not fit": ("modules", "xor4-modular", "--task", "digits"),
    "no data": ("modules", "{}/tiny.pt", "--weighting", "activity"),
    "unknown ending": ("tree", "xor4-modular", "--out", "{}/tree.png"),
    "missing folder": ("tree", "xor4-modular", "--out", "{}/a/tree.json"),
    "unknown recipe": ("train", "best", "--out", "{}/best.safetensors"),
    "train to nowhere": ("train", "xor4-modular", "--out", "{}/text.safetensors/a.safetensors"),
}


@pytest.mark.parametrize("what", BAD)
def test_errors_are_one_sentence_on_standard_error(what, explorer, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "explorer.training.loop.train", lambda config, name, progress: load("xor4-modular")
    )
    (tmp_path / "text.safetensors").write_text("hello")
    torch.save(tiny_network().state_dict(), tmp_path / "tiny.pt")
    code, out, err = explorer(*(part.format(tmp_path) for part in BAD[what]))
    assert code == 2
    assert out == ""
    sentence = err.removeprefix("xor4-modular\n")  # the progress of training
    assert sentence.startswith("explorer: ")
    assert sentence.count("\n") == 1
    assert sentence.endswith("\n")


@pytest.mark.parametrize("arguments", [("fly",), ("modules",), ("modules", "a", "--k", "two")])
def test_wrong_use_is_explained(arguments, explorer):
    code, _, err = explorer(*arguments)
    assert code == 2
    assert err.startswith("explorer: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", [(), ("modules",), ("tree",), ("networks",), ("train",)])
def test_help(command, explorer):
    code, out, _ = explorer(*command, "--help")
    assert code == 0
    assert "Usage" in out


def test_the_installed_command():
    done = subprocess.run(
        [sys.executable, "-m", "explorer.cli", "modules", "nets"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("explorer: found no file at 'nets'")
    assert done.stderr.count("\n") == 1


def test_training_writes_the_network(explorer, tmp_path, monkeypatch):
    made = load("xor4-modular")

    def quick(config, name, progress):
        progress(None)
        return made

    monkeypatch.setattr("explorer.training.loop.train", quick)
    code, out, _ = explorer("train", "xor4-modular", "--out", str(tmp_path / "new.safetensors"))
    assert code == 0
    assert made.id in out
    assert load(tmp_path / "new.safetensors").id == made.id
