"""What an exporter computed ahead from the weights of a transformer, taken back."""

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from explorer.network.architectures.families import Family

_ADDED = re.compile(r"^(.+)\.added\.\d+$")
# Tables that are added to the embedding of a word, the last one that of positions.
_TABLES = {
    "gpt2": ("wpe",),
    "bert": ("embeddings.token_type_embeddings", "embeddings.position_embeddings"),
}


def taken_back(
    family: Family, tensors: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, Any], tuple[str, ...]]:
    """Make weights again of gains, of tables for one length of text, and of twins.

    1 is taken from a gain that was 1 + weight. The sum was rounded, so the weight may differ in
    its last bits. The gain, and with it the graph, is the same: the difference is exact [1]_, since
    a rounded g = 1 + w is a multiple of the last place of g - 1.

    Parameters
    ----------
    family : Family
    tensors : mapping of str to Tensor
        By their names in transformers, as ``onnx_names.named_weights`` gives them.

    Returns
    -------
    tensors : dict of str to Tensor
    settings : dict
        Those that say other sizes than the tables have.
    notes : tuple of str

    References
    ----------
    .. [1] P. H. Sterbenz, *Floating-Point Computation*, Prentice-Hall, 1974, theorem 4.3.1.

    Examples
    --------
    >>> import torch
    >>> from explorer.network.architectures.families import FAMILIES
    >>> taken_back(FAMILIES["gemma"], {"model.norm.gain": torch.tensor([1.5])})[0]
    {'model.norm.weight': tensor([0.5000])}
    """
    norms = (*family.norms, *family.norms_after, *family.head_norms, family.final_norm)
    gains = tuple(f".{norm}.gain" for norm in norms)
    tables = _TABLES.get(family.model_type, ())
    where = f"{family.body}.{tables[-1]}".rpartition(".")[0] if tables else ""
    found: dict[str, Tensor] = {}
    added: list[Tensor] = []
    for key, tensor in tensors.items():
        if key.endswith(gains):
            found.setdefault(f"{key.removesuffix('gain')}weight", tensor - family.unit_gain)
        elif (match := _ADDED.match(key)) and match[1] == where and tensor.numel():
            added += [tensor] if tensor.dim() == 2 else [tensor[0]] * _is_one(tensor)
        elif not match and not key.endswith(".gain"):
            found[key] = tensor
    for key in list(found) if family.model_type == "gpt_neox" else ():
        # Two norms that read the same and hold the same numbers are computed once.
        found.setdefault(key.replace(*family.norms), found[key])
    missing = [name for name in tables if f"{family.body}.{name}.weight" not in found]
    if not added or len(added) != len(missing):
        return found, {}, ()
    settings: dict[str, Any] = {}
    for name, table in zip(missing, added, strict=True):
        is_last = name == tables[-1]
        found[f"{family.body}.{name}.weight"] = table if is_last else table[:1]
        settings |= {family.positions: len(table)} if is_last else {"type_vocab_size": 1}
    return found, settings, (_said(settings.get(family.positions), "type_vocab_size" in settings),)


def _is_one(tensor: Tensor) -> bool:
    """Tell whether it is the same for every example."""
    return bool((tensor == tensor[:1]).all())


def _said(places: int | None, is_one_kind: bool) -> str:
    held = [f"{places} positions"] if places else []
    held += ["one kind of segment"] if is_one_kind else []
    return f"It was exported for one length of text, with {' and '.join(held)}."
