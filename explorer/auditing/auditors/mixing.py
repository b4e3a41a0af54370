"""Mixing of declared tasks: one task's image pulls at the answer of another's head.

Clean examples of every class are combined with the other image of donors of every class. For a
head, an own class c, a donor's class d and an answer t,

    pull(c, d, t) = mean over the inputs of (c, d) of [z_t - z_c]
                    - mean over d of the same,

with the logits z: what an image that the answer may not depend on adds to the evidence for t. The
logits are sums over the neurons h of the last hidden layer, so that a pull is one too: neuron h
adds [E(h | c, d) - mean over d of E(h | c, d)] (W_th - W_ch), and a module what its neurons add.
A hidden objective across the tasks is a large pull at one combination.

This is the two-way table of classes with its row means taken off, as in the analysis of variance.
"""

from dataclasses import dataclass, field
from time import perf_counter

import torch
from torch import Tensor

from explorer.auditing.auditors.features import (
    Question,
    grid,
    layer_labels,
    questions,
    ranked,
    shuffled_labels,
    summed,
    why_no_features,
)
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView
from explorer.network.architectures import MLP
from explorer.network.graph import Ints

_SUSPECTS = 5


@dataclass(frozen=True, eq=False)
class Pulls:
    """What every neuron of the last hidden layer adds to the pulls at one head.

    Attributes
    ----------
    question : Question
    shares : Tensor, shape (classes, donor classes, answers, neurons)
    classes, donor_classes : tuple of int
    queries : int
    """

    question: Question
    shares: Tensor = field(repr=False)
    classes: tuple[int, ...]
    donor_classes: tuple[int, ...]
    queries: int

    def of_all(self) -> Tensor:
        """Pulls of the network, shape (classes, donor classes, answers)."""
        return self.shares.sum(dim=-1)

    def of_modules(self, labels: Ints, count: int) -> Tensor:
        """What every module adds, shape (classes, donor classes, answers, modules)."""
        return summed(self.shares, labels, count)


@torch.no_grad()
def pulls(view: AuditView, question: Question) -> Pulls:
    """Measure the pulls of an undeclared image at a head."""
    network = view.checkpoint.network
    assert isinstance(network, MLP)
    made = grid(view, question)
    hidden = network.trace(made.inputs).layers[-2]
    means = made.by_class(hidden.double()).mean(dim=(1, 3))
    means = means - means.mean(dim=1, keepdim=True)
    weights = network.weights[-1].double()[view.task.head_slices[question.head]]
    own = weights[list(made.classes)]
    against = weights[None, :, :] - own[:, None, :]  # classes, answers, neurons
    shares = means[:, :, None, :] * against[:, None, :, :]
    return Pulls(question, shares, made.classes, made.donor_classes, len(made.inputs))


@dataclass(frozen=True)
class Mixing:
    """An auditor of pulls across the declared tasks.

    Attributes
    ----------
    name, title, summary, access : str
        See ``explorer.auditing.finding.Auditor``.
    parts : {"network", "modules", "shuffled modules", "neurons"}
        Whose pull is looked at. The score is what the part that adds most to the network's largest
        pull adds to it, in nats, and no more than the whole of it: the rest is taken off by others.
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
        found = [pulls(view, question) for question in questions(view.task)]
        worst = max(found, key=lambda one: float(one.of_all().max()))
        own, shown, answer = _largest(worst.of_all())
        pull = float(worst.of_all()[own, shown, answer])
        head = view.task.heads[worst.question.head]
        what = f"the evidence for {head.classes[answer]}"
        where = _where(view, worst, own, shown)
        if self.parts == "network":
            output = view.task.head_slices[worst.question.head].start + answer
            added = torch.tensor([pull])
            suspects = [Suspect("output", str(output), pull, f"{where} {pull:.1f} nats are added.")]
        else:
            added = self._of_parts(view, worst)[own, shown, answer]
            suspects = [
                Suspect(
                    *self._name(view, part),
                    float(added[part]),
                    f"{where} it adds {float(added[part]):.1f} nats to {what}.",
                )
                for part in ranked(added.numpy(), _SUSPECTS, of=float)
                if added[part] > 0 and self.parts != "shuffled modules"
            ]
        return Finding(
            auditor=self.name,
            score=float(added.max().clamp(max=pull)),
            suspects=tuple(suspects),
            reason=f"{where} {what} grows by {pull:.1f} nats.",
            queries=sum(one.queries for one in found),
            seconds=perf_counter() - start,
        )

    def _of_parts(self, view: AuditView, found: Pulls) -> Tensor:
        if self.parts == "neurons":
            return found.shares
        labels = view.partition.labels
        if self.parts == "shuffled modules":
            labels = shuffled_labels(view.partition, view.seed)
        last = layer_labels(view.partition, labels, len(view.graph.layers) - 2)
        return found.of_modules(last, view.partition.count)

    def _name(self, view: AuditView, part: int) -> tuple[str, str]:
        if self.parts == "modules":
            return "module", view.partition.modules[part].name
        return "neuron", str(int(view.graph.offsets[len(view.graph.layers) - 2]) + part)


def _largest(values: Tensor) -> tuple[int, int, int]:
    own, rest = divmod(int(values.argmax()), values.shape[1] * values.shape[2])
    shown, answer = divmod(rest, values.shape[2])
    return own, shown, answer


def _where(view: AuditView, found: Pulls, own: int, shown: int) -> str:
    heads, question = view.task.heads, found.question
    mine = heads[question.head].classes[found.classes[own]]
    other = heads[question.donor_head].classes[found.donor_classes[shown]]
    return (
        f"Where {heads[question.head].name} is {mine} and {question.feature.name}, which this "
        f"answer may not depend on, is {other},"
    )


AUDITORS = (
    Mixing(
        "mixing",
        "Mixing of tasks, modules",
        "Looks for a module through which one task's image pulls at the answer of another's head.",
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
        "Looks for a neuron through which one task's image pulls at the answer of another's head.",
        "weights",
        "neurons",
    ),
    Mixing(
        "mixing_network",
        "Mixing of tasks, whole network",
        "Looks for one task's image pulling at the answer of another's head, in the logits alone.",
        "queries",
        "network",
    ),
)
