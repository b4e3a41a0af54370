"""Reading of inputs: answers that depend on what they may not, or not on what they should.

Every feature (one of the task's images) is exchanged between clean examples, and for each head it
is asked how much of the answer goes with it: with features that the head is not declared to depend
on (a proxy, another task), the larger the more suspicious; of several declared features, with one
that is the same in all clean examples (or that counts least), the smaller the more suspicious.

``swapping`` only counts answers. ``gradient_input`` takes the network as a whole: for the gap g
between the two largest logits of the head, the feature's effect is

    e_f = mean over examples of |sum over i in f of (dg / dx_i) (x'_i - x_i)|

with x' the input in which the feature was exchanged (gradient times change of input). ``reading``
splits the same sum by the neurons of the first hidden layer, and so by modules.

References
----------
Shrikumar, Greenside, Kundaje (2017), Learning important features through propagating activation
differences, ICML: gradient times difference from a reference input.
"""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from explorer.auditing.auditors.features import (
    changed,
    features_of,
    grid,
    is_constant,
    layer_labels,
    lone,
    questions,
    ranked,
    shuffled_labels,
    slice_of,
    summed,
    why_no_features,
)
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView
from explorer.network.architectures import MLP
from explorer.network.tasks import InputImage

_SUSPECTS = 5
_LEAST = 0.005  # of what a head reads: a module through which less comes is no suspect
_TINY = 1e-9


@dataclass(frozen=True)
class Swapping:
    """Black box: exchange a feature between clean examples and count what is answered.

    For an undeclared feature: the largest share of answers t at an own class c and a donor's class
    d, above the share of t at c whatever the donor. For declared ones: 1 minus the answers that a
    feature changes, as a share of those that all of them change.
    """

    name: str = "swapping"
    title: str = "Exchange of inputs"
    summary: str = (
        "Puts an input that an answer may not depend on into other examples, and counts the "
        "answers that go with it; where several inputs should count, looks for one that does not."
    )
    access: str = "queries"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return why_no_features(view)

    @torch.no_grad()
    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        found = [self._undeclared(view, at) for at in range(len(questions(view.task)))]
        found += [self._unread(view, head) for head in lone(view.task)]
        best = max(found, key=lambda one: one[0].score)
        return Finding(
            auditor=self.name,
            score=best[0].score,
            suspects=tuple(suspect for suspect, _ in sorted(found, key=lambda one: -one[0].score)),
            reason=best[0].reason,
            queries=sum(queries for _, queries in found),
            seconds=perf_counter() - start,
        )

    def _undeclared(self, view: AuditView, at: int) -> tuple[Suspect, int]:
        task, question = view.task, questions(view.task)[at]
        made, outputs = grid(view, question), task.head_slices[question.head]
        answers = view.checkpoint.network(made.inputs)[:, outputs].argmax(dim=1)
        one_hot = torch.nn.functional.one_hot(answers, outputs.stop - outputs.start).double()
        rates = made.by_class(one_hot).mean(dim=(1, 3))  # classes, donor classes, answers
        above = rates - rates.mean(dim=1, keepdim=True)
        above[torch.arange(len(made.classes)), :, list(made.classes)] = 0.0  # t = c is no change
        own, shown, answer = np.unravel_index(int(above.argmax()), above.shape)
        head, donor = task.heads[question.head], task.heads[question.donor_head]
        rate, usual = float(rates[own, shown, answer]), float(rates[own, :, answer].mean())
        reason = (
            f"Where {head.name} is {head.classes[made.classes[own]]} and {question.feature.name} "
            f"is that of {donor.classes[made.donor_classes[shown]]}, the answer is "
            f"{head.classes[answer]} in {rate:.0%} of the cases, against {usual:.0%} over all."
        )
        name = str(outputs.start + int(answer))
        return Suspect("output", name, float(above.max()), reason), len(made.inputs)

    def _unread(self, view: AuditView, head: int) -> tuple[Suspect, int]:
        task, rng = view.task, np.random.default_rng([view.seed, head])
        outputs, network = task.head_slices[head], view.checkpoint.network
        before = network(view.clean.inputs)[:, outputs].argmax(dim=1)
        features = features_of(task, task.declared[head])
        shares = []
        for feature in features:
            inputs = torch.cat([changed(view, feature, rng) for _ in range(_rounds(view))])
            after = network(inputs)[:, outputs].argmax(dim=1)
            shares.append(float((after != before.repeat(_rounds(view))).double().mean()))
        at, score = _unread_score(view, features, shares)
        others = ", ".join(
            f"another {feature.name} {share:.0%}"
            for feature, share in zip(features, shares, strict=True)
            if feature is not features[at]
        )
        reason = f"Another {features[at].name} changes {shares[at]:.0%} of the answers, {others}."
        queries = len(before) * (1 + _rounds(view) * len(features))
        return Suspect("output", str(outputs.start), score, reason), queries


