"""What the settings of a GGUF file amount to in the words of transformers."""

import math
from collections.abc import Collection
from typing import Any

from explorer.errors import FileFormatError
from explorer.network.packaged.gguf_names import known_architectures, torch_name

_LOCAL_BASE = 10_000.0  # of the rotary embedding where Gemma's attention is local
_EVERY = 6  # layers of Gemma 3, the last of which is global
_MOST = 2**24
# Layers of the networks whose queries are scaled by their width a head, and not by the size of a
# head: Gemma 2 27B and Gemma 3 27B (llama.cpp tells them in the same way).
_SCALED_BY_WIDTH = {"gemma2": 46, "gemma3": 62}
_CLASSES = {
    "llama": ("llama", "LlamaForCausalLM"),
    "qwen2": ("qwen2", "Qwen2ForCausalLM"),
    "qwen3": ("qwen3", "Qwen3ForCausalLM"),
    "gemma": ("gemma", "GemmaForCausalLM"),
    "gemma2": ("gemma2", "Gemma2ForCausalLM"),
    "gemma3": ("gemma3_text", "Gemma3ForCausalLM"),
    "gpt2": ("gpt2", "GPT2LMHeadModel"),
    "gptneox": ("gpt_neox", "GPTNeoXForCausalLM"),
    "bert": ("bert", "BertModel"),
}


def config_of(
    settings: dict[str, Any], vocabulary: int, tied: bool, names: Collection[str] = ()
) -> dict[str, Any]:
    """Return what transformers calls the configuration of a network.

    Parameters
    ----------
    settings : dict
        Of the GGUF file.
    vocabulary : int
        Rows of its embedding.
    tied : bool
        Whether the embedding is the unembedding too.
    names : collection of str
        Of its tensors, which tell whether there are biases.

    Raises
    ------
    ArchitectureError, FileFormatError
        If the architecture is not known here, or a setting is missing or out of range.
    """
    own = _Settings(settings)
    kind = own.kind
    if kind not in _CLASSES:
        torch_name("", kind)  # which says what is expected
    model_type, network = _CLASSES[kind]
    config: dict[str, Any] = {
        "model_type": model_type,
        "architectures": [network],
        "vocab_size": vocabulary,
        "tie_word_embeddings": tied,
        "bos_token_id": settings.get("tokenizer.ggml.bos_token_id"),
        "eos_token_id": settings.get("tokenizer.ggml.eos_token_id"),
        "pad_token_id": settings.get("tokenizer.ggml.padding_token_id"),
        "dtype": "float16",
    }
    if kind == "gpt2":
        return config | _gpt2(own)
    config |= {
        "hidden_size": own.whole("embedding_length"),
        "intermediate_size": own.whole("feed_forward_length"),
        "num_hidden_layers": own.whole("block_count"),
        "num_attention_heads": own.whole("attention.head_count"),
        "max_position_embeddings": own.whole("context_length"),
    }
    if kind in ("bert", "gptneox"):
        return config | (_bert(own, names) if kind == "bert" else _gpt_neox(own))
    return config | _rotary(own, names)


class _Settings:
    """The settings of a network in a file, asked for by name and kind."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.kind = str(settings.get("general.architecture", ""))
        assert len(known_architectures()) == len(_CLASSES)
        self._all = settings

    def get(self, name: str) -> Any:
        return self._all.get(f"{self.kind}.{name}")

    def whole(self, name: str, default: int | None = None) -> int:
        found = self.get(name)
        found = default if found is None else found
        if type(found) is not int or not 0 < found <= _MOST:
            raise FileFormatError(
                f"found the setting {self.kind}.{name} = {found!r:.40} in a GGUF file; expected a "
                f"whole number above 0"
            )
        return found

    def real(self, name: str, default: float | None = None) -> float:
        """Return a number of single precision as the shortest one that is the same."""
        import numpy as np

        found: Any = self.get(name)
        found = default if found is None else found
        if type(found) not in (int, float) or not math.isfinite(found) or found < 0:
            raise FileFormatError(
                f"found the setting {self.kind}.{name} = {found!r:.40} in a GGUF file; expected a "
                f"number"
            )
        return float(str(np.float32(found)))


def _gpt2(own: _Settings) -> dict[str, Any]:
    width, inner = own.whole("embedding_length"), own.whole("feed_forward_length")
    return {
        "n_embd": width,
        "n_inner": None if inner == 4 * width else inner,
        "n_layer": own.whole("block_count"),
        "n_head": own.whole("attention.head_count"),
        "n_positions": own.whole("context_length"),
        "layer_norm_epsilon": own.real("attention.layer_norm_epsilon"),
    }


def _bert(own: _Settings, names: Collection[str]) -> dict[str, Any]:
    return {
        "layer_norm_eps": own.real("attention.layer_norm_epsilon"),
        "tie_word_embeddings": True,
        "type_vocab_size": 2 if "token_types.weight" in names else 1,
    }


def _gpt_neox(own: _Settings) -> dict[str, Any]:
    size = own.whole("embedding_length") // own.whole("attention.head_count")
    share = own.whole("rope.dimension_count", size) / max(size, 1)
    base = own.real("rope.freq_base", 10_000.0)
    return {
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": base,
            "partial_rotary_factor": share,
        },
        "layer_norm_eps": own.real("attention.layer_norm_epsilon"),
        "use_parallel_residual": own.get("use_parallel_residual") is not False,
    }


def _rotary(own: _Settings, names: Collection[str]) -> dict[str, Any]:
    """Return what Llama, Qwen and Gemma share, and what each has of its own."""
    kind, heads = own.kind, own.whole("attention.head_count")
    size = own.whole("attention.key_length", max(own.whole("embedding_length") // heads, 1))
    rope = {"rope_type": "default", "rope_theta": own.real("rope.freq_base", 10_000.0)}
    if own.get("rope.scaling.type") == "linear":
        rope |= {"rope_type": "linear", "factor": own.real("rope.scaling.factor")}
    config: dict[str, Any] = {
        "num_key_value_heads": own.whole("attention.head_count_kv", heads),
        "head_dim": size,
        "rms_norm_eps": own.real("attention.layer_norm_rms_epsilon"),
        "rope_parameters": rope,
    }
    if kind == "llama":
        config["attention_bias"] = "blk.0.attn_q.bias" in names
        config["mlp_bias"] = "blk.0.ffn_up.bias" in names
    if kind == "qwen2":
        del config["head_dim"]
    if kind in _SCALED_BY_WIDTH:
        by_width = own.whole("block_count") == _SCALED_BY_WIDTH[kind]
        scale = own.whole("embedding_length") // heads if by_width else size
        config |= {
            "query_pre_attn_scalar": scale,
            "sliding_window": own.whole("attention.sliding_window"),
        }
    if kind == "gemma2":
        config["attn_logit_softcapping"] = own.real("attn_logit_softcapping", 50.0)
        config["final_logit_softcapping"] = own.real("final_logit_softcapping", 30.0)
    if kind == "gemma3":
        layers = range(1, own.whole("block_count") + 1)
        local = {"rope_type": "default", "rope_theta": own.real("rope.freq_base_swa", _LOCAL_BASE)}
        pattern = own.get("attention.sliding_window_pattern")
        is_local = pattern if isinstance(pattern, list) else [n % _EVERY > 0 for n in layers]
        config["layer_types"] = [
            "sliding_attention" if here else "full_attention" for here in is_local
        ]
        config["rope_parameters"] = {"full_attention": rope, "sliding_attention": local}
    return config
