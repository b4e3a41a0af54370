"""Token sequences on which a part of a network is as active as can be: search without gradients."""

import torch
from torch import Tensor

from explorer.observation.feature_visualization_objective import Objective

LENGTH = 8  # tokens of a sequence that is made
_BEAM = 2
_SWEEPS = 2
_AT_ONCE = 4_096  # sequences evaluated together


def search_tokens(
    objective: Objective,
    inputs: Tensor,
    activity: Tensor,
    tokens: int,
    count: int,
    seed: int,
) -> list[tuple[Tensor, float]]:
    """Search for short token sequences at whose last token an objective is as large as can be.

    Greedy coordinate search: from the token of the data where the objective is largest, with what
    stands before it, one place after the other is given every token of the vocabulary in turn, and
    the best few sequences go on (a beam of 2). Every sequence is evaluated exactly; places are
    taken in a random order, twice all. Each further sequence must end in a token that no sequence
    before it ends in.

    If no short sequence reaches what the data does, the first sequence is searched for once more
    from that token with all that stands before it.

    Parameters
    ----------
    objective : callable
    inputs : Tensor of int64, shape (texts, positions)
    activity : Tensor, shape (texts, positions)
        The objective on them.
    tokens : int
        Size of the vocabulary.
    count, seed : int

    Returns
    -------
    list of (Tensor of shape (tokens of the sequence,), float)
        Sequences, and the objective at their last token.

    References
    ----------
    Shin et al. (2020), AutoPrompt, arXiv:2010.15980, and Zou et al. (2023), arXiv:2307.15043:
    greedy coordinate search over tokens, there led by gradients, which a small vocabulary can do
    without. Thompson, Straznickas and Sklar (2024), Fluent dreaming for language models,
    arXiv:2402.01702: sequences made for neurons.
    """
    generator = torch.Generator().manual_seed(seed)
    found: list[tuple[Tensor, float]] = []
    used: list[int] = []
    for number in range(count):
        fresh = ~torch.isin(inputs, torch.tensor(used, dtype=inputs.dtype))
        if not bool(fresh.any()):
            break
        start = _best_context(inputs, activity.masked_fill(~fresh, -torch.inf), LENGTH)
        sequence, reached = _search(objective, start, tokens, used, generator)
        if number == 0 and reached < float(activity.max()):
            whole = _best_context(inputs, activity, inputs.shape[1])
            sequence, reached = _search(objective, whole, tokens, used, generator)
        found.append((sequence, reached))
        used.append(int(sequence[-1]))
    return found


def _best_context(inputs: Tensor, activity: Tensor, length: int) -> Tensor:
    """The token of largest activity and what stands before it, ``length`` tokens at most."""
    text, place = divmod(int(activity.flatten().argmax()), inputs.shape[1])
    return inputs[text, max(0, place + 1 - length) : place + 1]


@torch.no_grad()
def _search(
    objective: Objective, start: Tensor, tokens: int, used: list[int], generator: torch.Generator
) -> tuple[Tensor, float]:
    beam = start[None]
    values = objective(beam)[:, -1]
    # Of a long sequence only the last places are changed: time is bounded.
    first = max(0, len(start) - LENGTH)
    allowed_last = torch.tensor([t for t in range(tokens) if t not in used])
    for _ in range(_SWEEPS):
        before = float(values[0])
        order = torch.randperm(len(start) - first, generator=generator) + first
        for place in order.tolist():
            options = allowed_last if place == len(start) - 1 else torch.arange(tokens)
            tried = beam.repeat_interleave(len(options), dim=0)
            tried[:, place] = options.repeat(len(beam))
            reached = torch.cat([objective(part)[:, -1] for part in torch.split(tried, _AT_ONCE)])
            tried, reached = torch.cat([beam, tried]), torch.cat([values, reached])
            ranked = reached.argsort(descending=True, stable=True)
            kept = _distinct(tried, ranked.tolist())
            beam, values = tried[kept], reached[kept]
        if float(values[0]) == before:
            break
    return beam[0], float(values[0])


def _distinct(sequences: Tensor, ranked: list[int]) -> list[int]:
    kept: list[int] = []
    seen: set[tuple[int, ...]] = set()
    for at in ranked:
        key = tuple(sequences[at].tolist())
        if key not in seen:
            seen.add(key)
            kept.append(at)
        if len(kept) == _BEAM:
            break
    return kept
