"""Run a module in single precision whose embeddings stay as they are.

Of a small language model with a large vocabulary, embeddings are most of the weights: of Gemma 3
270M, five in eight. A text needs few of their rows.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

_WORDS = 16_384  # of the vocabulary, at a time


class LookedUp(nn.Module):
    """An embedding that turns the rows that it is asked for into single precision.

    Parameters
    ----------
    embedding : nn.Module
        What it does with rows is left to it.
    weight : Tensor
        In any precision; it is held, but is no parameter.
    """

    def __init__(self, embedding: Any, weight: Tensor) -> None:
        super().__init__()
        self._held = (embedding, weight)

    def forward(self, tokens: Tensor) -> Tensor:
        """Embed token ids."""
        embedding, weight = self._held
        seen, places = torch.unique(tokens, return_inverse=True)
        rows = {"weight": weight[seen].float()}
        found: Tensor = functional_call(embedding, rows, (places,))
        return found


class Unembedding(nn.Module):
    """A linear layer to the vocabulary that turns a part of it at a time into single precision.

    Parameters
    ----------
    weight : Tensor
        In any precision; it is held, but is no parameter.
    bias : Tensor or None
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self._held = (weight, bias)

    def forward(self, states: Tensor) -> Tensor:
        """Logits."""
        weight, bias = self._held
        parts = []
        for start in range(0, len(weight), _WORDS):
            words = slice(start, start + _WORDS)
            parts.append((words, None if bias is None else bias[words].float()))
        if states.requires_grad:
            return torch.cat([F.linear(states, weight[w].float(), b) for w, b in parts], dim=-1)
        logits = states.new_empty(*states.shape[:-1], len(weight))
        for words, own in parts:
            logits[..., words] = F.linear(states, weight[words].float(), own)
        return logits
