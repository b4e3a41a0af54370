"""Fixed bins of a GPT that write to their own residual dimensions alone; reads are penalised."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from explorer.network.architectures import Network
from explorer.training.config import TrainingConfig
from explorer.training.cutting import weights_outside
from explorer.training.losses.between_bins import BetweenBins


class ClosedWrites(BetweenBins):
    """Penalty: share of edge mass between fixed bins over 1 - 1/k, some of which is held at 0.

    Heads and neurons write to the residual dimensions of their own bin alone: such weights to
    other bins are 0 from the first step with a penalty on. So are those by which the first heads
    read other bins, for what comes before them, the embedding, can put any token into every bin. A
    neuron or head may still read what all modules wrote, and what it reads of others is penalised
    as by ``BetweenBins``.

    The mass inside is an average over weight matrices, and what they lose by being confined
    differs: on the tiny GPT (``explorer sweep tiny-gpt``) confined writes cost least.

    In a chain of layers nothing is held, and it is the same as ``BetweenBins``.
    """

    title: ClassVar[str] = "Closed writes"
    summary: ClassVar[str] = (
        "For a GPT: modules, fixed from the start, write to their own residual dimensions alone, "
        "and weights that read those of others are shrunk."
    )

    def __init__(self, config: TrainingConfig, network: Network) -> None:
        super().__init__(config, network)
        self._held: tuple[Tensor, ...] | None = None

    def held(self, network: Network) -> tuple[Tensor, ...] | None:
        """All weights but those between bins that write to the residual stream or read it first."""
        if self._held is None and not network.is_chain:
            self._held = weights_outside(network, self._closed())
        return self._held

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state`` gave; with it the number of modules may be another."""
        super().restore(state)
        self._held = None

    def _closed(self) -> list[Tensor]:
        parts, found = self.by_layer, []
        for source, target in self.links:
            crossing = parts[target][:, None] != parts[source][None, :]
            is_closed = target == 0 or (source, target) == self.links[0]
            found.append(crossing if is_closed else torch.zeros_like(crossing))
        return found
