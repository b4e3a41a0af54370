"""What the tensors of a GGUF file are called by transformers, and how they stand there.

Compare ``gguf-py/gguf/tensor_mapping.py`` and ``convert_hf_to_gguf.py`` of llama.cpp, which adds 1
to the norms of Gemma, interleaves the queries and keys of Llama, transposes the matrices of GPT-2
and puts the queries of all heads of GPT-NeoX before all keys.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import ArchitectureError

_SHARED = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_NORMS = {"attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm"}
_GEMMA2 = _SHARED | {
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
_MODEL = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
# Architecture: (before the number of a block, names in a block, names outside).
_NAMES: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "llama": ("model.layers", _SHARED, _MODEL),
    "qwen2": ("model.layers", _SHARED, _MODEL),
    "qwen3": ("model.layers", _SHARED | _NORMS, _MODEL),
    "gemma": ("model.layers", _SHARED, _MODEL),
    "gemma2": ("model.layers", _GEMMA2, _MODEL),
    "gemma3": ("model.layers", _GEMMA2 | _NORMS, _MODEL),
    "gpt2": (
        "transformer.h",
        {
            "attn_norm": "ln_1",
            "attn_qkv": "attn.c_attn",
            "attn_output": "attn.c_proj",
            "ffn_norm": "ln_2",
            "ffn_up": "mlp.c_fc",
            "ffn_down": "mlp.c_proj",
        },
        {
            "token_embd": "transformer.wte",
            "position_embd": "transformer.wpe",
            "output_norm": "transformer.ln_f",
            "output": "lm_head",
        },
    ),
    "gptneox": (
        "gpt_neox.layers",
        {
            "attn_norm": "input_layernorm",
            "attn_qkv": "attention.query_key_value",
            "attn_output": "attention.dense",
            "ffn_norm": "post_attention_layernorm",
            "ffn_up": "mlp.dense_h_to_4h",
            "ffn_down": "mlp.dense_4h_to_h",
        },
        {
            "token_embd": "gpt_neox.embed_in",
            "output_norm": "gpt_neox.final_layer_norm",
            "output": "lm_head",
        },
    ),
    "bert": (
        "bert.encoder.layer",
        {
            "attn_q": "attention.self.query",
            "attn_k": "attention.self.key",
            "attn_v": "attention.self.value",
            "attn_output": "attention.output.dense",
            "attn_output_norm": "attention.output.LayerNorm",
            "ffn_up": "intermediate.dense",
            "ffn_down": "output.dense",
            "layer_output_norm": "output.LayerNorm",
        },
        {
            "token_embd": "bert.embeddings.word_embeddings",
            "position_embd": "bert.embeddings.position_embeddings",
            "token_types": "bert.embeddings.token_type_embeddings",
            "token_embd_norm": "bert.embeddings.LayerNorm",
        },
    ),
}
_BLOCK = re.compile(r"blk\.(\d{1,6})\.(\w+)")
_TRANSPOSED = ("attn_qkv.weight", "attn_output.weight", "ffn_up.weight", "ffn_down.weight")


def known_architectures() -> tuple[str, ...]:
    """Architectures whose names are known here, as GGUF files call them."""
    return tuple(_NAMES)


def torch_name(name: str, architecture: str) -> str:
    """Return the name of a tensor in transformers.

    Examples
    --------
    >>> torch_name("blk.3.ffn_up.weight", "gemma3")
    'model.layers.3.mlp.up_proj.weight'
    """
    if architecture not in _NAMES:
        raise ArchitectureError(
            f"found a network of the kind {architecture!r:.40}; expected one of {', '.join(_NAMES)}"
        )
    before, inner, outer = _NAMES[architecture]
    stem, _, ending = name.rpartition(".")
    if ending in ("weight", "bias"):
        found = _BLOCK.fullmatch(stem)
        if found and found[2] in inner:
            return f"{before}.{found[1]}.{inner[found[2]]}.{ending}"
        if stem in outer:
            return f"{outer[stem]}.{ending}"
    raise ArchitectureError(f"found a tensor {name!r:.60}; expected those of {architecture}")


def torch_values(
    values: NDArray[np.float32], name: str, architecture: str, settings: dict[str, Any]
) -> NDArray[np.float32]:
    """Undo what the GGUF format does to some tensors; a whole tensor at a time.

    Examples
    --------
    >>> torch_values(np.ones(2, dtype=np.float32), "output_norm.weight", "gemma3", {}).tolist()
    [0.0, 0.0]
    """
    if not is_changed(name, architecture):
        return values
    if architecture.startswith("gemma"):
        return values - np.float32(1)
    if architecture == "gpt2":
        return np.ascontiguousarray(values.T)
    heads = settings.get(f"{architecture}.attention.head_count")
    if architecture == "llama" and ".attn_k." in name:
        heads = settings.get("llama.attention.head_count_kv", heads)
    parts = 2 if architecture == "llama" else 3
    if type(heads) is not int or heads < 1 or len(values) % (parts * heads):
        raise ArchitectureError(
            f"found {len(values):,} rows in {name!r:.60} for {heads!r:.40} heads; expected a "
            f"multiple of {parts} a head"
        )
    size = len(values) // heads // parts
    if architecture == "llama":
        split = values.reshape(heads, size, 2, *values.shape[1:])
        return np.ascontiguousarray(split.swapaxes(1, 2).reshape(values.shape))
    split = values.reshape(3, heads, size, *values.shape[1:])
    return np.ascontiguousarray(split.swapaxes(0, 1).reshape(values.shape))


def is_changed(name: str, architecture: str) -> bool:
    """Tell whether ``torch_values`` does anything to a tensor."""
    if architecture.startswith("gemma"):
        return name.endswith("norm.weight")
    if architecture == "gpt2":
        return name.endswith(_TRANSPOSED)
    if architecture == "gptneox":
        return ".attn_qkv." in name
    return architecture == "llama" and (".attn_q." in name or ".attn_k." in name)
