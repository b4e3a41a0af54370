"""Modules by spectral clustering, which relaxes the normalised cut.

The n-cut of the whole graph also rewards a split by depth; this method stands here as a rival to
compare with.

References
----------
Shi and Malik (2000), Normalized cuts and image segmentation, IEEE PAMI 22, 888-905. Filan et al.
(2021), Clusterability in neural networks, arXiv:2103.03386, apply it to networks.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.linalg import eigh
from scipy.sparse.linalg import LinearOperator, eigsh

from explorer.modularity.k_means import k_means
from explorer.network.graph import Floats, Ints, NetworkGraph, part_of
from explorer.network.threads import single_threaded

_STARTS = 12
_DENSE_LIMIT = 600
_PRODUCTS = 80  # with the matrix, that its eigenvectors take: half of the work, as told


def spectral_n_cut(
    graph: NetworkGraph,
    k: int,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Find labels by k-means on the leading eigenvectors of the normalised Laplacian.

    Of k-means from twelve starts, the partition of the smallest n-cut is kept.

    Parameters
    ----------
    graph : NetworkGraph
    k : int
        Number of modules, at most.
    seed : int
    progress : callable, optional
        Called with the share that is done; what it raises stops the search.

    Returns
    -------
    array of int, shape (nodes,)
        -1 for nodes without an edge.

    Examples
    --------
    >>> from explorer.modularity.planted import planted_flat
    >>> labels = spectral_n_cut(planted_flat(count=3, layers=3).graph, 3)
    >>> int(labels.max()) + 1
    3
    """
    labels = np.full(graph.node_count, -1, dtype=np.int64)
    attached = np.flatnonzero(graph.degrees > 0)
    k = min(k, len(attached))
    if k < 2:
        labels[attached] = 0
        return labels
    u, v, mass, _ = graph.edges
    n = graph.node_count
    half = sparse.coo_array((mass, (u, v)), shape=(n, n))
    matrix = sparse.csr_array(half + half.T)[attached][:, attached]
    degrees = graph.degrees[attached]
    rng = np.random.default_rng(seed)
    with single_threaded():
        places = _places(matrix, degrees, k, rng, part_of(progress, 0.0, 0.7))
        found = []
        for start in range(_STARTS):
            if progress is not None:
                progress(0.7 + 0.3 * start / _STARTS)
            found.append(k_means(places, k, rng))
    labels[attached] = min(found, key=lambda candidate: _n_cut(matrix, degrees, candidate, k))
    return labels


def cut_eigenvectors(graph: NetworkGraph, k: int, seed: int = 0) -> Floats:
    """Generalised eigenvectors (D - A) x = eigenvalue D x of the 2nd to k-th smallest eigenvalue.

    Parameters
    ----------
    graph : NetworkGraph
    k : int
    seed : int

    Returns
    -------
    array of float, shape (nodes, up to k - 1)
        0 at nodes without an edge.
    """
    attached = np.flatnonzero(graph.degrees > 0)
    k = min(k, len(attached))
    vectors = np.zeros((graph.node_count, max(k - 1, 1)))
    if k < 2:
        return vectors
    u, v, mass, _ = graph.edges
    half = sparse.coo_array((mass, (u, v)), shape=(graph.node_count,) * 2)
    matrix = sparse.csr_array(half + half.T)[attached][:, attached]
    with single_threaded():
        places = _places(matrix, graph.degrees[attached], k, np.random.default_rng(seed))
    vectors[attached] = places[:, : k - 1]  # the last belongs to the eigenvalue 0
    return vectors


def _places(
    matrix: "sparse.csr_array[np.float64]",
    degrees: Floats,
    k: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] | None = None,
) -> Floats:
    """Nodes in the space of the k leading generalised eigenvectors."""
    n, root = len(degrees), np.sqrt(degrees)
    scale = sparse.diags_array(1.0 / root)
    normalised = sparse.csr_array(scale @ matrix @ scale)
    if n <= _DENSE_LIMIT or k >= n - 1:
        vectors = eigh(normalised.toarray(), subset_by_index=[n - k, n - 1])[1]
    else:
        products = 0

        def apply(x: Floats) -> Floats:
            nonlocal products
            products += 1
            if progress is not None:  # nobody knows how many it takes
                progress(products / (products + _PRODUCTS))
            return np.asarray(normalised @ x)

        operator = LinearOperator((n, n), matvec=apply, dtype=np.float64)
        # tol is loose: only the space is needed, not each vector in it.
        vectors = eigsh(operator, k=k, which="LA", v0=rng.random(n), tol=1e-5)[1]
    return np.asarray(vectors / root[:, None])


def _n_cut(matrix: "sparse.csr_array[np.float64]", degrees: Floats, labels: Ints, k: int) -> float:
    """N-cut, where a module that stayed empty counts as one that keeps nothing inside."""
    members = sparse.csr_array((np.ones(len(labels)), (labels, np.arange(len(labels)))))
    inside = (members @ matrix @ members.T).diagonal()
    volume = np.bincount(labels, degrees)
    used = volume > 0
    return float(k - (inside[used] / volume[used]).sum())
