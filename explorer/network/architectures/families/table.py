"""The families that can be opened."""

from dataclasses import replace

from explorer.network.architectures.families.base import Family

_SIZES = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads")
_GATED = (*_SIZES, "intermediate_size", "num_key_value_heads", "head_dim", "rms_norm_eps")
_ROTARY = ("max_position_embeddings", "rope_parameters", "tie_word_embeddings")
_OLDER_ROTARY = ("rope_theta", "rope_scaling", "partial_rotary_factor")
_OLDER_WINDOWS = ("rope_local_base_freq", "sliding_window_pattern", "_sliding_window_pattern")
_WINDOW = ("sliding_window", "layer_types")

_LLAMA = Family(
    model_type="llama",
    title="Llama",
    config="LlamaConfig",
    network="LlamaForCausalLM",
    body="model",
    embedding="embed_tokens.weight",
    blocks="layers",
    query="self_attn.q_proj",
    key="self_attn.k_proj",
    value="self_attn.v_proj",
    out="self_attn.o_proj",
    gate="mlp.gate_proj",
    up="mlp.up_proj",
    down="mlp.down_proj",
    norms=("input_layernorm", "post_attention_layernorm"),
    final_norm="norm",
    tied=(("lm_head.weight", "model.embed_tokens.weight"),),
    keys=(*_GATED, *_ROTARY, "hidden_act", "attention_bias", "mlp_bias"),
    older=_OLDER_ROTARY,
)
_QWEN2 = replace(
    _LLAMA,
    model_type="qwen2",
    title="Qwen 2",
    config="Qwen2Config",
    network="Qwen2ForCausalLM",
    keys=(
        *(key for key in _GATED if key != "head_dim"),
        *(*_ROTARY, "hidden_act", "use_sliding_window", "max_window_layers", *_WINDOW),
    ),
)
_QWEN3 = replace(
    _QWEN2,
    model_type="qwen3",
    title="Qwen 3",
    config="Qwen3Config",
    network="Qwen3ForCausalLM",
    head_norms=("self_attn.q_norm", "self_attn.k_norm"),
    keys=(*_QWEN2.keys, "head_dim", "attention_bias"),
)
_GEMMA = replace(
    _LLAMA,
    model_type="gemma",
    title="Gemma",
    config="GemmaConfig",
    network="GemmaForCausalLM",
    unit_gain=1.0,
    keys=(*_GATED, *_ROTARY, "hidden_act", "attention_bias", "use_bidirectional_attention"),
)
_GEMMA2 = replace(
    _GEMMA,
    model_type="gemma2",
    title="Gemma 2",
    config="Gemma2Config",
    network="Gemma2ForCausalLM",
    norms=("input_layernorm", "pre_feedforward_layernorm"),
    norms_after=("post_attention_layernorm", "post_feedforward_layernorm"),
    keys=(
        *(*_GATED, *_ROTARY, *_WINDOW, "hidden_activation", "attention_bias"),
        *("query_pre_attn_scalar", "final_logit_softcapping", "attn_logit_softcapping"),
        "use_bidirectional_attention",
    ),
)
_GEMMA3 = replace(
    _GEMMA2,
    model_type="gemma3_text",
    title="Gemma 3",
    config="Gemma3TextConfig",
    network="Gemma3ForCausalLM",
    head_norms=("self_attn.q_norm", "self_attn.k_norm"),
    older=(*_OLDER_ROTARY, *_OLDER_WINDOWS),
)
_MISTRAL = replace(
    _LLAMA,
    model_type="mistral",
    title="Mistral",
    config="MistralConfig",
    network="MistralForCausalLM",
    keys=(*_GATED, *_ROTARY, "hidden_act", "sliding_window"),
)
_GPT2 = Family(
    model_type="gpt2",
    title="GPT-2",
    config="GPT2Config",
    network="GPT2LMHeadModel",
    body="transformer",
    embedding="wte.weight",
    blocks="h",
    query="attn.c_attn",
    key="attn.c_attn",
    value="attn.c_attn",
    out="attn.c_proj",
    up="mlp.c_fc",
    down="mlp.c_proj",
    fused="stacked",
    transposed=True,
    norms=("ln_1", "ln_2"),
    final_norm="ln_f",
    tied=(("lm_head.weight", "transformer.wte.weight"),),
    keys=(
        *("vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_inner"),
        *("activation_function", "layer_norm_epsilon", "scale_attn_weights"),
        *("scale_attn_by_inverse_layer_idx", "tie_word_embeddings"),
    ),
    positions="n_positions",
)
_GPT_NEOX = Family(
    model_type="gpt_neox",
    title="GPT-NeoX",
    config="GPTNeoXConfig",
    network="GPTNeoXForCausalLM",
    body="gpt_neox",
    embedding="embed_in.weight",
    blocks="layers",
    query="attention.query_key_value",
    key="attention.query_key_value",
    value="attention.query_key_value",
    out="attention.dense",
    up="mlp.dense_h_to_4h",
    down="mlp.dense_4h_to_h",
    fused="by head",
    norms=("input_layernorm", "post_attention_layernorm"),
    final_norm="final_layer_norm",
    tied=(("lm_head.weight", "gpt_neox.embed_in.weight"),),
    keys=(
        *(*_SIZES, "intermediate_size", "layer_norm_eps", *_ROTARY, "hidden_act"),
        *("use_parallel_residual", "attention_bias"),
    ),
    older=(*_OLDER_ROTARY, "rotary_pct", "rotary_emb_base"),
)
_BERT = Family(
    model_type="bert",
    title="BERT",
    config="BertConfig",
    network="BertForMaskedLM",
    bare="BertModel",
    body="bert",
    embedding="embeddings.word_embeddings.weight",
    blocks="encoder.layer",
    query="attention.self.query",
    key="attention.self.key",
    value="attention.self.value",
    out="attention.output.dense",
    up="intermediate.dense",
    down="output.dense",
    norms=("output.LayerNorm", "attention.output.LayerNorm"),
    first_norm="embeddings.LayerNorm",
    final_norm="",
    tied=(("cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"),),
    always_tied=(("cls.predictions.decoder.bias", "cls.predictions.bias"),),
    keys=(
        *(*_SIZES, "intermediate_size", "layer_norm_eps", "hidden_act"),
        *("max_position_embeddings", "type_vocab_size", "tie_word_embeddings"),
    ),
    positions="max_position_embeddings",
)
FAMILIES: dict[str, Family] = {
    family.model_type: family
    for family in (
        *(_GPT2, _GPT_NEOX, _LLAMA, _MISTRAL, _QWEN2, _QWEN3),
        *(_GEMMA, _GEMMA2, _GEMMA3, _BERT),
    )
}
