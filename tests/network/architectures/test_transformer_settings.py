"""Settings make the network that transformers makes of them, or are refused in a sentence."""

import pytest
import torch

from explorer.errors import ArchitectureError
from explorer.network.architectures import MAX_NODES, Transformer, build
from tests.network.tiny_transformers import (
    file_of,
    module_of,
    network_of,
    random_module,
    tokens,
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hidden_size": -16}, "hidden_size"),
        ({"hidden_size": "wide"}, "Llama"),
        ({"vocab_size": 0}, "vocab_size"),
        ({"vocab_size": 10**12}, "vocab_size"),
        ({"num_hidden_layers": 10**9}, "blocks"),
        ({"num_hidden_layers": 5_000}, "blocks"),
        ({"num_hidden_layers": True}, "num_hidden_layers"),
        ({"intermediate_size": MAX_NODES}, "at most"),
        ({"num_attention_heads": 3}, "heads"),
        ({"num_attention_heads": 0}, "Llama"),
        ({"num_key_value_heads": 3}, "multiple"),
        ({"num_key_value_heads": -1}, "num_key_value_heads"),
        ({"hidden_act": "os.system"}, "os.system"),
        ({"rope_parameters": {"rope_type": "strange"}}, "Llama"),
        ({"rope_parameters": "strange"}, "Llama"),
        ({"rms_norm_eps": {"a": {"b": {"c": {"d": 1}}}}}, "rms_norm_eps"),
        ({"quantization_config": {"bits": 4}}, "quantised"),
        ({"tie_word_embeddings": "x" * 1_000}, "tie_word_embeddings"),
    ],
)
def test_settings_that_make_no_network_are_refused(changes, said):
    with pytest.raises(ArchitectureError, match=said):
        Transformer("llama", file_of(module_of("llama")).config | changes)


def test_code_named_by_settings_is_never_looked_up():
    strange = {"auto_map": {"AutoModelForCausalLM": "evil.Model"}, "attn_implementation": "evil/it"}
    config = file_of(module_of("llama")).config
    network = Transformer("llama", config | strange | {"_attn_implementation": "evil/it"})
    assert network.describe() == Transformer("llama", config).describe()


OLDER = {
    "gemma3_text": {
        "rope_theta": 1e6,
        "rope_local_base_freq": 1e4,
        "rope_scaling": None,
        "sliding_window_pattern": 2,
        "layer_types": None,
    },
    "llama": {"rope_theta": 1e4, "rope_scaling": None},
    "gpt_neox": {"rotary_pct": 0.25, "rotary_emb_base": 10_000},
}


@pytest.mark.parametrize("name", OLDER)
def test_settings_as_older_files_name_them(name):
    config = {k: v for k, v in module_of(name).config.to_dict().items() if k != "rope_parameters"}
    assert Transformer(name, config | OLDER[name]).describe() == network_of(name).describe()


def test_windows_that_look_both_ways_are_not_halved_twice():
    module = random_module("gemma3_text", use_bidirectional_attention=True, sliding_window=4)
    network = Transformer("gemma3_text", module.config.to_dict())
    network.load_state_dict(module.state_dict())
    assert build(network.describe()).describe() == network.describe()
    torch.testing.assert_close(network(tokens()), module(input_ids=tokens()).logits)


def test_rotations_for_longer_texts_are_those_of_the_settings():
    longer = {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 64}
    longer |= {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "rope_theta": 5e5}
    module = random_module("llama", rope_parameters=longer)
    config = {k: v for k, v in module.config.to_dict().items() if k != "rope_parameters"}
    given = {"rope_theta": longer.pop("rope_theta"), "rope_scaling": longer}
    network = Transformer("llama", config | given)
    network.load_state_dict(module.state_dict())
    torch.testing.assert_close(network(tokens()), module(input_ids=tokens()).logits)
    assert not torch.allclose(network(tokens()), network_of("llama")(tokens()), atol=1e-3)


@pytest.mark.parametrize("described", [{}, {"family": "llama"}, {"family": 1, "config": {}}])
def test_a_description_that_says_nothing_is_refused(described):
    with pytest.raises(ArchitectureError):
        build({"kind": "transformer", **described})


def test_an_unknown_family_is_refused():
    with pytest.raises(ArchitectureError, match="gpt_neox, llama"):
        Transformer("mamba", {})
