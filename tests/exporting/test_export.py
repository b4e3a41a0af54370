"""Every file of an export is read back by another program and holds what was found."""

import csv
import dataclasses
import gzip
import io
import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open
from safetensors.torch import load_file

from explorer import (
    export,
    load,
)
from explorer.errors import ExportError
from explorer.exporting import graphs, network_file
from explorer.exporting.folder import zip_export
from explorer.exporting.network_file import LABELS_KEY
from explorer.modularity.partition import make_partition
from explorer.modularity.quality import quality
from tests.networks import graph_of

HOSTILE = (
    "<script>alert(1)</script>",
    'a "quoted" name',
    "two\nlines",
    "comma, semicolon; tab\t",
    "=1+1",
    "\x01control",
    "'; DROP TABLE x",
    "\\back\\slash",
    "]]>&amp;",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """An export of a graph whose nodes have bad names."""
    graph = graph_of([np.ones((4, 3)), np.ones((2, 4))])
    graph = dataclasses.replace(graph, names=HOSTILE)
    partition = make_partition(graph, [0, 0, 1, 0, 0, 1, 1, 0, 1])
    found = quality(graph, partition, null_count=2)
    made = export(partition, tmp_path_factory.mktemp("bad") / "out", quality=found)
    return partition, made


def edges_of(graph: nx.Graph) -> dict[frozenset, float]:
    return {frozenset(map(str, ends)): float(w) for *ends, w in graph.edges(data="weight")}


def read_graph(path: Path) -> nx.Graph:
    if path.suffix == ".graphml":
        return nx.read_graphml(path)
    if path.suffix == ".gexf":
        return nx.read_gexf(path)
    data = json.loads(path.read_text("utf-8"))
    if path.suffix == ".cyjs":
        return nx.cytoscape_graph(data)
    return nx.node_link_graph(data, edges="edges")


@pytest.mark.parametrize("ending", [".graphml", ".gexf", ".json", ".cyjs"])
def test_the_graph_of_neurons_is_read_back(folder, partition, ending):
    found = read_graph(folder / "graph" / f"neurons{ending}")
    wanted = partition.graph.to_networkx()
    assert edges_of(found) == pytest.approx(edges_of(wanted))
    names = {name for name in nx.get_node_attributes(found, "module").values() if name}
    assert names == {"A", "B", "C", "D"}
    assert sorted(nx.get_node_attributes(found, "name").values()) == sorted(partition.graph.names)


@pytest.mark.parametrize("ending", [".graphml", ".gexf", ".json", ".cyjs"])
def test_the_graph_of_modules_is_read_back(folder, partition, ending):
    found = read_graph(folder / "graph" / f"modules{ending}")
    assert sorted(found) == [module.name for module in partition.modules]
    wanted = {frozenset(i.name.split("-")): i.mass for i in partition.interfaces}
    assert edges_of(found) == pytest.approx(wanted)


@pytest.mark.parametrize("ending", [".graphml", ".gexf", ".json"])
def test_the_cut_tree_is_read_back(folder, tree, ending):
    found = read_graph(folder / "tree" / f"neurons{ending}")
    assert edges_of(found) == pytest.approx(edges_of(tree.to_networkx()))
    assert nx.is_tree(found)
    assert len(read_graph(folder / "tree" / f"modules{ending}")) == 4


def test_the_attribution_graph_has_modules_as_supernodes(folder, partition):
    data = json.loads((folder / "graph" / "neurons.attribution.json").read_text("utf-8"))
    assert [node[0] for node in data["qParams"]["supernodes"]] == [
        f"module {module.name}" for module in partition.modules
    ]
    assert len(data["nodes"]) == partition.graph.node_count


def test_the_partition_and_interfaces_are_read_back(folder, partition):
    table = pd.read_csv(folder / "partition.csv", keep_default_na=False)
    assert table["name"].tolist() == list(partition.graph.names)
    assert table["layer"].tolist() == [
        partition.graph.layers[layer].name for layer in partition.graph.layer_of
    ]
    modules = ["ABCD"[label] if label >= 0 else "" for label in partition.labels]
    assert table["module"].tolist() == modules
    data = json.loads((folder / "partition.json").read_text("utf-8"))
    assert [node["module"] for node in data["nodes"]] == modules
    assert data["partition"] == partition.id
    interfaces = pd.read_csv(folder / "interfaces.csv")
    assert interfaces["mass"].tolist() == pytest.approx([i.mass for i in partition.interfaces])
    with gzip.open(folder / "graph" / "edges.csv.gz", "rt") as stream:
        edges = pd.read_csv(stream)
    u, v, mass, _ = partition.graph.edges
    assert (edges["source"] == u).all()
    assert (edges["target"] == v).all()
    assert edges["mass"].tolist() == pytest.approx(mass.tolist())


def test_figures_are_read_back(folder, found):
    data = json.loads((folder / "quality.json").read_text("utf-8"))
    assert data["layered_modularity"]["value"] == found.layered_modularity.value
    assert data["layered_modularity"]["nulls"][0]["mean"] == found.layered_modularity.nulls[0].mean
    assert json.loads((folder / "pruning.json").read_text("utf-8")) is None


def test_the_network_opens_and_knows_its_modules(folder, partition):
    file = folder / "network.safetensors"
    checkpoint = partition.graph.checkpoint
    assert load(file).id == checkpoint.id
    assert set(load_file(file)) == set(checkpoint.network.state_dict())
    with safe_open(file, "pt") as stream:
        labels = json.loads(stream.metadata()[LABELS_KEY])
    assert labels == json.loads((folder / "labels.json").read_text("utf-8"))
    modules = [name for layer in labels["layers"] for name in layer["modules"]]
    assert modules == ["ABCD"[label] if label >= 0 else "" for label in partition.labels]


def test_the_report_asks_for_nothing_from_anywhere(folder):
    html = (folder / "report.html").read_text("utf-8")
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", html)
    assert "@import" not in html
    assert "<script" not in html
    assert "default-src 'none'" in html
    assert "Module A" in html


def test_the_readme_and_the_contents_name_every_file(folder, partition):
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    contents = json.loads((folder / "export.json").read_text("utf-8"))
    assert {file["name"] for file in contents["files"]} == there - {"export.json"}
    readme = (folder / "README.txt").read_text("utf-8")
    for name in there - {"export.json"}:
        assert name in readme
    for text in (partition.id, partition.graph.id, partition.graph.checkpoint_id, "activity"):
        assert text in readme


def test_hostile_names_are_data_everywhere(hostile):
    _, folder = hostile
    shown = [name.replace("\x01", "\N{REPLACEMENT CHARACTER}") for name in HOSTILE]
    for ending in (".graphml", ".gexf"):
        ElementTree.parse(folder / "graph" / f"neurons{ending}")
        names = nx.get_node_attributes(read_graph(folder / "graph" / f"neurons{ending}"), "name")
        assert sorted(" ".join(name.split()) for name in names.values()) == sorted(
            " ".join(name.split()) for name in shown
        )
        ElementTree.parse(folder / "tree" / f"neurons{ending}")
    for name in ("neurons.json", "neurons.cyjs"):
        names = nx.get_node_attributes(read_graph(folder / "graph" / name), "name")
        assert sorted(names.values()) == sorted(HOSTILE)
    rows = list(csv.DictReader(io.StringIO((folder / "partition.csv").read_text("utf-8"))))
    assert [row["name"] for row in rows] == list(HOSTILE)
    dot = (folder / "graph" / "neurons.dot").read_text("utf-8")
    assert all(line.endswith(("{", ";", "}")) for line in dot.splitlines())
    assert "There is no network" in (folder / "README.txt").read_text("utf-8")
    assert not (folder / "report.html").exists()


def test_an_export_replaces_an_export_and_nothing_else(hostile, tmp_path):
    partition, made = hostile
    found = quality(partition.graph, partition, null_count=2)
    before = (made / "export.json").stat().st_ino
    assert export(partition, made, quality=found) == made
    assert (made / "export.json").stat().st_ino != before
    assert [path.name for path in made.parent.iterdir()] == ["out"]  # nothing is left beside it
    (made / "mine.txt").write_text("keep me")
    with pytest.raises(ExportError, match=r"found 'mine\.txt'"):
        export(partition, made, quality=found)
    assert (made / "mine.txt").read_text() == "keep me"
    (made / "mine.txt").unlink()
    for name, make in (("file", Path.touch), ("link", lambda p: p.symlink_to(made))):
        place = tmp_path / name
        make(place)
        with pytest.raises(ExportError, match="expected a new folder"):
            export(partition, place, quality=found)


def test_what_fails_leaves_nothing(hostile, tmp_path, monkeypatch):
    partition, _ = hostile
    found = quality(partition.graph, partition, null_count=2)
    monkeypatch.setattr(graphs, "as_csv", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(ExportError, match="cannot be written"):
        export(partition, tmp_path / "out", quality=found)
    assert list(tmp_path.iterdir()) == []


def test_large_networks_leave_out_what_would_be_huge(partition, found, tree, tmp_path, monkeypatch):
    monkeypatch.setattr(graphs, "MAX_EDGES", 10)
    monkeypatch.setattr("explorer.exporting.gathering.MAX_EDGES", 10)
    monkeypatch.setattr(network_file, "MAX_BYTES", 10)
    monkeypatch.setattr("explorer.exporting.gathering.MAX_BYTES", 10)
    made = export(partition, tmp_path / "out", tree=tree, quality=found, evidence=False)
    names = {path.name for path in made.rglob("*")}
    assert "neurons.gexf" in {path.name for path in (made / "tree").iterdir()}
    assert {path.name for path in (made / "graph").iterdir()} == {
        "edges.csv.gz",
        *(f"modules{ending}" for ending in (".graphml", ".gexf", ".dot", ".json", ".cyjs")),
    }
    assert "labels.json" in names
    assert not names & {"network.safetensors", "evidence.jsonl"}
    readme = (made / "README.txt").read_text("utf-8")
    assert "more than 10 edges" in readme
    assert "The network itself is not here" in readme
    assert "evidence of modules and interfaces was not gathered" in readme
    assert "How it was made" in (made / "report.html").read_text("utf-8")


def test_a_zip_holds_the_folder(hostile, tmp_path):
    _, made = hostile
    file = zip_export(made, tmp_path / "all.zip")
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert {name.removeprefix("out/") for name in archive.namelist()} == {
            str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()
        }
        assert archive.read("out/README.txt") == (made / "README.txt").read_bytes()
    with pytest.raises(ExportError, match="cannot be written"):
        zip_export(made, file / "inside.zip")
