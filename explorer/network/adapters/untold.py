"""What the tensors of a transformer tell where no settings came with them."""

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.architectures.families import Family
from explorer.network.readers.content import Drawn

_HEAD = 64  # numbers of a head in every GPT-2 and BERT
# Tensors that a block of a family has and, after the bar, that it has not.
_MARKS = {
    "gpt2": ("attn.c_attn.weight mlp.c_fc.weight", ""),
    "gpt_neox": ("attention.query_key_value.weight mlp.dense_h_to_4h.weight", ""),
    "bert": ("attention.self.query.weight intermediate.dense.weight", "crossattention"),
    "llama": ("", "self_attn.q_proj.bias self_attn.q_norm.weight pre_feedforward_layernorm.weight"),
    "qwen2": ("self_attn.q_proj.bias", "self_attn.q_norm.weight self_attn.o_proj.bias"),
    "qwen3": ("self_attn.q_norm.weight", "post_feedforward_layernorm.weight self_attn.q_proj.bias"),
    "gemma2": ("pre_feedforward_layernorm.weight", "self_attn.q_norm.weight"),
    "gemma3_text": ("pre_feedforward_layernorm.weight self_attn.q_norm.weight", ""),
}
_LIKE_LLAMA = "self_attn.q_proj.weight mlp.gate_proj.weight mlp.up_proj.weight mlp.down_proj.weight"


def block_shapes(
    family: Family, shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors of blocks by their names within a block."""
    block = re.compile(rf"(?:^|\.){re.escape(family.blocks)}\.\d+\.(.+)$")
    return {match[1]: shape for key, shape in shapes.items() if (match := block.search(key))}


def looks_like(family: Family, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Tell a family by the tensors of its blocks."""
    if family.model_type not in _MARKS:
        return False
    has, has_not = _MARKS[family.model_type]
    needed = f"{has} {_LIKE_LLAMA}" if family.gate else has
    found = {
        key.replace(".gain", ".weight"): shape  # of a norm, as exporters fold it
        for key, shape in block_shapes(family, shapes).items()
    }
    if not set(needed.split()) <= set(found) or set(has_not.split()) & set(found):
        return False
    if family.model_type == "gpt2":  # nanoGPT has the same names, the other way round
        rows, columns = (*found["attn.c_attn.weight"], 0, 0)[:2]
        return columns == 3 * rows
    if family.model_type == "bert":  # RoBERTa has the same names, one kind of segment, other places
        segments = [v for k, v in shapes.items() if k.endswith("token_type_embeddings.weight")]
        return all(shape[:1] == (2,) for shape in segments)
    return True


def untold_settings(
    family: Family, tensors: Mapping[str, Tensor], name: str, drawn: Drawn | None = None
) -> tuple[dict[str, Any], str]:
    """Read settings off shapes; return them with a sentence that says what was assumed.

    Parameters
    ----------
    family : Family
    tensors : mapping of str to Tensor
        By their names in transformers.
    name : str
        Of the file, for messages.
    drawn : Drawn, optional
        What the file says itself of how it computes.

    Raises
    ------
    ArchitectureError
        If shapes do not tell how attention is split into heads.
    """
    found = block_shapes(family, {key: tuple(tensor.shape) for key, tensor in tensors.items()})
    embedding = tensors.get(f"{family.body}.{family.embedding}")
    blocks = {
        int(match[1])
        for key in tensors
        if (match := re.search(rf"\.{re.escape(family.blocks)}\.(\d+)\.", key))
    }
    vocabulary, width = tuple(embedding.shape) if embedding is not None else (0, 0)
    told = 0 if drawn is None else drawn.head_size
    like = "a GELU and norms" if told else f"heads of {_HEAD} numbers, a GELU and norms"
    sizes: dict[str, Any] = {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "num_hidden_layers": max(blocks) + 1,
    }
    if family.model_type == "gpt2":
        places = tensors.get("transformer.wpe.weight")
        return {
            "vocab_size": vocabulary,
            "n_embd": width,
            "n_layer": max(blocks) + 1,
            "n_head": _split(family, width, name, told),
            "n_inner": found["mlp.c_fc.weight"][-1],
            "n_positions": 0 if places is None else places.shape[0],
            "tie_word_embeddings": "lm_head.weight" not in tensors,
        }, _assumed(like, "GPT-2")
    if family.model_type == "bert":
        places = tensors.get("bert.embeddings.position_embeddings.weight")
        return {
            **sizes,
            "num_attention_heads": _split(family, width, name, told),
            "intermediate_size": found["intermediate.dense.weight"][0],
            "max_position_embeddings": 0 if places is None else places.shape[0],
            "tie_word_embeddings": "cls.predictions.decoder.weight" not in tensors,
        }, _assumed(like, "BERT")
    size = found.get("self_attn.q_norm.weight", (0,))[0]
    if not family.head_norms or not size:
        untold = (
            "how its positions are rotated" if told else "how its attention is split into heads"
        )
        raise _untold(family, name, untold)
    heads, groups = (found[f"self_attn.{p}_proj.weight"][0] // size for p in ("q", "k"))
    settings: dict[str, Any] = {
        **sizes,
        "head_dim": size,
        "num_attention_heads": heads,
        "num_key_value_heads": groups,
        "intermediate_size": found["mlp.up_proj.weight"][0],
        "tie_word_embeddings": "lm_head.weight" not in tensors,
    }
    if family.model_type == "qwen3":
        settings["rope_theta"] = 1_000_000.0
        return settings, _assumed("rotary positions and norms", "Qwen 3")
    settings |= {"query_pre_attn_scalar": size, "sliding_window": 512}
    return settings, _assumed("rotary positions, norms and windows of attention", "Gemma 3 1B")


def _assumed(what: str, like: str) -> str:
    return f"No config.json came with it: {what} were taken to be those of {like}."


def _split(family: Family, width: int, name: str, told: int) -> int:
    size = told or _HEAD
    if width < size or width % size:
        raise _untold(family, name, "how its attention is split into heads")
    return width // size


def _untold(family: Family, name: str, what: str) -> ArchitectureError:
    return ArchitectureError(
        f"{name} holds the tensors of a {family.title} network, which do not tell {what}; expected "
        f"its config.json beside them (open the folder)"
    )
