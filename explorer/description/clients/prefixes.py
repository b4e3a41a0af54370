"""Remember what a language model made of the start of a prompt, to read only what is new."""

import copy
from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_KEPT = 3


class Prefixes:
    """Keys and values of the prompts read last.

    Prompts about the parts of a network begin alike: three exemplars, then what differs.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._keyword = cache_keyword(model)
        self._known: list[tuple[list[int], Any]] = []

    def read(self, ids: list[int]) -> "tuple[torch.Tensor, Any]":
        """Return the logits after the last token, and the cache of all tokens, to be used up."""
        import torch

        shared, cache = self._longest(ids)
        with torch.inference_mode():
            out = self._model(
                input_ids=torch.tensor([ids[shared:]]), logits_to_keep=1, **{self._keyword: cache}
            )
        self._known = [(ids, self.copied(cache)), *self._known][:_KEPT]
        return out.logits[0, -1], cache

    def copied(self, cache: Any) -> Any:
        """Copy a cache."""
        return copy.deepcopy(cache)

    def _longest(self, ids: list[int]) -> tuple[int, Any]:
        from transformers import DynamicCache

        best, length, kept = 0, 0, None
        for known, cache in self._known:
            shared = _shared(known, ids)
            if shared > best:
                best, length, kept = shared, len(known), cache
        best = min(best, len(ids) - 1)  # the last token is always read: its logits are wanted
        if kept is None or best <= 0:
            return 0, DynamicCache()
        cache = self.copied(kept)
        if best < length:
            cache.crop(best - length)  # a negative number is how many to take off the end
        return best, cache


def cache_keyword(model: Any) -> str:
    """Return the name of the argument for the cache, which transformers 5.24 changed."""
    return "cache" if "cache" in signature(model.forward).parameters else "past_key_values"


def _shared(first: list[int], second: list[int]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
