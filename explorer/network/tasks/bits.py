"""Tasks of bits: four independent exclusive-ors."""

from itertools import product

import torch

from explorer.network.tasks.base import Examples, Head, Task, kept_splits


@kept_splits
def _xor4(_: str) -> Examples:
    """All 256 inputs; there are no others, so every split is the whole set."""
    bits = torch.tensor(list(product([0.0, 1.0], repeat=8)))
    return Examples(bits, (bits[:, 0::2] != bits[:, 1::2]).long())


TASKS = (
    Task(
        name="xor4",
        summary="For each of four pairs of bits, tell whether the two bits differ.",
        inputs=tuple(f"bit {pair}{side}" for pair in "1234" for side in "ab"),
        heads=tuple(Head(f"pair {pair}", ("same", "differ")) for pair in "1234"),
        images=(),
        make=_xor4,
        data="rows of eight bits",
        exhaustive=True,
        hidden=(32, 32),
    ),
)
