"""Make a module of transformers from settings, without weights and without surprises."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from explorer.errors import ArchitectureError
from explorer.network.architectures.base import MAX_NODES
from explorer.network.architectures.families import Family

_LARGEST = 20_000_000  # of any whole number among the settings
_MOST_BLOCKS = 1_000
_MADE = (torch.empty, torch.zeros, torch.ones)


class _WithoutWeights(TorchFunctionMode):
    """Give tensors of floats that are made empty, of zeros or of ones a shape and no memory.

    These are weights. Tables that a module computes (of rotary positions, say) stay as they are,
    which they would not under ``torch.device("meta")``.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = dict(kwargs or {})
        kind = given.get("dtype")
        if (
            func in _MADE
            and given.get("device") is None
            and (kind is None or kind.is_floating_point)
        ):
            given["device"] = "meta"
        return func(*args, **given)


def settings_of(family: Family, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return all settings that change what a network of a family computes, as plain data.

    What the file leaves out has the value that transformers gives it; what does not matter (such
    as who wrote the file, or names of code to run) is left behind.

    Raises
    ------
    ArchitectureError
        If they make no network.
    """
    given = _plain_settings(family, config)
    made = _config(family, given)
    written = made.to_dict()  # where settings differ from what was made of them, they count
    found = {key: _rounded(written.get(key, getattr(made, key, None))) for key in family.keys}
    return json.loads(json.dumps(found, sort_keys=True))  # type: ignore[no-any-return]


def module_of(family: Family, settings: Mapping[str, Any], head: bool) -> Any:
    """Make the module, its weights on the meta device: shapes without memory."""
    import transformers

    made = _config(family, _plain_settings(family, settings))
    made._attn_implementation = "eager" if getattr(made, "attn_logit_softcapping", None) else "sdpa"
    try:
        with _WithoutWeights():
            if head:
                module = getattr(transformers, family.network)(made)
            else:
                module = getattr(transformers, family.bare)(made, add_pooling_layer=False)
    except Exception as problem:  # transformers raises many kinds
        raise _no_network(family, problem) from problem
    assert isinstance(module, nn.Module)
    return module.eval().requires_grad_(False)


def _config(family: Family, given: Mapping[str, Any]) -> Any:
    import transformers

    tokens = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"))
    try:
        made: Any = getattr(transformers, family.config)(
            **json.loads(json.dumps(dict(given))), **tokens
        )
    except Exception as problem:
        raise _no_network(family, problem) from problem
    sizes = {
        "vocab_size": made.vocab_size,
        "hidden_size": made.hidden_size,
        "num_hidden_layers": made.num_hidden_layers,
        "num_attention_heads": made.num_attention_heads,
        "intermediate_size": feed_forward(made),
        "num_key_value_heads": heads_of(made)[1],
        "head_dim": heads_of(made)[2],
    }
    for key, size in sizes.items():
        if type(size) is not int or size < 1:
            raise ArchitectureError(
                f"found a {family.title} network with {key} {size!r:.40}; expected a whole number "
                f"from 1"
            )
    heads, groups, _ = heads_of(made)
    if heads % groups:
        raise ArchitectureError(
            f"found {heads} heads that share {groups} keys and values; expected a multiple"
        )
    nodes = made.hidden_size + made.num_hidden_layers * (heads + feed_forward(made))
    if nodes > MAX_NODES:
        raise ArchitectureError(
            f"found a {family.title} network of {nodes:,} heads, neurons and residual dimensions; "
            f"at most {MAX_NODES:,} can be opened"
        )
    return made


def feed_forward(config: Any) -> int:
    """Neurons of a feed-forward layer."""
    size = getattr(config, "intermediate_size", None) or getattr(config, "n_inner", None)
    return size or 4 * config.hidden_size  # type: ignore[no-any-return]


def heads_of(config: Any) -> tuple[int, int, int]:
    """Heads of a block, how many keys and values they share, and the numbers of a head."""
    heads = config.num_attention_heads
    groups = getattr(config, "num_key_value_heads", None)
    size = getattr(config, "head_dim", None)
    fits = type(heads) is int and heads > 0
    return (
        heads,
        heads if groups is None else groups,
        size or (config.hidden_size // heads if fits else 0),
    )


def _plain_settings(family: Family, config: Mapping[str, Any]) -> dict[str, Any]:
    """Take the settings that are known, and refuse values that no network has."""
    if config.get("quantization_config"):
        raise ArchitectureError(
            f"found a {family.title} network with quantised weights; expected plain floats"
        )
    given = {key: config[key] for key in family.keys if key in config}
    given |= {key: config[key] for key in family.older if config.get(key) is not None}
    for key, value in given.items():
        _check(family, key, value, 3)
    for key in ("num_hidden_layers", "n_layer"):
        count = given.get(key, 1)
        if type(count) is not int or count > _MOST_BLOCKS:
            raise ArchitectureError(
                f"found a {family.title} network of {count!r:.40} blocks; at most "
                f"{_MOST_BLOCKS:,} can be opened"
            )
    return given


def _check(family: Family, key: str, value: Any, levels: int) -> None:
    if isinstance(value, dict | list) and levels and len(value) <= _MOST_BLOCKS:
        for inner in value.values() if isinstance(value, dict) else value:
            _check(family, key, inner, levels - 1)
        return
    fits = value is None or isinstance(value, bool) or (isinstance(value, str) and len(value) < 80)
    fits = fits or (isinstance(value, int | float) and abs(value) <= _LARGEST)
    if key in ("num_hidden_layers", "n_layer"):
        fits = type(value) is int
    if not fits:
        raise ArchitectureError(
            f"found a {family.title} network with {key} {value!r:.40}; expected a setting that "
            f"transformers knows"
        )


def _rounded(value: Any) -> Any:
    """Round to what single precision holds: formats differ in how they write 1e-6."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def _no_network(family: Family, problem: Exception) -> ArchitectureError:
    reason = " ".join(str(problem).split())[:160] or type(problem).__name__
    return ArchitectureError(
        f"found settings that make no {family.title} network ({reason}); expected those of a "
        f"config.json that transformers can read"
    )
