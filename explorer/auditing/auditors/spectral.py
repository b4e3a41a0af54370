"""Spectral signatures: training examples of one label that stand apart along one direction.

Of every class, the representations in the first hidden layer are centred; their covariance has a
top direction. Examples that were given this label for another reason than the rest lie apart along
it. How much a class varies along its top direction anyway (some digits are written in two ways) is
taken from clean examples of the class: the score is the logarithm of the variance of the training
examples over that of the clean ones, in the class where it is largest. Examples are set apart where
the projection is cut into two groups of least variance; the smaller group is suspected.

References
----------
Tran, Li, Madry (2018), Spectral signatures in backdoor attacks, arXiv:1811.00636: the top direction
and the outlier score. They remove a share of examples that is known; here it is found by the cut.
"""

import math
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor

from explorer.auditing.auditors.training_data import (
    ClassRepresentations,
    class_representations,
    larger_than_usual,
    telling_neurons,
    unfit,
)
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView


@dataclass(frozen=True)
class SpectralSignatures:
    """Looks for a class whose training examples stand apart along one direction.

    It needs the training data, with labels as they were.
    """

    name: str = "spectral_signatures"
    title: str = "Spectral signatures"
    summary: str = (
        "Looks, in the training data, for a class whose representations vary along one direction "
        "much more than those of clean examples do."
    )
    access: str = "training data"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        assert view.training is not None
        classes = list(class_representations(view))
        beyond = torch.tensor(
            [larger_than_usual(one, top_direction(one.values)) for one in classes]
        )
        order = beyond.argsort(descending=True, stable=True).tolist()
        best = classes[order[0]]
        apart = set_apart(best.values)
        suspects = [_suspect(classes[at], float(beyond[at])) for at in order[:3]]
        told = f"the {int(apart.sum())} suspected examples of {best.label} and the others"
        return Finding(
            auditor=self.name,
            score=float(beyond[order[0]]),
            suspects=(*suspects, *telling_neurons(view, best, apart, told)),
            reason=(
                f"Along their top direction the training examples of {best.label} vary "
                f"{beyond[order[0]].exp():.1f} times as much as clean ones; it sets "
                f"{float(apart.double().mean()):.0%} of them apart."
            ),
            queries=len(view.training),
            seconds=perf_counter() - start,
        )


def top_direction(values: Tensor) -> Tensor:
    """The direction of length 1 along which centred values vary most.

    Examples
    --------
    >>> values = torch.tensor([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> top_direction(values).abs().tolist()
    [1.0, 0.0]
    """
    _, _, directions = torch.linalg.svd(values.double(), full_matrices=False)
    top: Tensor = directions[0]
    return top


def set_apart(values: Tensor) -> Tensor:
    """Tell which examples the top direction sets apart: the smaller of two groups.

    The projections are cut where the variance within both groups is least (the cut of Otsu 1979,
    which is 2-means on a line).

    Examples
    --------
    >>> set_apart(torch.tensor([[-1.0], [-0.9], [-1.1], [3.0]])).tolist()
    [False, False, False, True]
    """
    along = values.double() @ top_direction(values)
    ordered, order = along.sort()
    count = torch.arange(1, len(along), dtype=torch.double)
    sums = ordered.cumsum(dim=0)
    low, high = sums[:-1], sums[-1] - sums[:-1]
    between = low.square() / count + high.square() / (len(along) - count)
    cut = int(between.argmax()) + 1
    found = torch.zeros(len(along), dtype=torch.bool)
    found[order[:cut] if 2 * cut <= len(along) else order[cut:]] = True
    return found


def suspect_examples(view: AuditView) -> Tensor:
    """Tell which training examples are suspected: those set apart in the most suspicious class."""
    assert view.training is not None
    found = torch.zeros(len(view.training), dtype=torch.bool)
    best = max(
        class_representations(view),
        key=lambda one: larger_than_usual(one, top_direction(one.values)),
    )
    found[best.rows[set_apart(best.values)]] = True
    return found


def _suspect(found: ClassRepresentations, beyond: float) -> Suspect:
    apart = set_apart(found.values)
    return Suspect(
        "output",
        str(found.output),
        beyond,
        f"its {len(apart)} training examples vary {math.exp(beyond):.1f} times as much as clean "
        f"ones along one direction, which sets {int(apart.sum())} of them apart",
    )
