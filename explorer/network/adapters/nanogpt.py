"""Checkpoints of nanoGPT: GPT-2 with its matrices the other way round."""

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.adapters.base import Adapter
from explorer.network.adapters.family import check_tensors, plain, same
from explorer.network.adapters.folded import taken_back
from explorer.network.adapters.untold import block_shapes, untold_settings
from explorer.network.architectures import Transformer
from explorer.network.architectures.families import FAMILIES
from explorer.network.readers import WeightFile

_GPT2 = FAMILIES["gpt2"]
_TURNED = re.compile(r"\.(c_attn|c_proj|c_fc)\.weight$")
_MASK = re.compile(r"\.attn\.bias$")
_ADDED = re.compile(r"^added\.")  # by the network itself, in whose body transformers adds it
_ANCHOR = re.compile(r"^(.*?)transformer\.h\.\d+\.")


class NanoGPT(Adapter):
    """Opens the checkpoints of nanoGPT as GPT-2.

    nanoGPT keeps matrices as (out, in), has the exact GELU, and may have no biases: those are 0
    then.

    References
    ----------
    https://github.com/karpathy/nanoGPT
    """

    name = "nanoGPT"
    needs = "the model and model_args of a checkpoint of nanoGPT"

    def recognises(self, content: WeightFile) -> bool:
        """Go by the settings; without any, by a merged attention matrix that is (3 n, n)."""
        if content.config is not None and "model_type" in content.config:
            return bool(content.config["model_type"] == "nanogpt")
        merged = block_shapes(_GPT2, content.shapes).get("attn.c_attn.weight", ())
        return len(merged) == 2 and merged[0] == 3 * merged[1]

    def open(self, content: WeightFile, name: str) -> Transformer:
        """Turn the matrices and fill in biases that are not there."""
        tensors = _named(content.tensors)
        tensors, exported, _ = taken_back(_GPT2, tensors)
        settings = self._settings(content, tensors, name) | exported
        network = Transformer("gpt2", settings)
        expected = {key: tuple(value.shape) for key, value in network.state_dict().items()}
        has_bias = any(key.endswith(".bias") for key in tensors)
        for key, shape in expected.items():
            if key.endswith(".bias") and not has_bias:
                tensors[key] = torch.zeros(shape)
        check_tensors(expected, tensors, f"{name} is a network of nanoGPT")
        network.load_state_dict({key: plain(v, key, name) for key, v in tensors.items()})
        return network

    def notes(self, content: WeightFile) -> tuple[str, ...]:
        """Say what was assumed where there are no settings."""
        tensors, _, said = taken_back(_GPT2, _named(content.tensors))
        if content.config is not None:
            return said
        return (untold_settings(_GPT2, tensors, "the file", content.drawn)[1], *said)

    def _settings(
        self, content: WeightFile, tensors: dict[str, Tensor], name: str
    ) -> dict[str, Any]:
        exact = {"activation_function": "gelu", "layer_norm_epsilon": 1e-5}
        if content.config is None:
            settings = untold_settings(_GPT2, tensors, name, content.drawn)[0]
        else:
            nested = content.config.get("model_args")
            given = nested if isinstance(nested, Mapping) else content.config
            words = tensors.get("transformer.wte.weight")
            settings = {key: given[key] for key in ("n_layer", "n_head", "n_embd") if key in given}
            settings["vocab_size"] = given.get("vocab_size") or (
                0 if words is None else words.shape[0]
            )
            settings["n_positions"] = given.get("block_size", 1024)
            if len(settings) != 5:
                raise ArchitectureError(
                    f"{name} is a network of nanoGPT whose model_args are "
                    f"{dict(given)!r:.80}; expected n_layer, n_head and n_embd among them"
                )
        head, embedding = tensors.get("lm_head.weight"), tensors.get("transformer.wte.weight")
        tied = head is None or embedding is None or same(head, embedding)
        if tied:
            tensors.pop("lm_head.weight", None)
        return {**settings, **exact, "tie_word_embeddings": tied}


def _named(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    leads = [match[1] for key in tensors if (match := _ANCHOR.match(key))]
    wrapper = leads[0] if leads else ""
    return {
        _ADDED.sub("transformer.added.", key.removeprefix(wrapper)): tensor.t()
        if _TURNED.search(key) and tensor.dim() == 2
        else tensor
        for key, tensor in tensors.items()
        if not _MASK.search(key)
    }
