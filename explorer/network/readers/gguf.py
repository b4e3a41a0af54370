"""Read GGUF files: tensors named as transformers names them, unpacked when they are asked for."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explorer.errors import ArchitectureError, FileFormatError
from explorer.network.packaged.gguf_config import config_of
from explorer.network.packaged.gguf_file import GgufFile, TensorEntry, read_gguf
from explorer.network.packaged.gguf_names import is_changed, torch_name, torch_values
from explorer.network.readers.content import LazyTensors, WeightFile

_SCALING = "rope_freqs.weight"


def read_gguf_weights(source: bytes | Path, name: str) -> WeightFile:
    """Read a GGUF file of a language model.

    Raises
    ------
    FileFormatError, ArchitectureError
    """
    found = read_gguf(source, name)
    kind = str(found.settings.get("general.architecture", ""))
    entries = {entry.name: entry for entry in found.tensors if entry.name != _SCALING}
    notes = ["Tensors of the GGUF file were unpacked to single precision."]
    if len(entries) < len(found.tensors):
        notes.append("The scaling of positions for very long texts was left out.")
    try:
        if "token_embd.weight" not in entries:
            raise FileFormatError("found no token_embd.weight; expected that of a language model")
        if _is_tied(found, entries):
            del entries["output.weight"]
        tied = "output.weight" not in entries
        rows = entries["token_embd.weight"].shape[0]
        config = config_of(found.settings, rows, tied, entries.keys())
        names = {torch_name(entry.name, kind): entry for entry in entries.values()}
    except (FileFormatError, ArchitectureError) as problem:
        raise type(problem)(f"{name}: {problem}") from problem
    shapes = {made: _shape(entry, kind) for made, entry in names.items()}

    def make(wanted: str) -> Tensor:
        return _unpacked(found, names[wanted], kind, name)

    tensors = LazyTensors(shapes, make)
    return WeightFile(tensors, None, False, config, "GGUF", notes=tuple(notes))


def _is_tied(found: GgufFile, entries: dict[str, TensorEntry]) -> bool:
    """Tell whether the unembedding is the embedding over again, as some converters write it."""
    first, second = entries["token_embd.weight"], entries.get("output.weight")
    if second is None or (first.shape, first.packing) != (second.shape, second.packing):
        return False
    a, b = found.packed(first), found.packed(second)
    step = max(2**24 // max(a.shape[1], 1), 1)
    return all((a[at : at + step] == b[at : at + step]).all() for at in range(0, len(a), step))


def _shape(entry: TensorEntry, kind: str) -> tuple[int, ...]:
    turned = kind == "gpt2" and is_changed(entry.name, kind)
    return entry.shape[::-1] if turned else entry.shape


def _unpacked(found: GgufFile, entry: TensorEntry, kind: str, name: str) -> Tensor:
    values: Any = found.values(entry)
    try:
        return torch.from_numpy(torch_values(values, entry.name, kind, found.settings))
    except ArchitectureError as problem:
        raise ArchitectureError(f"{name}: {problem}") from problem
