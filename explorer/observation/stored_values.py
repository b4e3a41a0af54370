"""Activations of a large network in half precision, in a file that is read where it is needed.

A file holds one row a node, so that what one neuron does on all examples lies side by side. Numbers
are half-precision floats times a power of two, one for each layer, that brings the layer's largest
number near the largest that there is: so numbers of a layer down to a billionth of its largest keep
11 bits.
"""

import base64
import contextlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.network.atomic import write_atomically
from explorer.network.graph import Floats, Ints

KEPT = 4  # recordings; what was not used for longest is dropped
_VERSION = 1
_TOP = 14  # numbers of a layer are brought below 2 ** 14 at first, with room for 4 times as much
_LARGEST = 65504.0  # half-precision float
_NODES_AT_ONCE = 512
_HEADER = 128  # bytes of a .npy file before its numbers


@dataclass(frozen=True, eq=False)
class StoredValues:
    """Numbers of all nodes on all rows, as an array of shape (rows, nodes) that is not in memory.

    Attributes
    ----------
    halves : array of float16, shape (nodes, rows)
        Memory-mapped.
    scale : array, shape (nodes,)
        Powers of two: a number is its half-precision float times this.

    Examples
    --------
    >>> halves = np.array([[1.0, 2.0], [0.0, 4.0]], dtype=np.float16)
    >>> values = StoredValues(halves, np.array([1.0, 0.5]))
    >>> values[:, 1].tolist(), values[:, [1, 0]].tolist(), values.shape
    ([0.0, 2.0], [[0.0, 1.0], [2.0, 2.0]], (2, 2))
    """

    halves: NDArray[np.float16]
    scale: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and nodes."""
        nodes, rows = self.halves.shape
        return int(rows), int(nodes)

    def __len__(self) -> int:
        """Count the rows."""
        return self.shape[0]

    def __getitem__(self, key: tuple[slice, Any]) -> Floats:
        """Read some nodes: ``values[:, nodes]`` in double precision."""
        rows, nodes = key
        read = np.asarray(self.halves[nodes]).astype(np.float64)
        found = read * (self.scale[nodes] if read.ndim == 1 else self.scale[nodes][:, None])
        return np.asarray(found.T[rows])

    def weighed(self, nodes: Ints, weights: Floats) -> Floats:
        """Sum over nodes of |number| times a weight: ``abs(values[:, nodes]) @ weights``."""
        total = np.zeros(self.shape[0])
        factors = torch.from_numpy(weights * self.scale[nodes])
        for start in range(0, len(nodes), _NODES_AT_ONCE):
            chosen = nodes[start : start + _NODES_AT_ONCE]
            read = torch.from_numpy(np.ascontiguousarray(self.halves[chosen]))
            part = factors[start : start + _NODES_AT_ONCE]
            # In single precision, scaled so that nothing overflows.
            largest = float(part.abs().max()) or 1.0
            total += ((part / largest).float() @ read.float().abs_()).double().numpy() * largest
        return total


class Writer:
    """Writes numbers batch by batch into a file that appears when it is whole.

    Parameters
    ----------
    path : Path
        Ends in ``.npy``.
    layers : sequence of int
        Nodes of every layer.
    rows : int
    """

    def __init__(self, path: Path, layers: Sequence[int], rows: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".part")
        os.close(handle)
        self._path, self._temporary = path, Path(name)
        self._sizes = list(layers)
        self._starts = np.cumsum([0, *layers])
        self._exponents: list[int | None] = [None] * len(layers)
        shape = (int(self._starts[-1]), rows)
        self._halves = np.lib.format.open_memmap(
            self._temporary, mode="w+", dtype=np.float16, shape=shape
        )

    def write(self, layer: int, row: int, values: Tensor) -> None:
        """Write numbers of shape (rows of a batch, nodes of the layer) from a row on."""
        first, last = self._starts[layer], self._starts[layer + 1]
        largest = float(values.abs().max()) if values.numel() else 0.0
        exponent = self._exponents[layer]
        if largest > 0 and exponent is None:
            exponent = int(np.floor(np.log2(largest))) + 1 - _TOP
        while exponent is not None and largest * 2.0**-exponent > _LARGEST:
            exponent += 1
            if self._exponents[layer] is not None:  # exact, but for what is all but 0
                self._halves[first:last, :row] *= np.float16(0.5)
        self._exponents[layer] = exponent
        part = values.float() * 2.0 ** -(exponent or 0)
        # Turned by torch, which is many times as fast as numpy is on the way into the file.
        self._halves[first:last, row : row + len(values)] = part.half().T.contiguous().numpy()

    def finish(self, about: dict[str, Any], arrays: dict[str, Floats]) -> None:
        """Put the file in its place, with a few words and arrays beside it."""
        self._halves.flush()
        exponents = [0 if one is None else one for one in self._exponents]
        beside = {
            "version": _VERSION,
            "about": about,
            "sizes": self._sizes,
            "exponents": exponents,
            "checksum": _checksum(self._halves),
            "arrays": {name: _as_text(array) for name, array in arrays.items()},
        }
        del self._halves
        self._path.with_suffix(".json").unlink(missing_ok=True)
        self._temporary.chmod(0o644)
        self._temporary.replace(self._path)
        write_atomically(self._path.with_suffix(".json"), json.dumps(beside).encode())
        _drop_old(self._path.parent)

    def abandon(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(AttributeError):
            del self._halves
        self._temporary.unlink(missing_ok=True)


def open_stored(
    path: Path, layers: Sequence[int], rows: int
) -> tuple[StoredValues, dict[str, Any], dict[str, Floats]] | None:
    """Open a file that ``Writer`` wrote; None if there is none, or it is not whole.

    Returns
    -------
    StoredValues
    dict
        The words.
    dict of str to array
        The arrays.
    """
    try:
        beside = json.loads(path.with_suffix(".json").read_bytes())
        halves = np.load(path, mmap_mode="r", allow_pickle=False)
        whole = (
            beside["version"] == _VERSION
            and beside["sizes"] == list(layers)
            and halves.shape == (sum(layers), rows)
            and halves.dtype == np.float16
            and beside["checksum"] == _checksum(halves)
        )
        scale = np.repeat(2.0 ** np.array(beside["exponents"], dtype=np.float64), layers)
        arrays = {name: _as_array(text) for name, text in beside["arrays"].items()}
        about = dict(beside["about"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):
        return None
    if not whole:
        return None
    for used in (path, path.with_suffix(".json")):
        with contextlib.suppress(OSError):  # a folder that can only be read
            used.touch()
    return StoredValues(halves, scale), about, arrays


def _checksum(halves: NDArray[np.float16]) -> int:
    """Sum of the numbers' bits, each weighed by its place: quick, and different after damage."""
    flat = halves.reshape(-1).view(np.uint16)
    total, step = 0, 2**22
    for place, start in enumerate(range(0, len(flat), step)):
        part = flat[start : start + step]
        whole = part[: len(part) // 4 * 4].view(np.uint64)
        total += (2 * place + 1) * int(np.add.reduce(whole, dtype=np.uint64))
        total += int(part[len(part) // 4 * 4 :].sum(dtype=np.uint64))
    return total % 2**64


def _as_text(array: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype=np.float64).tobytes()).decode()


def _as_array(text: str) -> Floats:
    return np.frombuffer(base64.b64decode(text), dtype=np.float64)


def _drop_old(folder: Path) -> None:
    kept = sorted(folder.glob("*.npy"), key=_last_used)
    for old in kept[:-KEPT]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
