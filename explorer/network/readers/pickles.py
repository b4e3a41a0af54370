"""Look at the pickles in a PyTorch file before they are read: their size and their length."""

import io
import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from explorer.errors import FileFormatError, FileTooLargeError
from explorer.network.readers.content import EXPECTED
from explorer.network.readers.limits import MAX_FILE_BYTES

_MAX_PICKLE_STEPS = 500_000
_MAX_SHARED_TUPLES = 16
_LEGACY_PICKLES = 4  # magic number, protocol, system and content, in torch's format before 1.6


def check_pickles(source: bytes | Path, name: str) -> bool:
    """Refuse pickles that are small to read and endless to make, and archives that swell.

    Returns
    -------
    bool
        Whether tensors lie in the file as they are, and can be mapped into memory.

    Raises
    ------
    FileTooLargeError, FileFormatError
    """
    stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    with stream:
        is_zip = stream.read(2) == b"PK"
        stream.seek(0)
        if not is_zip:
            _check(stream, _LEGACY_PICKLES, name)
            return False
        size = stream.seek(0, io.SEEK_END)
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if not any(member.filename.lower().endswith(".pkl") for member in members):
                raise FileFormatError(f"{name} is a zip file without weights; {EXPECTED}")
            unpacked = sum(member.file_size for member in members)
            # What is stored takes its own place; only what is compressed, or lies, takes less.
            if unpacked > max(size, MAX_FILE_BYTES):
                raise FileTooLargeError(
                    f"{name} unpacks to {unpacked / 2**20:,.0f} MB; at most "
                    f"{MAX_FILE_BYTES / 2**20:.0f} MB can be opened"
                )
            for pickled in _pickles(archive):
                _check(pickled, 1, name)
            return all(member.compress_type == zipfile.ZIP_STORED for member in members)


def _pickles(archive: zipfile.ZipFile) -> Iterator[BinaryIO]:
    for member in archive.infolist():
        if member.filename.lower().endswith(".pkl"):
            with archive.open(member) as stream:
                yield io.BytesIO(stream.read(MAX_FILE_BYTES))


def _check(stream: BinaryIO, pickles: int, name: str) -> None:
    if _is_endless(stream, pickles):
        raise FileFormatError(
            f"{name} holds a pickle that is too long or too often folded; {EXPECTED}"
        )


def _is_endless(stream: BinaryIO, pickles: int) -> bool:
    """Tell whether pickles are small to read and endless to make.

    A tuple of two copies of a tuple of two copies ... takes some bytes a level, and twice the time
    a level to hash. No ``state_dict`` uses one tuple again and again.
    """
    steps = shared = 0
    for _ in range(pickles):
        tuples: set[object] = set()
        before = ""
        try:
            for operation, argument, _ in pickletools.genops(stream):
                name, steps = operation.name, steps + 1
                if name.endswith("PUT"):
                    (tuples.add if "TUPLE" in before else tuples.discard)(argument)
                elif name.endswith("GET"):
                    shared += argument in tuples
                before = name
                if steps > _MAX_PICKLE_STEPS or shared > _MAX_SHARED_TUPLES:
                    return True
        except ValueError:  # no pickle from here on: torch will say so
            return False
    return False
