"""Cut trees in files: read back, they are the same trees."""

import json
import os
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from explorer import gomory_hu_tree, load, network_graph
from explorer.errors import FileFormatError
from explorer.modularity.cut_tree import CutTree
from explorer.modularity.cut_tree.export import export_tree, newick


def parse_newick(text: str) -> tuple[dict[str, str], dict[str, float]]:
    """Read a Newick tree: the parent and the branch length of every name."""
    parent, length, place = {}, {}, 0

    def label() -> str:
        nonlocal place
        name = ""
        if text[place] != "'":
            while text[place] not in ",():;":
                name, place = name + text[place], place + 1
            return name
        place += 1
        while text[place] != "'" or text[place + 1] == "'":
            name, place = name + text[place], place + (2 if text[place] == "'" else 1)
        place += 1
        return name

    def node() -> str:
        nonlocal place
        children = []
        if text[place] == "(":
            while text[place] in "(,":
                place += 1
                children.append(node())
            assert text[place] == ")"
            place += 1
        name = label()
        assert name not in length
        for child in children:
            parent[child] = name
        length[name] = float("inf")
        if text[place] == ":":
            start = place + 1
            while text[place] not in ",();":
                place += 1
            length[name] = float(text[start:place])
        return name

    node()
    assert text[place:] == ";"
    return parent, length


ODD_NAMES = ("it's", "a (b), c", "d:e;f", "'", "ü [g]", "plain", "un_der")


@pytest.fixture
def odd() -> CutTree:
    parent = np.array([-1, 0, 0, 1, 1, 4, 5])
    capacity = np.array([np.inf, 1e-12, 0.1, 2.5, 1e20, 1 / 3, 0.0])
    return CutTree(tuple(range(7)), parent, capacity, names=ODD_NAMES)


@pytest.fixture
def trained() -> CutTree:
    return gomory_hu_tree(network_graph(load("xor4-modular")))


@pytest.mark.parametrize("which", ["odd", "trained"])
def test_newick_read_back(which, request):
    tree = request.getfixturevalue(which)
    parent, length = parse_newick(newick(tree))
    for node, name in enumerate(tree.names):
        above = int(tree.parent[node])
        assert parent.get(name) == (None if above < 0 else tree.names[above])
        assert length[name] == tree.capacity[node]


@pytest.mark.parametrize("which", ["odd", "trained"])
@pytest.mark.parametrize("suffix", [".graphml", ".json"])
def test_files_read_back_by_networkx(which, suffix, request, tmp_path):
    tree = request.getfixturevalue(which)
    path = export_tree(tree, tmp_path / f"tree{suffix}")
    found = (
        nx.read_graphml(path, node_type=int)
        if suffix == ".graphml"
        else nx.node_link_graph(json.loads(path.read_text("utf-8")), edges="edges")
    )
    expected = tree.to_networkx()
    assert dict(found.nodes(data="name")) == dict(expected.nodes(data="name"))
    assert {frozenset(edge) for edge in found.edges} == {frozenset(e) for e in expected.edges}
    for u, v, weight in expected.edges(data="weight"):
        assert found[u][v]["weight"] == weight


def test_a_path_of_a_thousand_nodes_is_no_trouble():
    text = newick(gomory_hu_tree(nx.path_graph(3000)))
    assert text.count(":") == 2999


def test_the_smallest_trees(tmp_path):
    for size, expected in ((0, ";"), (1, "0;")):
        tree = gomory_hu_tree(nx.empty_graph(size))
        assert newick(tree) == expected
        for suffix in (".newick", ".graphml", ".json"):
            export_tree(tree, tmp_path / f"{size}{suffix}")


@pytest.mark.parametrize("name", ["tree", "tree.txt", "tree.NEWICK", ".json/tree", "tree.json.gz"])
def test_unknown_endings(name, tmp_path, trained):
    with pytest.raises(FileFormatError, match=r"found the ending .*; expected one of \.graphml"):
        export_tree(trained, tmp_path / name)


@pytest.mark.parametrize("place", ["missing/tree.json", "folder.json", "n\x00l.json"])
def test_places_that_cannot_be_written(place, tmp_path, trained):
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(FileFormatError, match="cannot be written") as caught:
        export_tree(trained, tmp_path / place)
    assert "\n" not in str(caught.value)


def test_a_disk_that_is_full(tmp_path, trained, monkeypatch):
    path = export_tree(trained, tmp_path / "tree.json")
    before = path.read_text()

    def refuse(*args, **kwargs):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(FileFormatError, match="No space left on device"):
        export_tree(trained, path)
    assert path.read_text() == before
