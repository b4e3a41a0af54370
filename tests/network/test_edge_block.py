"""Dense and sparse blocks of edges say the same."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from explorer.errors import GraphError
from explorer.network import edge_block
from explorer.network.edge_block import EdgeBlock, sparse_block
from explorer.network.graph import Layer, NetworkGraph

MASSES = arrays.arrays(
    np.float64,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.sampled_from([0.0, 0.0, 0.125, 0.5, 1.0, 3.0]),
)


def thinned(block: EdgeBlock) -> EdgeBlock:
    return EdgeBlock(block.source, block.target, sparse.csr_array(block.mass))


def hashed(block: EdgeBlock) -> str:
    digest = hashlib.sha256()
    block.update(digest)
    return digest.hexdigest()


@settings(max_examples=60, deadline=None)
@given(MASSES, st.randoms(use_true_random=False))
def test_both_kinds_answer_alike(mass, random):
    dense = EdgeBlock(2, 5, mass)
    thin = thinned(dense)
    assert (dense.is_sparse, thin.is_sparse) == (False, True)
    assert thin.shape == dense.shape == mass.shape
    assert thin.count == dense.count == (mass > 0).sum()
    assert thin.total == pytest.approx(dense.total)
    assert (thin.dense() == mass).all()
    for own, other in zip(dense.coordinates(), thin.coordinates(), strict=True):
        assert own.tolist() == other.tolist()
    for axis in (0, 1):
        assert thin.sums(axis) == pytest.approx(mass.sum(axis=axis))
    rows = random.sample(range(mass.shape[0]), random.randint(0, mass.shape[0]))
    columns = random.sample(range(mass.shape[1]), random.randint(0, mass.shape[1]))
    assert (dense.part(rows, columns) == mass[np.ix_(rows, columns)]).all()
    assert (thin.part(rows, columns) == mass[np.ix_(rows, columns)]).all()
    within = dense.within(rows, columns)
    assert thin.within(rows, columns).dense() == pytest.approx(within.dense())
    assert within.total == pytest.approx(1.0 if mass[np.ix_(rows, columns)].any() else 0.0)


@settings(max_examples=30, deadline=None)
@given(MASSES, st.sampled_from([0, 2**20]))
def test_the_same_masses_have_the_same_hash(mass, limit):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edge_block, "_HASHED_WHOLE", limit)
        block = EdgeBlock(0, 1, mass)
        assert hashed(thinned(block)) == hashed(block)
        changed = mass.copy()
        changed[-1, -1] += 0.25
        assert hashed(EdgeBlock(0, 1, changed)) != hashed(block)
        assert hashed(EdgeBlock(0, 2, mass)) != hashed(block)


def test_order_and_zeros_of_the_entries_do_not_matter():
    block = sparse_block(0, 1, (2, 3), [1, 0, 1], [2, 1, 0], [0.5, 0.0, 0.25])
    assert [part.tolist() for part in block.coordinates()] == [[1, 1], [0, 2], [0.25, 0.5]]


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_sparse_masses_that_make_no_graph(bad):
    layers = (Layer("a", "input", 2), Layer("b", "output", 3))
    with pytest.raises(GraphError, match="found edge masses that are negative or not finite"):
        NetworkGraph(layers, (sparse_block(0, 1, (3, 2), [0], [1], [bad]),), tuple("abcde"), "x")
    with pytest.raises(GraphError, match="found edge masses of shape"):
        NetworkGraph(layers, (sparse_block(0, 1, (2, 3), [0], [1], [1.0]),), tuple("abcde"), "x")
