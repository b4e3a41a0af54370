"""The share of weight between modules that were found, pushed down and nothing else."""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from explorer.network.architectures import Activity, Network
from explorer.training.losses.base import ModularityLoss, Penalty


class BetweenModules(ModularityLoss):
    """Penalty: share of edge mass between modules, over its share 1 - 1/k at random.

    <A, D> with D = 1 between modules and 0 inside, averaged over links. Its gradient takes the
    total mass of a link as given: weights between modules shrink, and those inside are left to the
    task. Under Q_B those inside grow too, and modules are pushed to be of equal mass; an optimiser
    that scales gradients, such as Adam, makes both cost cross-entropy.

    One module with everything in it would be an optimum. Modules are found as the partition of
    largest Q_B, which is not that one, and are held fixed in between.

    Of a transformer, edges count by what flows into them, as in its activity graph; of a chain of
    layers, by |W| alone.
    """

    title: ClassVar[str] = "Between modules"
    summary: ClassVar[str] = (
        "Shrinks the weights between modules that were found, and leaves those inside alone."
    )

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Share of mass between modules, over 1 - 1/k."""
        return self._scaled([self._between(link, mass) for link, mass in enumerate(masses)])

    def of_network(self, network: Network, activity: Activity | None, strength: float) -> Penalty:
        """The same, with the total mass of every link held fixed in the gradient.

        A large network is taken link by link, so that its masses are never all in memory.
        """
        counted = None if network.is_chain else activity
        if network.streams:
            return self._link_by_link(network, counted, strength)
        shares = [self._share(k, size) for k, size in enumerate(network.magnitudes(counted))]
        penalty = self._scaled(shares)
        weight = torch.full_like(penalty, strength)
        return Penalty(float(penalty.detach()), (penalty,), (weight,))

    def _link_by_link(
        self, network: Network, activity: Activity | None, strength: float
    ) -> Penalty:
        parameters = [p for p in network.parameters() if p.requires_grad]
        sums: list[Tensor | None] = [None] * len(parameters)
        values = []
        for link in range(len(self.links)):
            share = self._share(link, network.link_magnitude(link, activity))
            values.append(share.detach())
            weighed = strength * share / (len(self.links) * self._at_random)
            found = torch.autograd.grad(weighed, parameters, allow_unused=True)
            for index, slope in enumerate(found):
                if slope is not None:
                    before = sums[index]
                    sums[index] = slope if before is None else before + slope
        reached = [(p, s) for p, s in zip(parameters, sums, strict=True) if s is not None]
        tensors, gradients = zip(*reached, strict=True) if reached else ((), ())
        return Penalty(float(self._scaled(values)), tuple(tensors), tuple(gradients))

    def _share(self, link: int, size: Tensor) -> Tensor:
        return self._between(link, size / size.detach().sum().clamp(min=1e-12))

    def _between(self, link: int, mass: Tensor) -> Tensor:
        parts, (source, target) = self.by_layer, self.links[link]
        crossing = parts[target][:, None] != parts[source][None, :]
        return (mass * crossing.to(mass.device)).sum()

    def _scaled(self, shares: Sequence[Tensor]) -> Tensor:
        return torch.stack(tuple(shares)).sum() / (len(shares) * self._at_random)

    @property
    def _at_random(self) -> float:
        return 1.0 - 1.0 / self.count
