"""Addition modulo a prime: small enough to hold every question there is.

The task on which networks were first seen to generalise long after they had learnt their examples
by heart (A. Power et al., "Grokking", 2022).
"""

import numpy as np
import torch
from torch.nn import functional as F

from explorer.network.tasks.base import SHARES, SPLITS, Examples, Head, Task, kept_splits

# A prime, so that no sub-group makes some of the sums easier than others. It has 529 questions.
MODULUS = 23
_NUMBERS = tuple(str(number) for number in range(MODULUS))


@kept_splits
def _modular_addition(split: str) -> Examples:
    """One-hot pairs of numbers; of the pairs of every sum, each split holds the same share.

    A pair and the same two numbers in the other order are two questions and may be in two splits.
    """
    ends = [0, *np.round(np.cumsum(SHARES) * MODULUS).astype(int)]
    at = SPLITS.index(split)
    rng = np.random.default_rng(0)
    orders = [rng.permutation(MODULUS) for _ in range(MODULUS)]
    first = torch.from_numpy(np.concatenate([order[ends[at] : ends[at + 1]] for order in orders]))
    sums = torch.arange(MODULUS).repeat_interleave(int(ends[at + 1] - ends[at]))
    second = (sums - first) % MODULUS
    one_hot = torch.cat([F.one_hot(first, MODULUS), F.one_hot(second, MODULUS)], dim=1)
    return Examples(one_hot.float(), sums[:, None])


TASKS = (
    Task(
        name="modular-addition",
        summary=f"Add two numbers below {MODULUS} modulo {MODULUS}.",
        inputs=tuple(f"{side} = {number}" for side in ("a", "b") for number in _NUMBERS),
        heads=(Head("sum", _NUMBERS),),
        images=(),
        make=_modular_addition,
        data="pairs of numbers",
        hidden=(64, 64),
    ),
)
