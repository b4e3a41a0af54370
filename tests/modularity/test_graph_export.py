"""Graphs in other programs' formats, read back."""

import json
import re
from pathlib import Path

import networkx as nx
import pytest

from explorer import find_modules, gomory_hu_tree, load, network_graph
from explorer.modularity.cut_tree.export import TREE_FORMATS, export_tree
from explorer.modularity.graph_export import KEPT_MASS, attribution_graph, dot
from explorer.modularity.partition import Partition, make_partition


@pytest.fixture(scope="module")
def partition() -> Partition:
    return find_modules(network_graph(load("pair-modular")), k=2)


def test_gexf_and_dot_hold_the_whole_tree(partition: Partition, tmp_path: Path) -> None:
    tree = gomory_hu_tree(partition.graph)
    back = nx.read_gexf(export_tree(tree, tmp_path / "tree.gexf"), node_type=int)
    assert nx.is_isomorphic(back, tree.to_networkx())
    assert back.edges[3, int(tree.parent[3])]["weight"] == pytest.approx(tree.capacity[3])
    text = export_tree(tree, tmp_path / "tree.dot").read_text()
    assert len(re.findall(r'^  "\d+" -- "\d+" \[weight=', text, re.M)) == len(tree.nodes) - 1
    assert '[label="left pixel row 1 column 1"]' in text


def test_every_format_is_written(partition: Partition, tmp_path: Path) -> None:
    tree = gomory_hu_tree(partition.graph)
    for suffix in TREE_FORMATS:
        assert export_tree(tree, tmp_path / f"tree{suffix}").stat().st_size > 1000


def test_names_cannot_break_out_of_dot() -> None:
    graph = nx.Graph()
    graph.add_node('a"]; b [label="', name='say "hi"\\\n')
    assert dot(graph) == ('graph {\n  "a\\"]; b [label=\\"" [label="say \\"hi\\"\\\\ "];\n}\n')


def test_an_attribution_graph_has_modules_as_supernodes(partition: Partition) -> None:
    data = json.loads(attribution_graph(partition))
    assert set(data) == {"metadata", "qParams", "nodes", "links"}
    ids = [node["node_id"] for node in data["nodes"]]
    assert len(set(ids)) == len(ids) == partition.graph.node_count
    supernodes = {label: members for label, *members in data["qParams"]["supernodes"]}
    assert {label: len(members) for label, members in supernodes.items()} == {
        f"module {module.name}": len(module.nodes) for module in partition.modules
    }
    assert set().union(*supernodes.values()) <= set(ids)
    held = sum(abs(link["weight"]) for link in data["links"])
    assert KEPT_MASS - 0.01 <= held / len(partition.graph.blocks) <= KEPT_MASS
    assert all({link["source"], link["target"]} <= set(ids) for link in data["links"])
    assert any(link["weight"] < 0 for link in data["links"])
    positions = {node["ctx_idx"] for node in data["nodes"]}
    assert positions == set(range(len(data["metadata"]["prompt_tokens"])))
    kinds = [node["feature_type"] for node in data["nodes"]]
    assert (kinds.count("embedding"), kinds.count("logit")) == (32, 20)


def test_an_attribution_graph_of_one_module(partition: Partition) -> None:
    whole = make_partition(partition.graph, [0] * partition.graph.node_count)
    data = json.loads(attribution_graph(whole))
    assert len(data["qParams"]["supernodes"]) == 1
