"""The edges from one layer to another, as a dense matrix or as a sparse one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GraphError

if TYPE_CHECKING:
    from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Places = Ints | Sequence[int]

# A block of more places than this, less than a quarter of them filled, is hashed by its entries:
# hashing all the zeros of a large network would take seconds.
_HASHED_WHOLE = 2**20


@dataclass(frozen=True, eq=False)
class EdgeBlock:
    """The edges from one layer to another.

    Attributes
    ----------
    source, target : int
        The two layers.
    mass : array of float, shape (target size, source size), or a sparse array of this shape
        Read it through the methods, which take both kinds alike.

    Examples
    --------
    >>> dense = EdgeBlock(0, 1, np.array([[0.0, 0.25], [0.75, 0.0]]))
    >>> thin = sparse_block(0, 1, (2, 2), [0, 1], [1, 0], [0.25, 0.75])
    >>> [part.tolist() for part in thin.coordinates()]
    [[0, 1], [1, 0], [0.25, 0.75]]
    >>> dense.sums(axis=1).tolist() == thin.sums(axis=1).tolist()
    True
    """

    source: int
    target: int
    mass: "Floats | sparse.csr_array[np.float64]"

    def __post_init__(self) -> None:
        if not isinstance(self.mass, np.ndarray) and not self.mass.has_canonical_format:
            self.mass.sum_duplicates()  # which sorts each row too

    @property
    def is_sparse(self) -> bool:
        """Whether only the positive masses are held."""
        return not isinstance(self.mass, np.ndarray)

    @property
    def shape(self) -> tuple[int, int]:
        """Size of the target layer and of the source layer."""
        rows, columns = self.mass.shape
        return int(rows), int(columns)

    @property
    def count(self) -> int:
        """Number of positive masses."""
        return int(np.count_nonzero(self.mass if isinstance(self.mass, np.ndarray) else self._data))

    @property
    def total(self) -> float:
        """Sum of all masses."""
        return float(self.mass.sum() if isinstance(self.mass, np.ndarray) else self._data.sum())

    def coordinates(self) -> tuple[Ints, Ints, Floats]:
        """Target neuron, source neuron and mass of all positive masses, row by row."""
        if isinstance(self.mass, np.ndarray):
            target, source = np.nonzero(self.mass)
            return target, source, np.asarray(self.mass[target, source])
        rows = np.repeat(np.arange(self.shape[0]), np.diff(self.mass.indptr))
        return rows, self.mass.indices.astype(np.int64), self._data

    def part(self, rows: Places, columns: Places) -> Floats:
        """Masses of some target neurons by some source neurons, as a dense matrix."""
        at, across = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
        if isinstance(self.mass, np.ndarray):
            return np.asarray(self.mass[at[:, None], across])
        return np.asarray(self.mass[at][:, across].toarray())

    def sums(self, axis: int) -> Floats:
        """Mass at every source neuron (axis 0) or at every target neuron (axis 1)."""
        if isinstance(self.mass, np.ndarray):
            return np.asarray(self.mass.sum(axis=axis))
        target, source, mass = self.coordinates()
        at, size = (source, self.shape[1]) if axis == 0 else (target, self.shape[0])
        return np.asarray(np.bincount(at, mass, size), dtype=np.float64)

    def dense(self) -> Floats:
        """All masses as a dense matrix; it must not be written to."""
        return self.mass if isinstance(self.mass, np.ndarray) else np.asarray(self.mass.toarray())

    def within(self, rows: Places, columns: Places) -> "EdgeBlock":
        """Restrict the block to some neurons; the masses that are left add up to 1 again."""
        if isinstance(self.mass, np.ndarray):
            mass = self.part(rows, columns)
            return EdgeBlock(self.source, self.target, mass / (mass.sum() or 1.0))
        places = [np.full(size, -1, dtype=np.int64) for size in self.shape]
        for place, chosen in zip(places, (rows, columns), strict=True):
            place[np.asarray(chosen, dtype=np.int64)] = np.arange(len(chosen))
        target, source, mass = self.coordinates()
        target, source = places[0][target], places[1][source]
        stays = (target >= 0) & (source >= 0)
        mass = mass[stays] / (mass[stays].sum() or 1.0)
        shape = (len(rows), len(columns))
        return sparse_block(self.source, self.target, shape, target[stays], source[stays], mass)

    def check(self, shape: tuple[int, int]) -> None:
        """Raise a GraphError unless the block has this shape and its masses are masses."""
        if self.mass.shape != shape:
            raise GraphError(f"found edge masses of shape {self.mass.shape}; expected {shape}")
        values = self.mass if isinstance(self.mass, np.ndarray) else self._data
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise GraphError("found edge masses that are negative or not finite; expected >= 0")
        values.setflags(write=False)

    def update(self, digest: "hashlib._Hash") -> None:
        """Feed a hash; a dense and a sparse block of the same masses feed the same."""
        digest.update(f"{self.source},{self.target}".encode())
        places = self.shape[0] * self.shape[1]
        if places > _HASHED_WHOLE and 4 * self.count < places:
            target, source, mass = self.coordinates()
            positive = mass > 0
            digest.update((target * self.shape[1] + source)[positive].tobytes())
            digest.update(mass[positive].tobytes())
        else:
            digest.update(self.dense().tobytes())

    @property
    def _data(self) -> Floats:
        assert not isinstance(self.mass, np.ndarray)
        return np.asarray(self.mass.data)


def sparse_block(
    source: int,
    target: int,
    shape: tuple[int, int],
    rows: Places,
    columns: Places,
    mass: Floats | Sequence[float],
) -> EdgeBlock:
    """Make a block that holds only some masses.

    Parameters
    ----------
    source, target : int
        The two layers.
    shape : tuple of int
        Size of the target layer and of the source layer.
    rows, columns : array of int, shape (edges,)
        Target and source neuron of every edge; no pair twice.
    mass : array of float, shape (edges,)
    """
    from scipy import sparse

    entries = (np.asarray(mass, dtype=np.float64), (np.asarray(rows), np.asarray(columns)))
    matrix = sparse.csr_array(sparse.coo_array(entries, shape=shape))
    matrix.eliminate_zeros()
    return EdgeBlock(source, target, matrix)
