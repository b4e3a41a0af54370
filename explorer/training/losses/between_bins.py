"""The share of weight between bins that are fixed from the start, pushed down and nothing else."""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from explorer.network.architectures import Activity, Network
from explorer.training.losses.base import Penalty
from explorer.training.losses.fixed_bins import FixedBins


class BetweenBins(FixedBins):
    """Penalty: share of edge mass between fixed bins, over its share 1 - 1/k at random.

    <A, D> with D = 1 between bins and 0 inside, averaged over links. Its gradient takes the total
    mass of a link as given: weights between bins shrink, and those inside are left to the task.
    Under Q_B those inside grow too, and bins are pushed to be of equal mass; an optimiser that
    scales gradients, such as Adam, makes both cost cross-entropy. One bin with everything in it
    would be an optimum, so it is for networks that must use all bins, such as a GPT with a gate.

    Of a GPT, edges count by what flows into them, as in its activity graph; of a chain of layers,
    by |W| alone.
    """

    title: ClassVar[str] = "Between bins"
    summary: ClassVar[str] = (
        "Shrinks the weights between modules that are fixed from the start, and leaves those "
        "inside alone: for a GPT with a gate."
    )

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Share of mass between bins, over 1 - 1/k."""
        between = torch.zeros((), dtype=masses[0].dtype)
        for mass, (source, target) in zip(masses, self.links, strict=True):
            parts = self.by_layer
            crossing = parts[target][:, None] != parts[source][None, :]
            between = between + (mass * crossing).sum()
        return between / (len(masses) * (1.0 - 1.0 / self.count))

    def of_network(self, network: Network, activity: Activity | None, strength: float) -> Penalty:
        """The same, with the total mass of every link held fixed in the gradient."""
        sizes = network.magnitudes(None if network.is_chain else activity)
        totals = [size.detach().sum().clamp(min=1e-12) for size in sizes]
        masses = [size / total for size, total in zip(sizes, totals, strict=True)]
        penalty = self.penalty(masses, network)
        weight = torch.full_like(penalty, strength)
        return Penalty(float(penalty.detach()), (penalty,), (weight,))
