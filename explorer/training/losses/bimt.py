"""Brain-inspired modular training: weights cost by how far apart their ends lie."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from explorer.network.architectures import Network
from explorer.network.graph import Floats, NetworkGraph
from explorer.training.config import TrainingConfig
from explorer.training.losses.base import ModularityLoss

_ROUNDS = 3


class BrainInspired(ModularityLoss):
    """Penalty: mean over links of sum_ij A_ji |x_i - x_j|, x the places of neurons on a line.

    Every layer, inputs and outputs included, lies evenly on a line from 0 to 1. At every refresh
    neurons change places within their layer. Liu et al. swap pairs greedily; since no edge leads
    from a layer into itself, the cost of a neuron at a place does not depend on where others of its
    layer are, and the best arrangement of a layer, after any number of swaps, is an assignment
    problem that is solved exactly, layer by layer, three rounds. The penalty is divided by 1/3, the
    mean distance of two random places. The partition (of largest Q_B) is for people to see.

    References
    ----------
    Liu, Gan, Tegmark (2023), Seeing is believing: brain-inspired modular training for mechanistic
    interpretability, arXiv:2305.08746.
    """

    title: ClassVar[str] = "Brain-inspired modular training"
    summary: ClassVar[str] = (
        "Neurons have places on a line; a weight costs by the distance of its ends, and neurons "
        "swap places."
    )

    def __init__(self, config: TrainingConfig, network: Network) -> None:
        super().__init__(config, network)
        self.places = [_even(size) for size in self.sizes]

    def refresh(self, graph: NetworkGraph, slopes: Floats | None = None) -> None:
        """Find the partition to show, and better places."""
        from scipy.optimize import linear_sum_assignment

        super().refresh(graph, slopes)
        for _ in range(_ROUNDS):
            for layer, size in enumerate(self.sizes):
                cost = np.zeros((size, size))  # of each neuron at each place
                for block in graph.blocks:
                    if layer == block.target:
                        cost += block.dense() @ _distances(self.places[block.source], _even(size))
                    elif layer == block.source:
                        cost += block.dense().T @ _distances(self.places[block.target], _even(size))
                self.places[layer] = _even(size)[linear_sum_assignment(cost)[1]]

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Mean distance of the ends of edges, by mass; about 1 at random."""
        places = [torch.from_numpy(place).to(masses[0].dtype) for place in self.places]
        parts = [
            (mass * (places[target][:, None] - places[source][None, :]).abs()).sum()
            for mass, (source, target) in zip(masses, self.links, strict=True)
        ]
        return 3.0 * torch.stack(parts).mean()

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly: the partition and the places."""
        return super().state() | {"places": torch.from_numpy(np.concatenate(self.places))}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state`` gave."""
        super().restore(state)
        ends = np.cumsum(self.sizes)[:-1]
        self.places = [part.copy() for part in np.split(state["places"].numpy(), ends)]


def _even(size: int) -> Floats:
    return (np.arange(size) + 0.5) / size


def _distances(first: Floats, second: Floats) -> Floats:
    return np.asarray(np.abs(first[:, None] - second[None, :]))
