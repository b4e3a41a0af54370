"""Read weights from any place, by content and not by name, without ever running code from it."""

from explorer.network.readers.content import EXPECTED, Drawn, LazyTensors, WeightFile
from explorer.network.readers.files import read_bytes, read_file
from explorer.network.readers.limits import MAX_FILE_BYTES, check_size, path_limit
from explorer.network.readers.places import read_place

__all__ = [
    "EXPECTED",
    "MAX_FILE_BYTES",
    "Drawn",
    "LazyTensors",
    "WeightFile",
    "check_size",
    "path_limit",
    "read_bytes",
    "read_file",
    "read_place",
]
