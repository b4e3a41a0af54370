"""Are the neurons of one network those of the other? Their weights tell."""

import numpy as np
from torch import Tensor

from explorer.modularity.partition import Partition
from explorer.network.graph import Floats
from explorer.observation.comparing.overlap import same_layers
from explorer.observation.comparing.values import Correspondence

_ROWS = 64  # of every matrix
_MATRICES = 48


def correspondence(first: Partition, second: Partition, seed: int = 0) -> Correspondence:
    """Tell whether the neurons of two networks correspond.

    They do when one network continues, fine-tunes or ablates the other: then the row of weights
    that makes a neuron correlates more with the same row of the other network than with any other
    one. Two networks trained from different seeds have no such rows, whatever they learned. Of each
    weight matrix at most 64 rows are looked at.

    Parameters
    ----------
    first, second : Partition
        Of networks' graphs.
    seed : int
        Of the choice of rows.

    Returns
    -------
    Correspondence

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> one = find_modules(network_graph(load("xor4-modular")), k=2)
    >>> correspondence(one, one).said
    'Of 72 rows of weights, 100% are most like the same row of the other network (by chance: 4%).'
    """
    one, two = first.graph.checkpoint, second.graph.checkpoint
    if one is None or two is None:
        return Correspondence(0, 0.0, 0.0, "One is a graph made by hand, without weights.")
    if not same_layers(first, second) or type(one.network) is not type(two.network):
        return Correspondence(0, 0.0, 0.0, "They differ in their layers.")
    pairs = list(zip(one.network.matrices, two.network.matrices, strict=False))
    if any(a.shape != b.shape for a, b in pairs):
        return Correspondence(0, 0.0, 0.0, "They differ in the shapes of their weights.")
    rng = np.random.default_rng(seed)
    places = np.unique(np.linspace(0, len(pairs) - 1, min(_MATRICES, len(pairs))).astype(int))
    found, chances = [], []
    for place in places.tolist():
        own = _own(pairs[place][0], pairs[place][1], rng)
        found.append(own)
        chances.append(np.full(len(own), 1 / max(len(own), 1)))
    hits = np.concatenate(found) if found else np.empty(0)
    rows = len(hits)
    if not rows:
        return Correspondence(0, 0.0, 0.0, "Their weights are all alike, which tells nothing.")
    share, chance = float(hits.mean()), float(np.concatenate(chances).mean())
    said = (
        f"Of {rows:,} rows of weights, {share:.0%} are most like the same row of the other network "
        f"(by chance: {chance:.0%})."
    )
    return Correspondence(rows, share, chance, said)


def _own(first: Tensor, second: Tensor, rng: np.random.Generator) -> Floats:
    """For every row looked at: 1 if the most similar row of the other matrix is its own."""
    if first.dim() < 2:
        return np.empty(0)
    rows = np.sort(rng.permutation(len(first))[:_ROWS])
    a, b = (_standardised(matrix, rows) for matrix in (first, second))
    varies = (np.abs(a).sum(axis=1) > 0) & (np.abs(b).sum(axis=1) > 0)
    a, b = a[varies], b[varies]
    if len(a) < 2:
        return np.empty(0)
    likeness = a @ b.T
    return np.asarray(likeness.argmax(axis=1) == np.arange(len(a)), dtype=np.float64)


def _standardised(matrix: Tensor, rows: np.ndarray) -> Floats:
    values = matrix[rows.tolist()].detach().flatten(1).double().numpy()
    values = values - values.mean(axis=1, keepdims=True)
    size = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(np.divide(values, size, out=np.zeros_like(values), where=size > 1e-12))
