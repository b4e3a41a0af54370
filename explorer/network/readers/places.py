"""Read weights from a place on this computer: a file, or a folder that holds them."""

from dataclasses import replace
from pathlib import Path

from explorer.errors import UnknownNetworkError
from explorer.network.readers.content import WeightFile
from explorer.network.readers.files import read_file
from explorer.network.readers.folders import inside, read_settings, tokenizer_of
from explorer.network.readers.sharded import index_of, is_index, read_sharded
from explorer.network.readers.wording import one_line

# Whole networks under the names that libraries give them, the best first. The last is that of a
# run of this package.
_WHOLE = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "network.safetensors",
)
ENDINGS = (".safetensors", ".gguf", ".onnx", ".pt", ".pth", ".bin", ".ckpt")
_NO_WEIGHTS = ("training_args.", "optimizer.", "scheduler.", "rng_state", "scaler.", "tokenizer")
_NAMED = 4  # files that a sentence names


def read_place(path: Path, name: str) -> WeightFile:
    """Read the weights in a file or folder.

    A folder, the file of weights in it, and the index or any part of a network in several files are
    the same network.

    Parameters
    ----------
    path : Path
        Of what is there.
    name : str
        For messages.

    Raises
    ------
    CheckpointError
    """
    try:
        if path.is_dir():
            return _read_folder(path, name)
        if is_index(path):
            return _with_settings(read_sharded(path, name), path.parent, name)
        index = index_of(path)
        if index is not None:
            return _with_settings(read_sharded(index, name), path.parent, name)
        content = _with_own_tokenizer(read_file(path, name), path)
        if content.drawn is not None:
            return _with_settings(content, _settled(path.parent), name)
        return _with_settings(content, path.parent, name) if path.name in _WHOLE else content
    except OSError as problem:
        raise UnknownNetworkError(
            f"{name} cannot be read ({one_line(problem)}); expected the path of a file or folder"
        ) from problem


def _read_folder(folder: Path, name: str) -> WeightFile:
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    whole = [known for known in _WHOLE if known in names]
    others = [
        found
        for found in names
        if found.lower().endswith(ENDINGS) and not found.startswith(_NO_WEIGHTS)
    ]
    if not whole and not others:
        raise UnknownNetworkError(
            f"found a folder at {name!r} without weights; expected the path of a file, or of a "
            f"folder with weights such as model.safetensors"
        )
    if not whole and len(others) > 1:
        more = " ..." if len(others) > _NAMED else ""
        raise UnknownNetworkError(
            f"found {len(others)} files of weights in {name!r} ({', '.join(others[:_NAMED])}"
            f"{more}); expected the path of one of them"
        )
    taken = (whole or others)[0]
    content = read_place(inside(folder, taken, name), name)
    content = _with_settings(content, folder, name)
    rest = [found for found in whole[1:] if not _is_part(found, taken)]
    if rest:
        note = f"The folder holds {', '.join(rest)} too; {taken} was taken."
        content = replace(content, notes=(*content.notes, note))
    return content


def _settled(folder: Path) -> Path:
    """Return the folder of the settings: on the hub, ONNX files lie in a folder of their own."""
    return folder if folder.name != "onnx" or (folder / "config.json").exists() else folder.parent


def _with_own_tokenizer(content: WeightFile, path: Path) -> WeightFile:
    """Add the tokenizer that a GGUF file holds."""
    if content.format != "GGUF":
        return content
    from explorer.network.packaged.gguf_tokenizer import tokenizer_folder

    return replace(content, tokenizer=tokenizer_folder(path))


def _is_part(other: str, taken: str) -> bool:
    """Tell whether one file is the index of what was taken."""
    return other.removesuffix(".index.json") == taken


def _with_settings(content: WeightFile, folder: Path, name: str) -> WeightFile:
    """Add what stands beside weights: their settings and tokenizer."""
    if content.about is not None:
        return content
    tokenizer, said = tokenizer_of(folder, name)
    content = replace(content, tokenizer=tokenizer or content.tokenizer)
    if content.config is None:
        config, notes = read_settings(folder, name)
        if config is not None:
            form = "Hugging Face" if content.drawn is None else content.format
            content = replace(content, config=config, format=form)
            said = (*said, *notes)
    return replace(content, notes=tuple(dict.fromkeys((*content.notes, *said))))
