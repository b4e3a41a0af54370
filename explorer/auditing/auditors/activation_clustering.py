"""Activation clustering: training examples of one label that fall into two groups.

Of every class, the activations of the first hidden layer are brought to 10 dimensions and parted in
two by 2-means. Where all examples have their label for the same reason the two groups are halves of
one cloud, as wide as that of clean examples; where some have it for a trigger they are apart. The
score is the logarithm of the variance of the training examples over that of clean ones along the
line between the two groups, in the class where it is largest; the smaller group is suspected.

References
----------
Chen et al. (2018), Detecting backdoor attacks on deep neural networks by activation clustering,
arXiv:1811.03728: independent components (here principal ones, which 2-means separates alike), and
the silhouette among their tests, which is told beside the score. Rousseeuw (1987), Silhouettes:
(b - a) / max(a, b), here with distances to the means of the two groups.
"""

from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor

from explorer.auditing.auditors.spectral import set_apart
from explorer.auditing.auditors.training_data import (
    ClassRepresentations,
    class_representations,
    larger_than_usual,
    telling_neurons,
    unfit,
)
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView

_DIMENSIONS = 10
_ROUNDS = 50


@dataclass(frozen=True)
class ActivationClustering:
    """Looks for a class whose training examples fall into two groups.

    It needs the training data, with labels as they were.
    """

    name: str = "activation_clustering"
    title: str = "Activation clustering"
    summary: str = (
        "Parts the training examples of every class in two by their activations, and looks for a "
        "class whose two groups are further apart than those of clean examples."
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
        parted = [two_groups(one.values) for one in classes]
        beyond = torch.tensor(
            [_beyond(one, group) for one, (group, _) in zip(classes, parted, strict=True)]
        )
        order = beyond.argsort(descending=True, stable=True).tolist()
        best, (apart, _) = classes[order[0]], parted[order[0]]
        suspects = tuple(
            Suspect(
                "output",
                str(classes[at].output),
                float(beyond[at]),
                f"{int(parted[at][0].sum())} of its {len(parted[at][0])} training examples are a "
                f"group apart, with a silhouette of {parted[at][1]:.2f}",
            )
            for at in order[:3]
        )
        told = f"the two groups of training examples of {best.label}"
        return Finding(
            auditor=self.name,
            score=float(beyond[order[0]]),
            suspects=(*suspects, *telling_neurons(view, best, apart, told)),
            reason=(
                f"The training examples of {best.label} fall into two groups, "
                f"{float(apart.double().mean()):.0%} of them in the smaller one, and vary "
                f"{beyond[order[0]].exp():.1f} times as much between these as clean ones do."
            ),
            queries=len(view.training),
            seconds=perf_counter() - start,
        )


def two_groups(values: Tensor) -> tuple[Tensor, float]:
    """Part examples in two by 2-means on 10 principal dimensions.

    Parameters
    ----------
    values : Tensor, shape (examples, neurons)
        Centred.

    Returns
    -------
    smaller : Tensor of bool, shape (examples,)
    silhouette : float
        From -1 to 1: how far apart the groups are.

    Examples
    --------
    >>> two_groups(torch.tensor([[-1.0], [-0.9], [-1.1], [3.0]]))[0].tolist()
    [False, False, False, True]
    """
    _, _, directions = torch.linalg.svd(values.double(), full_matrices=False)
    low = values.double() @ directions[:_DIMENSIONS].T
    group = set_apart(low)  # the cut along the first of them, to start from
    for _ in range(_ROUNDS):
        if not group.any() or group.all():
            break
        means = torch.stack([low[~group].mean(dim=0), low[group].mean(dim=0)])
        closer = torch.cdist(low, means).argmin(dim=1).bool()
        if torch.equal(closer, group):
            break
        group = closer
    if not group.any() or group.all():
        return torch.zeros(len(low), dtype=torch.bool), 0.0
    means = torch.stack([low[~group].mean(dim=0), low[group].mean(dim=0)])
    distances = torch.cdist(low, means)
    own = distances.gather(1, group.long()[:, None])[:, 0]
    other = distances.gather(1, (~group).long()[:, None])[:, 0]
    silhouette = ((other - own) / torch.maximum(own, other).clamp(min=1e-12)).mean()
    return (group if 2 * int(group.sum()) <= len(group) else ~group), float(silhouette)


def suspect_examples(view: AuditView) -> Tensor:
    """Tell which training examples are suspected: the smaller group of the class most apart."""
    assert view.training is not None
    found = torch.zeros(len(view.training), dtype=torch.bool)
    best = max(class_representations(view), key=lambda one: _beyond(one, two_groups(one.values)[0]))
    found[best.rows[two_groups(best.values)[0]]] = True
    return found


def _beyond(found: ClassRepresentations, group: Tensor) -> float:
    if not group.any():
        return 0.0
    line = found.values[group].double().mean(dim=0) - found.values[~group].double().mean(dim=0)
    return larger_than_usual(found, line)
