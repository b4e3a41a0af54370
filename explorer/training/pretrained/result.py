"""The network that came out of continued training, as a folder that others open.

That of a transformers family is one that transformers opens too. What was done is in the metadata
of its weights.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from explorer.network.architectures import Network, Transformer
from explorer.network.atomic import write_atomically
from explorer.network.checkpoint import Checkpoint, save

HISTORY_KEY = "modular-network-explorer-continued"
_TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.json",
    "merges.txt",
    "vocab.txt",
)


def write_result(
    base: Checkpoint, network: Network, folder: Path, history: Mapping[str, Any]
) -> None:
    """Write a network with the tokenizer of the one that it came from.

    Parameters
    ----------
    base : Checkpoint
        What was trained on.
    network : Network
        What came out.
    folder : Path
        Made if it is not there.
    history : mapping
        What was done, as plain data.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _copy_tokenizer(base, folder)
    weights = folder / "model.safetensors"
    if not isinstance(network, Transformer):
        config = {**base.config, "continued": dict(history)}
        save(Checkpoint(base.name, network.copy(), base.task_name, config), weights)
        return
    config = _settings_beside(base) | {
        **network.settings,
        "model_type": network.family.model_type,
        "architectures": [type(network.inner).__name__],
        "dtype": "float32",
    }
    config.pop("torch_dtype", None)
    write_atomically(folder / "config.json", json.dumps(config, indent=2).encode())
    about = {"format": "pt", HISTORY_KEY: json.dumps(history)}
    write_tensors(weights, network.state_dict(), about)


def history_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what the weights of a network say about its continued training.

    Parameters
    ----------
    path : path
        The folder ``network`` of a run.

    Returns
    -------
    dict
        Empty for other networks.
    """
    from safetensors import safe_open

    with safe_open(Path(path) / "model.safetensors", "pt") as file:
        found: dict[str, Any] = json.loads((file.metadata() or {}).get(HISTORY_KEY, "{}"))
    return found


def write_tensors(place: Path, tensors: Mapping[str, Tensor], about: dict[str, str]) -> None:
    """Write a file of tensors beside its place, then move it there.

    Raises
    ------
    OSError
        If it cannot be written; what stood there before is then untouched.
    """
    from safetensors.torch import save_file

    place.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    os.close(handle)
    try:
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        save_file(plain, temporary, metadata=about)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _settings_beside(base: Checkpoint) -> dict[str, Any]:
    """The config.json that lies beside the tokenizer: it has more than the network needs."""
    folder = None if base.origin is None else base.origin.tokenizer
    try:
        found = json.loads((Path(folder or "") / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _copy_tokenizer(base: Checkpoint, target: Path) -> None:
    if base.origin is None or base.origin.tokenizer is None:
        return
    for name in _TOKENIZER:
        source = Path(base.origin.tokenizer) / name
        if source.is_file():
            shutil.copyfile(source, target / name)
