"""The small change of images that leads furthest to an answer.

One change d is looked for that, added to all images of a group, brings them to an answer: gradient
ascent of the mean of min(margin, 4), where the margin is by how much the answer leads all others,
with momentum; after every step d is projected onto a ball, and images stay in [0, 1].

References
----------
Wang et al. (2019), Neural Cleanse, IEEE S&P: the smallest common change to an answer. Moosavi-
Dezfooli et al. (2017), Universal adversarial perturbations, arXiv:1610.08401. Madry et al. (2018),
arXiv:1706.06083: projected gradient ascent. Duchi et al. (2008), Efficient projections onto the
l1-ball, ICML.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.auditing.auditors.images import margins
from explorer.network.architectures import Network

ENOUGH = 4.0  # logits: a change that leads by so much need not lead by more
_MOMENTUM = 0.7
_STEP = 0.125  # of the radius, falling to 0
_TINY = 1e-9


@dataclass(frozen=True)
class Ball:
    """How large a change may be.

    Attributes
    ----------
    norm : {1, 2}
        1 for few pixels, 2 for many a little.
    radius : float
        1 is a pixel from dark to bright.
    """

    norm: int
    radius: float

    def project(self, changes: Tensor) -> Tensor:
        """Bring every row into the ball, to the nearest point of it.

        Examples
        --------
        >>> Ball(1, 1.0).project(torch.tensor([[2.0, -1.5], [0.2, 0.1]]))
        tensor([[ 0.7500, -0.2500],
                [ 0.2000,  0.1000]])
        """
        if self.norm == 2:
            lengths = changes.norm(dim=-1, keepdim=True).clamp(min=_TINY)
            return torch.mul(changes, (self.radius / lengths).clamp(max=1.0))
        sizes = changes.abs()
        ordered = sizes.sort(dim=-1, descending=True).values
        excess = (ordered.cumsum(dim=-1) - self.radius) / torch.arange(1, sizes.shape[-1] + 1)
        last = (ordered > excess).sum(dim=-1, keepdim=True)
        threshold = excess.gather(-1, (last - 1).clamp(min=0)).clamp(min=0.0)
        return changes.sign() * (sizes - threshold).clamp(min=0.0)


def furthest_changes(
    network: Network,
    images: Tensor,
    answers: Tensor,
    ball: Ball,
    steps: int,
    start: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Find one change for every group of images.

    Parameters
    ----------
    network : Network
    images : Tensor, shape (groups, images, inputs)
        Values from 0 to 1.
    answers : Tensor of int64, shape (groups,)
        Where each group is to be led.
    ball : Ball
    steps : int
    start : Tensor, shape (groups, inputs), optional
        Changes to start from; by default none.

    Returns
    -------
    changes : Tensor, shape (groups, inputs)
    margins : Tensor, shape (groups, images)
        By how much the answer leads on the changed images.
    """
    changes = torch.zeros(len(images), images.shape[2]) if start is None else start
    momentum = torch.zeros_like(changes)
    for step in range(steps):
        changes = changes.detach().requires_grad_(True)
        reached = margins(answers_to(network, changed(images, changes)), answers)
        (slope,) = torch.autograd.grad(reached.clamp(max=ENOUGH).sum(), changes)
        momentum = _MOMENTUM * momentum + _unit(slope)
        length = _STEP * ball.radius * (1 - step / steps)
        changes = ball.project(changes.detach() + length * _unit(momentum))
    with torch.no_grad():
        return changes, margins(answers_to(network, changed(images, changes)), answers)


def changed(images: Tensor, changes: Tensor) -> Tensor:
    """Add to every group of images its change."""
    return (images + changes[:, None]).clamp(0.0, 1.0)


def answers_to(network: Network, images: Tensor) -> Tensor:
    """Logits of groups of images."""
    logits: Tensor = network(images.flatten(0, 1))
    return logits.view(*images.shape[:2], -1)


def _unit(rows: Tensor) -> Tensor:
    return torch.div(rows, rows.norm(dim=1, keepdim=True).clamp(min=_TINY))
