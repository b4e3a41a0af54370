"""Transformers of the families that the transformers library knows, by their tensors' names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.adapters.base import Adapter
from explorer.network.adapters.folded import taken_back
from explorer.network.adapters.stack import as_float
from explorer.network.adapters.untold import looks_like, untold_settings
from explorer.network.architectures import Transformer
from explorer.network.architectures.families import FAMILIES, Family
from explorer.network.readers import WeightFile

_PLAIN = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_PLAIN_EXPORT = "from torch.onnx.export: layers that a tool fused or packed cannot be told apart"
_HEADS = ("lm_head.", "cls.")
# Tables that a module computes and some versions wrote down, and parts on top that are no part of
# the network of blocks.
_TABLES = re.compile(
    r"(rotary_emb\.(\w*inv_freq|(cos|sin)_cached)|\.(attn|attention)\.(masked_)?bias|position_ids"
    r"|token_type_ids|embed_scale)$"
)
_ON_TOP = re.compile(r"^(bert\.pooler\.|cls\.seq_relationship\.|classifier\.|qa_outputs\.)")


@dataclass(frozen=True)
class _Opened:
    """What a file amounts to: settings, tensors by the names of transformers, and notes."""

    settings: Mapping[str, Any]
    tensors: dict[str, Tensor]
    head: bool
    notes: tuple[str, ...]


class FamilyAdapter(Adapter):
    """Opens one family, with its ``config.json`` or, where shapes tell enough, without.

    Parameters
    ----------
    model_type : str
        A key of ``FAMILIES``.
    """

    def __init__(self, model_type: str) -> None:
        self.family: Family = FAMILIES[model_type]
        self.name = self.family.title
        self.needs = "tensors by their names in transformers and, for most, a config.json"
        block = re.escape(self.family.blocks)
        first = re.escape(f"{self.family.query}.weight")
        self._block = re.compile(rf"^(.*?){block}\.(\d+)\.(.+)$")
        self._anchor = re.compile(rf"^(.*?){block}\.\d+\.{first}$")

    def recognises(self, content: WeightFile) -> bool:
        """Go by the settings; without any, by the names and shapes of the tensors."""
        if content.config is not None and "model_type" in content.config:
            return bool(content.config["model_type"] == self.family.model_type)
        return looks_like(self.family, content.shapes)

    def open(self, content: WeightFile, name: str) -> Transformer:
        """Bring the tensors under the names of transformers and compare their shapes."""
        found = self._opened(content, name)
        network = Transformer(self.family.model_type, found.settings, found.head)
        expected = {key: tuple(value.shape) for key, value in network.state_dict().items()}
        try:
            check_tensors(expected, found.tensors, f"{name} is a {self.name} network")
        except ArchitectureError as problem:
            if content.drawn is None:
                raise
            raise ArchitectureError(f"{problem}, {_PLAIN_EXPORT}") from problem
        network.load_state_dict({key: plain(v, key, name) for key, v in found.tensors.items()})
        return network

    def notes(self, content: WeightFile) -> tuple[str, ...]:
        """Say what was assumed or left out."""
        return self._opened(content, "the file").notes

    def _opened(self, content: WeightFile, name: str) -> _Opened:
        tensors, notes = self._named(content.tensors), list[str]()
        exported: dict[str, Any] = {}
        if content.drawn is not None:
            tensors, exported, said = taken_back(self.family, tensors)
            notes += said
        on_top = [key for key in tensors if _ON_TOP.match(key)]
        if on_top:
            notes.append(f"Layers on top of the blocks are left out: {', '.join(on_top)[:200]}.")
        tensors = {k: v for k, v in tensors.items() if k not in on_top and not _TABLES.search(k)}
        if content.config is not None:
            settings = {**content.config, **exported}
        else:
            settings, assumed = untold_settings(self.family, tensors, name, content.drawn)
            settings |= exported
            notes.append(assumed)
        head = not self.family.bare or any(key.startswith(_HEADS) for key in tensors)
        if not head:
            tensors = {key.removeprefix(f"{self.family.body}."): v for key, v in tensors.items()}
            notes.append("It has no head that gives logits of tokens: outputs are its last states.")
        else:
            tensors, settings = self._untied(tensors, settings)
        return _Opened(settings, tensors, head, tuple(notes))

    def _named(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Bring names under those of transformers, whatever wrapped the network or its body."""
        body = f"{self.family.body}."
        leads = [match[1] for key in tensors if (match := self._anchor.match(key))]
        wrapper = (leads[0] if leads else "").removesuffix(body)
        found = {}
        for key, tensor in tensors.items():
            short = key.removeprefix(wrapper)
            if self.family.model_type == "gpt_neox":  # as most files of it call the head
                short = re.sub(r"^embed_out\.", "lm_head.", short)
            if not short.startswith((body, *_HEADS)) and not _ON_TOP.match(short):
                short = body + short
            if self.family.model_type == "bert":  # as the first release called them
                short = short.replace("LayerNorm.gamma", "LayerNorm.weight")
                short = short.replace("LayerNorm.beta", "LayerNorm.bias")
            found[short] = tensor
        return found

    def _untied(
        self, tensors: dict[str, Tensor], settings: dict[str, Any]
    ) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Drop tensors of the head that are others of the body; believe a file that has both."""
        left = dict(tensors)
        for key, other in self.family.always_tied:
            if key in left:
                left.setdefault(other, left[key])
                del left[key]
        for key, other in self.family.tied:
            if key not in left or other not in left:
                continue
            if not same(left[key], left[other]):
                settings = {**settings, "tie_word_embeddings": False}
            elif settings.get("tie_word_embeddings", self._ties()):
                del left[key]
        return left, settings

    def _ties(self) -> bool:
        import transformers

        return bool(getattr(transformers, self.family.config)().tie_word_embeddings)


def same(one: Tensor, other: Tensor) -> bool:
    """Tell whether two tensors are one, or hold the same numbers."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return one.data_ptr() == other.data_ptr() or torch.equal(one, other)


def check_tensors(
    expected: Mapping[str, tuple[int, ...]], tensors: Mapping[str, Tensor], what: str
) -> None:
    """Compare names and shapes.

    Raises
    ------
    ArchitectureError
        That names the first tensor that is missing, of another shape, or not expected.
    """
    for key, shape in expected.items():
        if key not in tensors:
            raise ArchitectureError(
                f"{what} and its tensor {key!r:.80} is missing; expected one of shape {shape}"
            )
        if tuple(tensors[key].shape) != shape:
            raise ArchitectureError(
                f"{what} and its tensor {key!r:.80} has shape {tuple(tensors[key].shape)!r:.60}; "
                f"expected {shape}"
            )
    strange = [key for key in tensors if key not in expected]
    if strange:
        raise ArchitectureError(
            f"{what} and holds a tensor {strange[0]!r:.80}; expected no such tensor"
        )


def plain(tensor: Tensor, key: str, name: str) -> Tensor:
    """Return a tensor as it is, if one can compute with its kind of number, or in single precision.

    One that lies turned round is laid out anew: sums over it, and so the graph, would differ in the
    last bit.

    Raises
    ------
    ArchitectureError
        If it holds no floats.
    """
    return (tensor if tensor.dtype in _PLAIN else as_float(tensor, key, name)).contiguous()
