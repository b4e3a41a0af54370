"""What a module at hand may do that cannot be followed, each said in a sentence."""

import copy
import traceback
from collections.abc import Iterator
from typing import Any, Final

import torch
from torch import Tensor, nn

from explorer.errors import ArchitectureError

ATTENTION, RECURRENCE = "attention", "recurrence"
UNFOLLOWED: Final = {
    "scaled_dot_product_attention": ATTENTION,
    **{f"{kind}{cell}": RECURRENCE for kind in ("lstm", "gru") for cell in ("", "_cell")},
    **{f"rnn_{kind}{cell}": RECURRENCE for kind in ("tanh", "relu") for cell in ("", "_cell")},
}
_KINDS = {
    nn.MultiheadAttention: ATTENTION,
    nn.RNNBase: RECURRENCE,
    nn.RNNCellBase: RECURRENCE,
}


def refuse_unfollowed(module: nn.Module, name: str) -> None:
    """Refuse a module one of whose parts is known not to be followed.

    Raises
    ------
    ArchitectureError
    """
    for path, part in module.named_modules():
        if isinstance(part, torch.jit.ScriptModule):
            raise ArchitectureError(
                f"found that {name!s:.60} was compiled by torch.jit; expected the nn.Module that "
                f"it was made from, or its state_dict in a file"
            )
        for kind, what in _KINDS.items():
            if isinstance(part, kind):
                raise unfollowed(what, name, f"in {place_of(path, type(part).__name__)}")


def place_of(path: str, kind: str) -> str:
    """Name a part of a module."""
    return f"{path or 'the module itself'} ({kind})"


def unfollowed(what: str, name: str, where: str) -> ArchitectureError:
    """Say why attention or recurrence is not followed."""
    if what == ATTENTION:
        return ArchitectureError(
            f"{name!s:.60} uses attention {where}, which is followed only in transformers of known "
            f"families, opened from their file, folder or module of transformers; expected a "
            f"module without it"
        )
    return ArchitectureError(
        f"{name!s:.60} is recurrent {where}: its weights work again at every step, which the graph "
        f"of a network does not show; expected a module that reads its inputs at once"
    )


def not_run(problem: Exception, name: str, shape: list[int]) -> ArchitectureError:
    """Say why a module could not be watched."""
    if type(problem).__name__ == "GuardOnDataDependentSymNode":
        return ArchitectureError(
            f"{name!s:.60} looks at numbers to choose what to do{_line(problem)}; expected a "
            f"module that does the same whatever its numbers are"
        )
    text = " ".join(str(problem).split()) or type(problem).__name__
    return ArchitectureError(
        f"{name!s:.60} could not be followed on an example of shape {shape} ({text[:160]}); "
        f"expected a module that takes it, and does the same whatever its numbers are"
    )


def copied(module: nn.Module, name: str) -> nn.Module:
    """Copy a module, with what it keeps of earlier runs cut off from them.

    Raises
    ------
    ArchitectureError
        If it holds what cannot be copied.
    """
    held = [one for part in module.modules() for one in _flat(list(vars(part).values()))]
    # By ids, as deepcopy itself notes what it has copied.
    memo: dict[int, Any] = {
        id(one): one.detach() for one in held if isinstance(one, Tensor) and not one.is_leaf
    }
    try:
        return copy.deepcopy(module, memo)
    except Exception as problem:  # whatever its parts raise
        text = " ".join(str(problem).split()) or type(problem).__name__
        raise ArchitectureError(
            f"{name!s:.60} cannot be copied ({text[:160]}); expected a module that copy.deepcopy "
            f"takes, as it is watched in a copy"
        ) from problem


def without_hooks(module: nn.Module) -> nn.Module | None:
    """Copy a module without the hooks that watch it; None if there are none.

    Hooks that come before a part stay: some of them make its weights.
    """
    if not any(part._forward_hooks for part in module.modules()):
        return None
    made = copy.deepcopy(module)
    for part in made.modules():
        part._forward_hooks.clear()
    return made


def _flat(given: Any) -> Iterator[Any]:
    """What lists, tuples and dicts hold, at any depth."""
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, list | tuple):
        for one in given:
            yield from _flat(one)
    else:
        yield given


def _line(problem: Exception) -> str:
    """Where in the code of the module it was, as far as that is known."""
    for frame in reversed(traceback.extract_tb(problem.__traceback__)):
        if "/torch/" not in frame.filename.replace("\\", "/") and frame.line:
            return f" (line {frame.lineno}: {frame.line[:80]})"
    return ""
