"""What the tensors and settings of a GGUF file are called by transformers.

Two kinds of language model are known: Gemma 3 (text only) and Llama, which SmolLM2 is. Compare
``gguf-py/gguf/tensor_mapping.py`` and ``convert_hf_to_gguf.py`` of llama.cpp, which adds 1 to the
norms of Gemma and interleaves the queries and keys of Llama.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import DescriberError

_SHARED = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_norm": "input_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_BLOCKS = {
    "gemma3": {
        **_SHARED,
        "attn_q_norm": "self_attn.q_norm",
        "attn_k_norm": "self_attn.k_norm",
        "post_attention_norm": "post_attention_layernorm",
        "ffn_norm": "pre_feedforward_layernorm",
        "post_ffw_norm": "post_feedforward_layernorm",
    },
    "llama": {**_SHARED, "ffn_norm": "post_attention_layernorm"},
}
_OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
_BLOCK = re.compile(r"blk\.(\d+)\.(\w+)\.weight")
_LOCAL_BASE = 10_000.0  # of the rotary embedding where Gemma's attention is local
_EVERY = 6  # layers of Gemma, the last of which is global


def torch_name(name: str, architecture: str) -> str:
    """Return the name of a tensor in transformers.

    Examples
    --------
    >>> torch_name("blk.3.ffn_up.weight", "gemma3")
    'model.layers.3.mlp.up_proj.weight'
    """
    blocks = _BLOCKS.get(architecture)
    if blocks is None:
        raise DescriberError(
            f"found a language model of the kind {architecture!r:.40}; expected one of "
            f"{', '.join(_BLOCKS)}"
        )
    found = _BLOCK.fullmatch(name)
    if found and found[2] in blocks:
        return f"model.layers.{found[1]}.{blocks[found[2]]}.weight"
    outer = _OUTER.get(name.removesuffix(".weight"))
    if outer is None:
        raise DescriberError(f"found a tensor {name!r:.60}; expected those of {architecture}")
    return f"{outer}.weight"


def torch_values(
    values: NDArray[np.float32], name: str, architecture: str, settings: dict[str, Any]
) -> NDArray[np.float32]:
    """Undo what the GGUF format does to some tensors; a whole tensor at a time.

    Examples
    --------
    >>> torch_values(np.ones(2, dtype=np.float32), "output_norm.weight", "gemma3", {}).tolist()
    [0.0, 0.0]
    """
    if architecture == "gemma3" and name.endswith("norm.weight"):
        return values - np.float32(1)
    if architecture == "llama" and re.search(r"attn_[qk]\.weight$", name):
        which = "head_count" if "attn_q" in name else "head_count_kv"
        heads = settings[f"llama.attention.{which}"]
        half = values.shape[0] // heads // 2
        split = values.reshape(heads, half, 2, values.shape[1])
        return np.ascontiguousarray(split.swapaxes(1, 2).reshape(values.shape))
    return values


def is_changed(name: str, architecture: str) -> bool:
    """Tell whether ``torch_values`` does anything to a tensor."""
    return name.endswith("norm.weight") or (architecture == "llama" and "attn_" in name)


def config_of(settings: dict[str, Any], vocabulary: int, tied: bool) -> dict[str, Any]:
    """Return what transformers calls the configuration of the language model."""
    kind = settings["general.architecture"]
    own = {k.removeprefix(f"{kind}."): v for k, v in settings.items() if k.startswith(f"{kind}.")}
    heads = own["attention.head_count"]
    head_size = own.get("attention.key_length", own["embedding_length"] // heads)
    base = float(own.get("rope.freq_base", 10_000.0))
    config = {
        "vocab_size": vocabulary,
        "hidden_size": own["embedding_length"],
        "intermediate_size": own["feed_forward_length"],
        "num_hidden_layers": own["block_count"],
        "num_attention_heads": heads,
        "num_key_value_heads": own.get("attention.head_count_kv", heads),
        "head_dim": head_size,
        "rms_norm_eps": own["attention.layer_norm_rms_epsilon"],
        "max_position_embeddings": own["context_length"],
        "tie_word_embeddings": tied,
        "bos_token_id": settings.get("tokenizer.ggml.bos_token_id"),
        "eos_token_id": settings.get("tokenizer.ggml.eos_token_id"),
        "pad_token_id": settings.get("tokenizer.ggml.padding_token_id"),
        "dtype": "float16",
    }
    if kind == "llama":
        rope = {"rope_type": "default", "rope_theta": base}
        return config | {
            "model_type": "llama",
            "architectures": ["LlamaForCausalLM"],
            "rope_parameters": rope,
        }
    layers = own["block_count"]
    types = ["sliding_attention" if (n + 1) % _EVERY else "full_attention" for n in range(layers)]
    return config | {
        "model_type": "gemma3_text",
        "architectures": ["Gemma3ForCausalLM"],
        "query_pre_attn_scalar": head_size,
        "sliding_window": own["attention.sliding_window"],
        "layer_types": types,
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": base},
            "sliding_attention": {"rope_type": "default", "rope_theta": _LOCAL_BASE},
        },
    }
