"""Tiny random transformers of every family, as transformers makes them and as files hold them."""

from functools import cache
from types import MappingProxyType
from typing import Any

import torch
import transformers
from torch import Tensor

from explorer.network.architectures import Transformer
from explorer.network.architectures.families import FAMILIES
from explorer.network.readers import WeightFile

TOKENS = 40
_SIZES = {"vocab_size": TOKENS, "hidden_size": 16, "num_attention_heads": 4}
_GATED = {**_SIZES, "num_key_value_heads": 2, "intermediate_size": 24}
_WINDOWED = {**_GATED, "head_dim": 6, "sliding_window": 4, "query_pre_attn_scalar": 6}
_KINDS = ["sliding_attention", "full_attention"]
CONFIGS: dict[str, dict[str, Any]] = {
    "gpt2": {"vocab_size": TOKENS, "n_embd": 16, "n_head": 4, "n_positions": 32},
    "gpt_neox": {**_SIZES, "intermediate_size": 24},
    "llama": _GATED,
    "mistral": {**_GATED, "sliding_window": 4},
    "qwen2": _GATED,
    "qwen3": {**_GATED, "head_dim": 6},
    "gemma": {**_GATED, "head_dim": 6},
    "gemma2": _WINDOWED,
    "gemma3_text": _WINDOWED,
    "bert": {**_SIZES, "intermediate_size": 24, "max_position_embeddings": 32},
}


def config_of(name: str, blocks: int = 2, **changes: Any) -> Any:
    """The config of a tiny network, of the class that transformers has for it."""
    given = {**CONFIGS[name], ("n_layer" if name == "gpt2" else "num_hidden_layers"): blocks}
    if name in ("gemma2", "gemma3_text"):
        given["layer_types"] = _KINDS[:blocks]
    ends = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"))
    return getattr(transformers, FAMILIES[name].config)(**{**given, **ends, **changes})


@cache
def module_of(name: str, blocks: int = 2) -> Any:
    """A module of transformers whose weights and gains are all random."""
    return random_module(name, blocks)


def random_module(name: str, blocks: int = 2, **changes: Any) -> Any:
    """A new module of transformers whose weights and gains are all random."""
    torch.manual_seed(7)
    module = getattr(transformers, FAMILIES[name].network)(config_of(name, blocks, **changes))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return module.eval().requires_grad_(False)


def tensors_of(module: Any) -> dict[str, Tensor]:
    """The tensors that transformers would write: tied ones once."""
    found, seen = {}, set()
    for key, tensor in module.state_dict().items():
        if tensor.data_ptr() not in seen:
            found[key] = tensor
            seen.add(tensor.data_ptr())
    return found


def file_of(module: Any, config: bool = True, **changes: Any) -> WeightFile:
    """What a Hugging Face folder of a module holds."""
    settings = {**module.config.to_dict(), **changes}
    return WeightFile(
        MappingProxyType(tensors_of(module)),
        None,
        False,
        settings if config else None,
        "Hugging Face",
    )


@cache
def network_of(name: str, blocks: int = 2) -> Transformer:
    """The network of the explorer with the weights of ``module_of``; not to be changed."""
    module = module_of(name, blocks)
    network = Transformer(name, module.config.to_dict())
    network.load_state_dict(tensors_of(module))
    return network


def tokens(examples: int = 3, positions: int = 9) -> Tensor:
    """Token ids."""
    return torch.randint(
        0, TOKENS, (examples, positions), generator=torch.Generator().manual_seed(1)
    )
