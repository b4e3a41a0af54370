"""Write GGUF files as llama.cpp's ``convert_hf_to_gguf.py`` does, for tiny networks.

Names come from the map of the package gguf, so that a test holds our own names against it.
"""

from pathlib import Path
from typing import Any

import gguf
import numpy as np

ARCHITECTURES = {
    "gpt2": "gpt2",
    "gpt_neox": "gptneox",
    "llama": "llama",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "gemma": "gemma",
    "gemma2": "gemma2",
    "gemma3_text": "gemma3",
    "bert": "bert",
}
_NOT_WRITTEN = ("cls.", "bert.pooler.")  # converters leave out what stands on top of BERT


def write_gguf(
    path: Path,
    model_type: str,
    config: Any,
    tensors: dict[str, np.ndarray],
    packing: str = "F32",
    **changes: Any,
) -> Path:
    """Write tensors, named as in transformers, with the settings of a config."""
    kind = ARCHITECTURES[model_type]
    writer = gguf.GGUFWriter(path, kind)
    for key, value in (_settings(model_type, config) | changes).items():
        add = {bool: writer.add_bool, int: writer.add_uint32, float: writer.add_float32}
        add.get(type(value), writer.add_array)(f"{kind}.{key}", value)
    number = next(n for n, name in gguf.MODEL_ARCH_NAMES.items() if name == kind)
    names = gguf.get_tensor_name_map(number, config.num_hidden_layers)
    for key, tensor in tensors.items():
        if key.startswith(_NOT_WRITTEN):
            continue
        name = names.get_name(key.removeprefix("bert."), (".weight", ".bias"))
        assert name is not None, key
        _add(writer, name, _changed(kind, key, tensor, config), packing)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add(writer: Any, name: str, values: np.ndarray, packing: str) -> None:
    if packing == "F32" or values.ndim == 1:
        writer.add_tensor(name, np.ascontiguousarray(values))
        return
    kind = gguf.GGMLQuantizationType[packing]
    writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)


def _changed(kind: str, key: str, tensor: np.ndarray, config: Any) -> np.ndarray:
    """Do what the converter does to some tensors."""
    heads = config.num_attention_heads
    if kind == "llama" and "q_proj" in key:
        return _interleaved(tensor, heads)
    if kind == "llama" and "k_proj" in key:
        return _interleaved(tensor, config.num_key_value_heads)
    if kind.startswith("gemma") and key.endswith("norm.weight"):
        return tensor + 1
    if kind == "gpt2" and key.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
        return tensor.T
    if kind == "gptneox" and "query_key_value" in key:
        parts = tensor.reshape(heads, 3, -1, *tensor.shape[1:])
        return np.concatenate([parts[:, n].reshape(-1, *tensor.shape[1:]) for n in range(3)])
    return tensor


def _interleaved(tensor: np.ndarray, heads: int) -> np.ndarray:
    halves = tensor.reshape(heads, 2, len(tensor) // heads // 2, *tensor.shape[1:])
    return halves.swapaxes(1, 2).reshape(tensor.shape)


def _settings(model_type: str, config: Any) -> dict[str, Any]:
    heads = config.num_attention_heads
    inner = getattr(config, "intermediate_size", None) or config.n_inner or 4 * config.hidden_size
    found: dict[str, Any] = {
        "context_length": config.max_position_embeddings,
        "embedding_length": config.hidden_size,
        "feed_forward_length": inner,
        "block_count": config.num_hidden_layers,
        "attention.head_count": heads,
    }
    if model_type in ("gpt2", "gpt_neox", "bert"):
        epsilon = getattr(config, "layer_norm_eps", None) or config.layer_norm_epsilon
        found["attention.layer_norm_epsilon"] = epsilon
    else:
        found["attention.layer_norm_rms_epsilon"] = config.rms_norm_eps
        found["attention.head_count_kv"] = config.num_key_value_heads
    if model_type == "gpt_neox":
        share = config.rope_parameters["partial_rotary_factor"]
        found["rope.dimension_count"] = int(config.hidden_size // heads * share)
        found["use_parallel_residual"] = config.use_parallel_residual
    if model_type in ("qwen3", "gemma", "gemma2", "gemma3_text"):
        found["attention.key_length"] = config.head_dim
    if model_type in ("gemma2", "gemma3_text"):
        found["attention.sliding_window"] = config.sliding_window
    if model_type == "gemma2":
        found["attn_logit_softcapping"] = config.attn_logit_softcapping
        found["final_logit_softcapping"] = config.final_logit_softcapping
    if model_type == "gemma3_text":
        full = config.rope_parameters["full_attention"]["rope_theta"]
        found["rope.freq_base"] = float(full)
        local = [kind == "sliding_attention" for kind in config.layer_types]
        found["attention.sliding_window_pattern"] = local
    return found
