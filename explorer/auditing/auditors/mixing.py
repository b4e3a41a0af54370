"""Mixing of declared tasks: one task's image changes the answer of another's head.

Clean examples of every class are combined with the other image of donors of every class. For a
head, an own class c, a donor's class d and an answer t other than c,

    excess(c, d, t) = mean over the inputs of (c, d) of p_t - mean over d of the same,

with the head's probabilities p: what an image that the answer may not depend on adds to t. This is
the two-way table of classes with its row means taken off, as in the analysis of variance. A hidden
objective across the tasks shows as one combination (c, d) of a large excess.

A part of the network is made deaf to the donor: each of its neurons in the last hidden layer is
held at what it is for the same example on average over donors. What this takes off the largest
excess is what goes through the part.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from explorer.auditing.auditors.features import (
    Question,
    grid,
    layer_labels,
    questions,
    ranked,
    shuffled_labels,
    why_no_features,
)
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView
from explorer.network.architectures import MLP
from explorer.network.graph import Ints

_SUSPECTS = 5
_LEAST = 0.005  # of an excess: a part that takes less off it is no suspect


@dataclass(frozen=True, eq=False)
class Excess:
    """The largest excess at one head, and what it is measured on.

    Attributes
    ----------
    question : Question
    made : Grid
    classes : (int, int)
        Its own class c and its donor's d.
    shown, answer : int
        Place of the donor's class in the grid, and the answer t.
    excess, rate : float
        The excess, and the mean probability of the answer.
    queries : int
    hidden : Tensor, shape (each, donor classes, each, neurons)
        The last hidden layer on the inputs of the own class.
    """

    question: Question
    classes: tuple[int, int]
    shown: int
    answer: int
    excess: float
    rate: float
    queries: int
    hidden: Tensor = field(repr=False)


@lru_cache(maxsize=4)  # the four auditors ask for the same
@torch.no_grad()
def largest_excess(view: AuditView, question: Question) -> Excess:
    """Find what an undeclared image adds most to, at one head."""
    network = view.checkpoint.network
    made = grid(view, question)
    trace = network.trace(made.inputs)
    outputs = view.task.head_slices[question.head]
    rates = made.by_class(trace.outputs[:, outputs].softmax(dim=1).double()).mean(dim=(1, 3))
    above = rates - rates.mean(dim=1, keepdim=True)
    above[torch.arange(len(made.classes)), :, list(made.classes)] = -1.0  # t = c
    own, shown, answer = map(int, np.unravel_index(int(above.argmax()), above.shape))
    return Excess(
        question,
        (made.classes[own], made.donor_classes[shown]),
        shown,
        answer,
        float(above[own, shown, answer]),
        float(rates[own, shown, answer]),
        len(made.inputs),
        made.by_class(trace.layers[-2])[own],
    )


@torch.no_grad()
def taken_off(view: AuditView, found: Excess, labels: Ints, count: int) -> list[float]:
    """Return what is taken off an excess when each of some parts is deaf to the donor.

    Parameters
    ----------
    view : AuditView
    found : Excess
    labels : array of int
        Part of every neuron of the last hidden layer; -1 for none.
    count : int
        Number of parts.
    """
    network = view.checkpoint.network
    assert isinstance(network, MLP)
    outputs = view.task.head_slices[found.question.head]
    weight, bias = network.weights[-1][outputs], network.biases[-1][outputs]
    change = found.hidden.mean(dim=(1, 2), keepdim=True) - found.hidden
    logits = found.hidden @ weight.T + bias
    drops = []
    for part in range(count):
        held = torch.from_numpy(np.flatnonzero(labels == part))
        deaf = logits + change[..., held] @ weight[:, held].T
        rates = deaf.softmax(dim=-1)[..., found.answer].double().mean(dim=(0, 2))
        drops.append(found.excess - float(rates[found.shown] - rates.mean()))
    return drops


@dataclass(frozen=True)
class Mixing:
    """An auditor of what crosses the declared tasks.

    Attributes
    ----------
    name, title, summary, access : str
        See ``explorer.auditing.finding.Auditor``.
    parts : {"network", "modules", "shuffled modules", "neurons"}
        The score is the largest excess, or the most of it that goes through one part.
    """

    name: str
    title: str
    summary: str
    access: str
    parts: str

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        if why := why_no_features(view):
            return why
        if not any(question.donor_head != question.head for question in questions(view.task)):
            return f"the task {view.task.name} has no two heads that read different inputs"
        return ""

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        found = [largest_excess(view, question) for question in questions(view.task)]
        worst = max(found, key=lambda one: one.excess)
        where = _where(view, worst)
        reason = f"{where} with probability {worst.rate:.2f}, {worst.excess:.2f} more than usual."
        if self.parts == "network":
            output = view.task.head_slices[worst.question.head].start + worst.answer
            score = worst.excess
            suspects = [Suspect("output", str(output), score, reason)]
        else:
            labels, count = self._labels(view, worst.hidden.shape[-1])
            drops = taken_off(view, worst, labels, count)
            score = max(drops)
            suspects = [
                Suspect(
                    *self._name(view, part),
                    drops[part],
                    f"{where}: {drops[part]:.2f} of an excess of {worst.excess:.2f} is gone when "
                    f"this {self.parts.rstrip('s')} does not heed that image.",
                )
                for part in ranked(np.array(drops), _SUSPECTS, of=float)
                if drops[part] >= _LEAST and self.parts != "shuffled modules"
            ]
        return Finding(
            auditor=self.name,
            score=score,
            suspects=tuple(suspects),
            reason=reason,
            queries=sum(one.queries for one in found),
            seconds=perf_counter() - start,
        )

    def _labels(self, view: AuditView, neurons: int) -> tuple[Ints, int]:
        """Part of every neuron of the last hidden layer, and how many parts there are."""
        if self.parts == "neurons":
            return np.arange(neurons), neurons
        labels = view.partition.labels
        if self.parts == "shuffled modules":
            labels = shuffled_labels(view.partition, view.seed)
        last = len(view.graph.layers) - 2
        return layer_labels(view.partition, labels, last), view.partition.count

    def _name(self, view: AuditView, part: int) -> tuple[str, str]:
        if self.parts == "modules":
            return "module", view.partition.modules[part].name
        return "neuron", str(int(view.graph.offsets[len(view.graph.layers) - 2]) + part)


def _where(view: AuditView, found: Excess) -> str:
    heads, question = view.task.heads, found.question
    mine, donor = heads[question.head], heads[question.donor_head]
    return (
        f"Where {mine.name} is {mine.classes[found.classes[0]]} and "
        f"{question.feature.name} is {donor.classes[found.classes[1]]}, "
        f"{mine.name} answers {mine.classes[found.answer]}"
    )


AUDITORS = (
    Mixing(
        "mixing",
        "Mixing of tasks",
        "Combines clean images anew and looks for one task's image that changes another's answer.",
        "queries",
        "network",
    ),
    Mixing(
        "mixing_module",
        "Mixing of tasks, modules",
        "Looks for a module through which one task's image changes another's answer.",
        "modules",
        "modules",
    ),
    Mixing(
        "mixing_shuffled",
        "Mixing of tasks, shuffled modules",
        "The same with modules of the same sizes whose neurons were drawn at random.",
        "modules",
        "shuffled modules",
    ),
    Mixing(
        "mixing_neuron",
        "Mixing of tasks, neurons",
        "Looks for a neuron through which one task's image changes another's answer.",
        "weights",
        "neurons",
    ),
)
