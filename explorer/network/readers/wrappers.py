"""Find the ``state_dict`` in what a training script saved, and call its tensors by their names."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from explorer.errors import FileFormatError
from explorer.network.readers.content import EXPECTED, WeightFile
from explorer.network.readers.wording import damaged

_WRAPPERS = ("model", "state_dict", "model_state_dict", "module")
# What ``nn.DataParallel`` and ``torch.compile`` put before every name.
_PREFIXES = ("module.", "_orig_mod.", "model._orig_mod.", "model.module.", "network._orig_mod.")
_SETTINGS = "model_args"  # of nanoGPT
_NAMED = 4  # keys that a note names


def unwrapped(content: dict[Any, Any], name: str) -> WeightFile:
    """Return the tensors of a ``state_dict``, or of the one that a training checkpoint wraps.

    Raises
    ------
    FileFormatError
    """
    # A file can give its dictionary other methods, so those of the class are called.
    wrapper = next((key for key in _WRAPPERS if _holds_tensors(dict.get(content, key))), None)
    if wrapper is None:
        return WeightFile(_tensors(content, name), None, True, format="PyTorch")
    tensors = _tensors(dict.__getitem__(content, wrapper), name)
    left = [str(key)[:40] for key in dict.keys(content) if key not in (wrapper, _SETTINGS)]
    shown = ", ".join(left[:_NAMED]) + (" ..." if len(left) > _NAMED else "")
    notes = (
        (f"Of a training checkpoint, {wrapper!r} was taken and left out: {shown}.",) if left else ()
    )
    settings = dict.get(content, _SETTINGS)
    if not isinstance(settings, dict):
        return WeightFile(tensors, None, True, format="PyTorch", notes=notes)
    plain = {k: v for k, v in dict.items(settings) if isinstance(k, str) and _is_plain(v)}
    config = plain | {"model_type": "nanogpt"}
    return WeightFile(tensors, None, True, config, "nanoGPT", notes=notes)


def without_prefix(tensors: Mapping[str, Tensor], name: str) -> Mapping[str, Tensor]:
    """Take from all names what every one of them begins with, if a wrapper put it there.

    Examples
    --------
    >>> list(without_prefix({"module._orig_mod.0.weight": torch.ones(1)}, "a"))
    ['0.weight']
    """
    names = {key: key for key in tensors}
    while names:
        found = next((p for p in _PREFIXES if all(n.startswith(p) for n in names.values())), None)
        if found is None:
            break
        names = {key: short.removeprefix(found) for key, short in names.items()}
    if all(key == short for key, short in names.items()):
        return tensors
    if "" in names.values():
        raise FileFormatError(f"{name} has a tensor without a name; {EXPECTED}")
    return {short: tensors[key] for key, short in names.items()}


def _holds_tensors(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) > 0
        and all(isinstance(k, str) and isinstance(v, Tensor) for k, v in dict.items(value))
    )


def _tensors(content: dict[Any, Any], name: str) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for key, value in dict.items(content):
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise FileFormatError(
                f"{name} holds {type(value).__name__} under the key "
                f"{key if isinstance(key, str) else type(key).__name__!r:.60}; expected a "
                f"state_dict, in which every value is a tensor"
            )
        tensors[key] = _plain(value, key, name)
    return tensors


def _plain(value: Tensor, key: str, name: str) -> Tensor:
    """Return a tensor without what a file can hang on it; refuse one that has no plain numbers."""
    try:
        tensor = Tensor.detach(value)
        plain = tensor.layout == torch.strided and tensor.device.type == "cpu"
        if plain and not tensor.is_quantized and not tensor.is_nested:
            held = tensor.untyped_storage().nbytes()
            if tensor.numel() * tensor.element_size() <= held:
                return tensor
            raise FileFormatError(
                f"{name} has {key!r:.60} of {tensor.numel():,} numbers, of which it holds "
                f"{held // tensor.element_size():,}; expected all of them"
            )
    except FileFormatError:
        raise
    except Exception as problem:  # a tensor of an odd kind can refuse anything
        raise damaged(name, "PyTorch", problem) from problem
    raise FileFormatError(
        f"{name} has {key!r:.60} as a sparse, quantised or empty kind of tensor; expected plain "
        f"dense tensors"
    )


def _is_plain(value: object) -> bool:
    return value is None or type(value) in (bool, int, float, str)
