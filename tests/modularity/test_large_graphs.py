"""Sparse and large graphs: the same answers, in little time."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from explorer import find_modules, network_graph, quality
from explorer.modularity import quality as quality_file
from explorer.modularity.agreement import adjusted_mutual_information
from explorer.modularity.cut_tree import gomory_hu_tree
from explorer.modularity.layered import layered_modularity, maximise_layered_modularity
from explorer.modularity.leiden import leiden
from explorer.modularity.module_tree import module_tree
from explorer.modularity.nested import nested_modules
from explorer.modularity.null_models import NULL_KINDS, shuffled_graphs
from explorer.modularity.partition import make_partition
from explorer.modularity.planted import planted_flat, planted_nested
from explorer.modularity.quality import figures
from explorer.modularity.reweighted_cut_tree import reweighted_cut_tree
from explorer.modularity.sensitivity import sensitivity
from explorer.modularity.shuffling_kernels import shuffle
from explorer.modularity.spectral_n_cut import spectral_n_cut
from explorer.network.architectures import Layer
from explorer.network.checkpoint import Checkpoint
from explorer.network.edge_block import EdgeBlock, sparse_block
from explorer.network.graph import NetworkGraph
from explorer.network.pruning import pruned_blocks
from tests.network.tiny_transformers import network_of
from tests.networks import random_network


def thinned(graph: NetworkGraph) -> NetworkGraph:
    blocks = tuple(EdgeBlock(b.source, b.target, sparse.csr_array(b.dense())) for b in graph.blocks)
    return NetworkGraph(graph.layers, blocks, graph.names, graph.weighting)


def some_graph(seed: int) -> NetworkGraph:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 7, size=4).tolist()
    layers = tuple(Layer(f"l{i}", "hidden", size) for i, size in enumerate(sizes))
    blocks = []
    for source, target in ((0, 1), (1, 2), (2, 0), (0, 3)):
        mass = rng.random((sizes[target], sizes[source])) * (
            rng.random((sizes[target], sizes[source])) < 0.6
        )
        blocks.append(EdgeBlock(source, target, mass / (mass.sum() or 1.0)))
    return NetworkGraph(layers, tuple(blocks), tuple(map(str, range(sum(sizes)))), "made")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_a_sparse_graph_has_the_figures_of_the_dense_one(seed, count):
    dense = some_graph(seed)
    thin = thinned(dense)
    assert thin.id == dense.id
    assert thin.edge_count == dense.edge_count == len(dense.edges[0])
    labels = np.random.default_rng(seed).integers(count, size=dense.node_count)
    one, other = make_partition(dense, labels), make_partition(thin, labels)
    assert one.id == other.id
    assert figures(dense, one) == pytest.approx(figures(thin, other), nan_ok=True)
    assert [m.inside for m in one.modules] == pytest.approx([m.inside for m in other.modules])
    assert [i.name for i in one.interfaces] == [i.name for i in other.interfaces]
    tree = gomory_hu_tree(thin)
    assert (tree.parent == gomory_hu_tree(dense).parent).all()
    assert tree.verify(dense, full=True) < 1e-9
    assert module_tree(thin, other).capacity == pytest.approx(module_tree(dense, one).capacity)


@pytest.mark.parametrize(
    "search", [maximise_layered_modularity, leiden, spectral_n_cut, reweighted_cut_tree]
)
def test_searches_find_the_same_in_a_sparse_graph(search):
    dense = planted_flat(count=3, size=5, layers=3, seed=4).graph
    one, other = search(dense, 3), search(thinned(dense), 3)
    assert adjusted_mutual_information(one, other) == pytest.approx(1.0)


def test_modules_of_modules_in_a_sparse_graph():
    dense = planted_nested(coarse=2, fine=2).graph
    one, other = nested_modules(dense), nested_modules(thinned(dense))
    for level, same in zip(one.levels, other.levels, strict=True):
        assert level.labels.tolist() == same.labels.tolist()


@pytest.mark.parametrize("kind", NULL_KINDS)
def test_masses_of_a_sparse_graph_change_places(kind):
    graph = thinned(planted_flat(count=2, size=6, layers=3, seed=1).graph)
    for null in shuffled_graphs(graph, 2, kind):
        assert null.id != graph.id
        for before, after in zip(graph.blocks, null.blocks, strict=True):
            assert after.is_sparse
            assert sorted(after.coordinates()[2]) == sorted(before.coordinates()[2])
            places = [(block.dense() > 0) for block in (before, after)]
            assert kind == "all" or (places[0] == places[1]).all()


@pytest.fixture(scope="module")
def transformer():
    return Checkpoint("tiny", network_of("gemma3_text"))


@pytest.mark.parametrize("kind", NULL_KINDS)
def test_weights_of_a_network_that_streams_are_shuffled_before_pruning(transformer, kind):
    network, seen = transformer.network, {}
    graph = network_graph(transformer, "layer", keep=2)
    changed = type(network).link_magnitude

    def watched(self, link, activity=None, change=None):
        def noted(place, weight):
            seen[place] = (weight, change(place, weight))
            return seen[place][1]

        return changed(self, link, activity, noted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(network), "link_magnitude", watched)
        (null,) = shuffled_graphs(graph, 1, kind)
    assert sorted(seen) == list(range(len(network.matrices)))
    for place, (before, after) in seen.items():
        assert torch.equal(before, network.matrices[place])
        assert not torch.equal(before, after)
        assert torch.equal(before.flatten().sort()[0], after.flatten().sort()[0])
        assert kind == "all" or torch.equal(before != 0, after != 0)
    assert null.pruning.keep == 2
    assert null.id != graph.id
    assert [block.total for block in null.blocks] == pytest.approx([1.0] * len(null.blocks))
    ids = [[g.id for g in shuffled_graphs(graph, 2, kind, seed)] for seed in (0, 0, 1)]
    assert ids[0] == ids[1]
    assert ids[0][0] == null.id
    assert len({*ids[0], *ids[2]}) == 4


def test_a_pruned_chain_is_shuffled_and_pruned_alike():
    checkpoint = Checkpoint("chain", random_network([6, 8, 7, 4]))
    graph = network_graph(checkpoint, "layer", keep=2)
    for null in shuffled_graphs(graph, 2):
        assert null.pruning.keep == 2
        assert null.id != graph.id


def test_every_order_is_as_likely():
    found: dict[tuple[int, ...], int] = {}
    for seed in range(6000):
        values = np.arange(4)
        shuffle(values, np.uint64(seed))
        found[tuple(values)] = found.get(tuple(values), 0) + 1
    assert len(found) == 24
    counts = np.array(list(found.values()))
    assert ((counts - 250) ** 2 / 250).sum() < 50  # chi-squared of 23 degrees: p < .001


def test_a_shuffled_network_has_no_signal(transformer):
    generator = torch.Generator().manual_seed(0)
    shuffled = transformer.network.with_matrices(
        [
            matrix.flatten()[torch.randperm(matrix.numel(), generator=generator)].view_as(matrix)
            for matrix in transformer.network.matrices
        ]
    )
    graph = network_graph(Checkpoint("shuffled", shuffled), "layer", keep=3)
    found = quality(graph, find_modules(graph, 2), null_count=20)
    assert all(0 < null.percentile < 100 for null in found.layered_modularity.nulls)


def planted_sparse(count: int, sizes: tuple[int, ...], edges: int, ratio: float):
    """Plant modules of random sparse edges, ``ratio`` of them inside."""
    rng = np.random.default_rng(0)
    truth = [rng.integers(count, size=size) for size in sizes]
    blocks = []
    for at in range(len(sizes) - 1):
        source = rng.integers(sizes[at], size=edges)
        target = rng.integers(sizes[at + 1], size=edges)
        inside = rng.random(edges) < ratio
        for module in range(count):
            own = np.flatnonzero(truth[at + 1] == module)
            chosen = inside & (truth[at][source] == module)
            target[chosen] = rng.choice(own, chosen.sum())
        mass = np.bincount(target * sizes[at] + source, minlength=sizes[at] * sizes[at + 1])
        places = np.flatnonzero(mass)
        rows, columns = np.divmod(places, sizes[at])
        shape = (sizes[at + 1], sizes[at])
        blocks.append(sparse_block(at, at + 1, shape, rows, columns, mass[places] / edges))
    layers = tuple(Layer(f"l{i}", "hidden", size) for i, size in enumerate(sizes))
    names = tuple(map(str, range(sum(sizes))))
    return NetworkGraph(layers, tuple(blocks), names, "planted"), np.concatenate(truth)


def test_planted_modules_of_a_large_graph_are_found():
    from sklearn.metrics import adjusted_rand_score

    graph, truth = planted_sparse(4, (4000, 4000, 4000), 60_000, 0.6)
    assert graph.is_large
    found = find_modules(graph)
    assert found.count == 4
    own = found.labels >= 0
    assert adjusted_rand_score(truth[own], found.labels[own]) > 0.95
    assert find_modules(graph, 4).id == found.id  # the search is the same either way
    tree = gomory_hu_tree(graph)
    assert tree.verify(graph) < 1e-9


def test_fewer_nulls_of_a_large_graph(monkeypatch, transformer):
    graph = network_graph(transformer, "layer", keep=2)
    partition = find_modules(graph, 2)
    monkeypatch.setattr("explorer.network.graph.LARGE", 10)
    monkeypatch.setattr(quality_file, "FEW_NULLS", 3)
    seen: list[float] = []
    found = quality(graph, partition, progress=seen.append)
    nulls = found.layered_modularity.nulls
    assert [null.count for null in nulls] == [3, 3]
    assert nulls[0].mean == nulls[1].mean  # no weight is zero: both shuffles are one
    assert nulls[0].low <= nulls[0].mean <= nulls[0].high
    assert seen == sorted(seen)  # one after the other, and what is under way
    assert {1 / 3, 2 / 3, 1.0} <= set(seen)


def test_the_figures_of_a_partition_over_several_prunings(transformer):
    graph = network_graph(transformer, "layer", keep=3)
    partition = find_modules(graph, 2)
    seen: list[float] = []
    rows = sensitivity(transformer, partition, (2, 3, 0.9), progress=seen.append)
    assert [row.keep for row in rows] == [2, 3, 0.9]
    assert rows[0].edges < rows[1].edges == graph.edge_count
    assert rows[0].mass < rows[1].mass == pytest.approx(graph.pruning.mass)
    assert rows[1].q_b == pytest.approx(layered_modularity(graph, partition.labels))
    assert rows[1].own_q_b == pytest.approx(rows[1].q_b)
    assert rows[1].agreement == pytest.approx(1.0)
    assert rows[1].trivial_share == gomory_hu_tree(graph).trivial_share
    assert rows[2].mass == pytest.approx(0.9, abs=0.05)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    with pytest.raises(Exception, match="found a partition of the network"):
        sensitivity(Checkpoint("other", random_network([3, 4, 2])), partition)


def test_all_edges_of_a_block_of_no_mass():
    network = random_network([3, 4, 2])
    masses = [np.zeros((4, 3)), np.ones((2, 4)) / 8]
    blocks, pruning = pruned_blocks(network, masses.__getitem__, 2)
    assert [block.count for block in blocks] == [0, 8]
    assert pruning is None
