"""What the auditors of training data share: representations of every class, as it was labelled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.auditing.finding import Suspect
from explorer.auditing.view import AuditView

_FEWEST, _FEWEST_CLEAN = 20, 8  # examples of a class
_NEURONS = 3
_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class ClassRepresentations:
    """First hidden layer on all training examples that have one label.

    Later layers fold together what has the same answer, for whatever reason.

    Attributes
    ----------
    output : int
        Number of the output that stands for the class.
    label : str
        Its name.
    rows : Tensor of int64, shape (members,)
        Positions in the training data.
    values : Tensor, shape (members, neurons)
        Activations, less their mean.
    clean : Tensor, shape (clean members, neurons)
        The same of clean examples of the class: how a class varies that nobody tampered with.
    """

    output: int
    label: str
    rows: Tensor
    values: Tensor
    clean: Tensor


def unfit(view: AuditView) -> str:
    """Return why a network cannot be audited by its training data; empty if it can."""
    if view.training is None:
        return "found no training data; expected what the network was trained on"
    if view.task.is_text or len(view.checkpoint.network.neuron_layers) < 3:
        return (
            f"found the task {view.task.name} and a {view.checkpoint.network.kind}; expected "
            f"classes and a hidden layer"
        )
    if not list(class_representations(view)):
        return (
            f"found no class of {_FEWEST} training and {_FEWEST_CLEAN} clean examples; expected "
            f"some"
        )
    return ""


@torch.no_grad()
def class_representations(view: AuditView) -> Iterator[ClassRepresentations]:
    """Go through the classes of all heads that have enough examples in training and clean data."""
    assert view.training is not None
    network = view.checkpoint.network
    values, clean = (
        network.trace(data.inputs).layers[1].flatten(1) for data in (view.training, view.clean)
    )
    for at, outputs in enumerate(view.task.head_slices):
        for label, name in enumerate(view.task.heads[at].classes):
            rows = (view.training.targets[:, at] == label).nonzero()[:, 0]
            own, usual = values[rows], clean[view.clean.targets[:, at] == label]
            if len(own) >= _FEWEST and len(usual) >= _FEWEST_CLEAN:
                yield ClassRepresentations(
                    outputs.start + label,
                    name,
                    rows,
                    own - own.mean(dim=0),
                    usual - usual.mean(dim=0),
                )


def larger_than_usual(found: ClassRepresentations, direction: Tensor) -> float:
    """How many times as much training examples vary along a direction as clean ones, as a log."""
    own, usual = (
        (values.double() @ direction).square().mean() for values in (found.values, found.clean)
    )
    return float((own.clamp(min=_TINY) / usual.clamp(min=_TINY)).log())


def telling_neurons(
    view: AuditView, found: ClassRepresentations, apart: Tensor, reason: str
) -> Sequence[Suspect]:
    """First hidden neurons that differ most between the examples set apart and the others.

    In standard deviations over the class; an MLP's alone, whose neurons are nodes one by one.
    """
    first, last = view.graph.offsets[1:3].tolist()
    if not apart.any() or apart.all() or found.values.shape[1] != last - first:
        return ()
    gap = found.values[apart].mean(dim=0) - found.values[~apart].mean(dim=0)
    gap = gap.abs() / found.values.std(dim=0).clamp(min=1e-6)
    return tuple(
        Suspect(
            "neuron",
            str(first + neuron),
            float(gap[neuron]),
            f"differs by {float(gap[neuron]):.1f} standard deviations between {reason}",
        )
        for neuron in gap.argsort(descending=True)[:_NEURONS].tolist()
    )
