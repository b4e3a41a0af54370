"""Read IDX files, the format of MNIST: a magic number, the sizes, then the bytes.

The format is described at the end of http://yann.lecun.com/exdb/mnist/. Only files of bytes are
read. A file may be compressed by gzip; no more of it is unpacked than its header announces.
"""

import gzip
import struct
import zlib
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.errors import TaskError

MAX_BYTES = 200_000_000  # MNIST has 47 million
_UNSIGNED_BYTES = 0x08


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes.

    Parameters
    ----------
    path : Path
        A plain file, or one compressed by gzip, whatever its name says.
    dimensions : int
        Expected number of axes: 3 of images, 1 of labels.

    Returns
    -------
    ndarray of uint8

    Raises
    ------
    TaskError
        If it is no such file, is cut short, goes on after its end or announces too much.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.GzipFile(fileobj=raw) if packed else raw as stream:
                head = stream.read(4 + 4 * dimensions)
                sizes = _sizes(path, head, dimensions)
                count = prod(sizes)
                body = stream.read(count + 1)
    except (OSError, EOFError, zlib.error) as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise TaskError(
            f"found {path.name} unreadable ({reason:.120}); expected a whole IDX file at {path}"
        ) from problem
    if len(body) != count:
        found = "more" if len(body) > count else f"only {len(body):,}"
        raise TaskError(
            f"found {found} bytes after the header of {path.name}; expected the {count:,} that it "
            f"announces ({' x '.join(map(str, sizes))})"
        )
    return np.frombuffer(body, dtype=np.uint8).reshape(sizes)


def _sizes(path: Path, head: bytes, dimensions: int) -> tuple[int, ...]:
    magic = bytes([0, 0, _UNSIGNED_BYTES, dimensions])
    if head[:4] != magic:
        raise TaskError(
            f"found {path.name} to begin with {head[:4].hex(' ') or 'nothing'}; expected "
            f"{magic.hex(' ')}, the beginning of an IDX file of {dimensions} "
            f"dimension{'s' * (dimensions > 1)} of bytes"
        )
    if len(head) < 4 + 4 * dimensions:
        raise TaskError(f"found {path.name} to end within its header; expected a whole IDX file")
    sizes = struct.unpack(f">{dimensions}I", head[4:])
    if not 0 < prod(sizes) <= MAX_BYTES:
        raise TaskError(
            f"found {path.name} to announce {' x '.join(map(str, sizes))} bytes; expected from 1 "
            f"to {MAX_BYTES:,}"
        )
    return sizes