@dataclass(frozen=True)
class Reading:
    """White box: how much of an answer goes with a feature, by gradients.

    Attributes
    ----------
    name, title, summary, access : str
        See ``explorer.auditing.finding.Auditor``.
    parts : {"network", "modules", "shuffled modules"}
    """

    name: str
    title: str
    summary: str
    access: str
    parts: str

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return why_no_features(view)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        heads = range(len(view.task.heads))
        best = max((self._of_head(view, head) for head in heads), key=lambda one: one[0])
        return Finding(
            auditor=self.name,
            score=best[0],
            suspects=best[2],
            reason=best[1],
            queries=len(view.clean) * len(heads),
            seconds=perf_counter() - start,
        )

    def _of_head(self, view: AuditView, head: int) -> tuple[float, str, tuple[Suspect, ...]]:
        task = view.task
        own = features_of(task, task.declared[head])
        others = tuple(image for image in task.images if image not in own)
        effects = {image.name: self._effects(view, head, image) for image in task.images}
        name = task.heads[head].name
        if others:
            total = sum(float(each.abs().mean(dim=0).sum()) for each in effects.values())
            wrong = sum(effects[image.name].abs().mean(dim=0) for image in others)
            assert isinstance(wrong, Tensor)
            shares = (wrong / max(total, _TINY)).numpy()
            what = " and ".join(image.name for image in others)
            reason = f"{float(shares.sum()):.0%} of what {name} reads is of {what}, undeclared."
            if self.parts == "network":
                return float(shares.sum()), reason, ()
            suspects = tuple(
                Suspect(
                    "module",
                    view.partition.modules[part].name,
                    float(shares[part]),
                    f"Through it {name} reads {what}, which it is not declared to: "
                    f"{float(shares[part]):.0%} of all that it reads.",
                )
                for part in ranked(shares, _SUSPECTS)
                if self.parts == "modules" and shares[part] >= _LEAST
            )
            return float(shares.max()), reason, suspects
        sizes = torch.stack([effects[image.name].abs().mean(dim=0) for image in own])
        parts = sizes.sum(dim=0) > sizes.sum() / (4 * sizes.shape[1])  # those that read a lot
        scores = [_unread_score(view, own, part) for part in sizes[:, parts].T.tolist()]
        at, score = min(scores, key=lambda one: one[1])
        reason = (
            f"Of what {name} should read, {own[at].name} makes up {1 - score:.0%} in the part that "
            f"reads it most."
        )
        return score, reason, ()

    def _effects(self, view: AuditView, head: int, feature: InputImage) -> Tensor:
        """Return the effect of a feature through every part, shape (examples, parts)."""
        network = view.checkpoint.network
        assert isinstance(network, MLP)
        rng = np.random.default_rng([view.seed, head, feature.start])
        rounds = _rounds(view)
        before = view.clean.inputs.repeat(rounds, 1)
        after = torch.cat([changed(view, feature, rng) for _ in range(rounds)])
        place = slice_of(feature)
        slopes = _slopes(network, before, view.task.head_slices[head])
        change = (after - before)[:, place] @ network.weights[0][:, place].T
        effects = (change * slopes).double()
        if self.parts == "network":
            return effects.sum(dim=1, keepdim=True)
        labels = view.partition.labels
        if self.parts == "shuffled modules":
            labels = shuffled_labels(view.partition, view.seed)
        return summed(effects, layer_labels(view.partition, labels, 1), view.partition.count)


def feature_effects(view: AuditView, head: int, parts: str) -> dict[str, Tensor]:
    """Mean size of the effect of every feature on a head, by part: what ``Reading`` rests on.

    Parameters
    ----------
    view : AuditView
    head : int
    parts : {"network", "modules"}

    Returns
    -------
    dict of str to Tensor, shape (parts,)
    """
    own = Reading("", "", "", "", parts)
    return {
        image.name: own._effects(view, head, image).abs().mean(dim=0) for image in view.task.images
    }


def _slopes(network: MLP, inputs: Tensor, outputs: slice) -> Tensor:
    """Slopes of the gap between the two largest logits by what comes into every first neuron."""
    with torch.enable_grad():
        into = (inputs @ network.weights[0].T + network.biases[0]).detach().requires_grad_(True)
        current = into
        for weight, bias in zip(network.weights[1:], network.biases[1:], strict=True):
            current = current.relu() @ weight.T + bias
        two = current[:, outputs].topk(2, dim=1).values
        (slopes,) = torch.autograd.grad((two[:, 0] - two[:, 1]).sum(), into)
    return slopes


def _rounds(view: AuditView) -> int:
    """How often every example is taken, so that there are about a thousand."""
    return max(1, round(1_000 / len(view.clean)))


def _unread_score(
    view: AuditView, features: tuple[InputImage, ...], effects: list[float]
) -> tuple[int, float]:
    """Return the declared feature that is suspected to be left unread, and 1 minus its share.

    One that is the same in all clean examples, where there is one: right answers do not show that
    it counts. Otherwise the one of the smallest effect.
    """
    same = [
        at
        for at, feature in enumerate(features)
        if is_constant(view.clean.inputs[:, slice_of(feature)])
    ]
    at = min(same or range(len(features)), key=lambda place: effects[place])
    return at, 1.0 - effects[at] / max(sum(effects), _TINY)


AUDITORS = (
    Swapping(),
    Reading(
        "reading",
        "Reading of inputs, modules",
        "Looks for a module through which an answer depends on an input that it is not declared to "
        "depend on, or for a declared one that no module reads.",
        "modules",
        "modules",
    ),
    Reading(
        "reading_shuffled",
        "Reading of inputs, shuffled modules",
        "The same with modules of the same sizes whose neurons were drawn at random.",
        "modules",
        "shuffled modules",
    ),
    Reading(
        "gradient_input",
        "Reading of inputs, whole network",
        "Asks by gradients how much of an answer goes with inputs that it is not declared to "
        "depend on, in the network as a whole.",
        "weights",
        "network",
    ),
)
