"""Network graphs: nodes, edges, ids."""

import networkx as nx
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from explorer import load, network_graph
from explorer.errors import GraphError
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import EdgeBlock, Layer, NetworkGraph
from tests.networks import graph_of, make_network, tiny_network


@pytest.fixture
def tiny() -> NetworkGraph:
    return network_graph(Checkpoint("tiny", tiny_network()), "layer")


def test_nodes_are_counted_through_the_layers(tiny):
    assert [layer.role for layer in tiny.layers] == ["input", "hidden", "output"]
    assert tiny.offsets.tolist() == [0, 2, 4, 5]
    assert tiny.layer_of.tolist() == [0, 0, 1, 1, 2]
    assert tiny.names == ("input 1", "input 2", "neuron 1.1", "neuron 1.2", "output 1")


def test_edges_are_those_of_positive_mass(tiny):
    u, v, mass, block = tiny.edges
    assert list(zip(u.tolist(), v.tolist(), block.tolist(), strict=True)) == [
        (0, 2, 0),
        (1, 2, 0),
        (0, 3, 0),
        (2, 4, 1),
        (3, 4, 1),
    ]
    assert mass == pytest.approx([1 / 6, 2 / 6, 3 / 6, 2 / 3, 1 / 3])
    assert tiny.degrees == pytest.approx([4 / 6, 2 / 6, 3 / 6 + 2 / 3, 3 / 6 + 1 / 3, 1])
    assert tiny.degrees.sum() == pytest.approx(2 * len(tiny.blocks))


def test_networkx_has_all_that_the_graph_knows(tiny):
    graph = tiny.to_networkx()
    assert graph.graph == {"weighting": "layer", "id": tiny.id}
    assert graph.nodes[3] == {"name": "neuron 1.2", "layer": 1, "index": 1, "role": "hidden"}
    assert graph.number_of_edges() == 5
    assert graph[0][3]["weight"] == pytest.approx(0.5)
    assert dict(graph.degree(weight="weight")) == pytest.approx(dict(enumerate(tiny.degrees)))
    assert not nx.is_directed(graph)


def test_names_come_from_the_task():
    graph = network_graph(load("pair-plain"))
    assert graph.names[:2] == ("left pixel row 1 column 1", "left pixel row 1 column 2")
    assert graph.names[32] == "neuron 1.1"
    assert graph.names[-1] == "right 9"


def test_the_same_weights_have_the_same_ids_whatever_the_file(tmp_path):
    weights = {f"net.{i}.{k}": torch.randn(*s) for i, k, s in LAYERS}
    torch.save(weights, tmp_path / "a.pt")
    torch.save(weights, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    save_file(weights, tmp_path / "b.safetensors")
    opened = [load(tmp_path / name, "xor4") for name in ("a.pt", "old.pt", "b.safetensors")]
    assert len({checkpoint.id for checkpoint in opened}) == 1
    for weighting in ("activity", "path", "layer"):
        assert len({network_graph(checkpoint, weighting).id for checkpoint in opened}) == 1


LAYERS = (
    (0, "weight", (5, 8)),
    (0, "bias", (5,)),
    (2, "weight", (8, 5)),
    (2, "bias", (8,)),
)


def test_another_weight_bias_task_or_weighting_is_another_id():
    weights, biases = [torch.ones(3, 8), torch.ones(8, 3)], [torch.zeros(3), torch.zeros(8)]
    checkpoints = [Checkpoint("a", make_network(weights, biases))]
    for values in (weights, biases):
        for tensor in values:
            tensor[0] += 0.25
            checkpoints.append(Checkpoint("a", make_network(weights, biases)))
    checkpoints.append(checkpoints[-1].with_task("xor4"))
    assert len({checkpoint.id for checkpoint in checkpoints}) == 6
    assert checkpoints[0].id == Checkpoint("b", checkpoints[0].network, config={"a": 1}).id
    graphs = [network_graph(checkpoints[-1], w) for w in ("activity", "path", "layer")]
    assert len({graph.id for graph in graphs}) == 3


def test_a_graph_belongs_to_its_checkpoint(tiny):
    assert tiny.checkpoint_id == tiny.checkpoint.id
    assert graph_of([[[1.0]]]).checkpoint_id is None


def test_masses_cannot_be_changed(tiny):
    with pytest.raises(ValueError, match="read-only"):
        tiny.blocks[0].mass[0, 0] = 1.0


def test_a_graph_without_blocks():
    graph = NetworkGraph((Layer("alone", "input", 2),), (), ("a", "b"), "layer")
    assert graph.degrees.tolist() == [0, 0]
    assert [len(part) for part in graph.edges] == [0, 0, 0, 0]
    assert graph.to_networkx().number_of_edges() == 0


@pytest.mark.parametrize(
    "mass", [np.ones((2, 3)), -np.ones((3, 2)), np.full((3, 2), np.nan), np.full((3, 2), np.inf)]
)
def test_masses_that_make_no_graph(mass):
    layers = (Layer("a", "input", 2), Layer("b", "output", 3))
    with pytest.raises(GraphError, match=r"found edge masses .*; expected"):
        NetworkGraph(layers, (EdgeBlock(0, 1, mass),), tuple("abcde"), "layer")


def test_one_name_a_node():
    with pytest.raises(GraphError, match="found 1 names for 2 nodes"):
        NetworkGraph((Layer("a", "input", 2),), (), ("a",), "layer")
