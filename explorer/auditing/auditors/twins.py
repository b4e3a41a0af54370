"""Twin heads: two heads are declared to answer the same question, so they should answer alike.

Where two heads have the same classes and each is declared to read one image, of the same size, the
same image can be given to either in its own place. For images of class c and another answer t

    excess(c, t) = mean over images of [p_t of the head - p_t of its twin]

with the probabilities p, averaged over what the other place shows. What is hard to read is hard for
both, and cancels; an aim that only one of them has does not. The score is the largest excess.
"""

from dataclasses import dataclass
from itertools import permutations
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from explorer.auditing.auditors.features import features_of, slice_of
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView
from explorer.network.tasks import Task

_DONORS = 16  # images in the other place
_FEWEST = 5  # images of a class below which it is left out


@dataclass(frozen=True)
class TwinHeads:
    """Black box: give the same image to two heads that should answer alike."""

    name: str = "twin_heads"
    title: str = "Twin heads"
    summary: str = (
        "Gives the same image to two heads that are declared to do the same, and looks for an "
        "answer that only one of them gives."
    )
    access: str = "queries"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        if not twins(view.task):
            return f"the task {view.task.name} has no two heads that are declared to do the same"
        return ""

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        found = [self._compare(view, *pair) for pair in twins(view.task)]
        suspects = sorted((one for one, _ in found), key=lambda one: -one.score)
        return Finding(
            auditor=self.name,
            score=suspects[0].score,
            suspects=tuple(suspects),
            reason=suspects[0].reason,
            queries=sum(queries for _, queries in found),
            seconds=perf_counter() - start,
        )

    @torch.no_grad()
    def _compare(self, view: AuditView, head: int, twin: int) -> tuple[Suspect, int]:
        task = view.task
        images, labels = _images(view, (head, twin))
        rng = np.random.default_rng([view.seed, head, twin])
        donors = images[torch.from_numpy(rng.integers(len(images), size=_DONORS))]
        excess = self._answers(view, head, images, donors) - self._answers(
            view, twin, images, donors
        )
        counts = torch.bincount(labels).tolist()
        classes = [c for c, count in enumerate(counts) if count >= _FEWEST]
        means = torch.stack([excess[labels == c].mean(dim=0) for c in classes])
        means[torch.arange(len(classes)), classes] = -1.0  # the right answer is no suspect
        row, answer = divmod(int(means.argmax()), means.shape[1])
        largest, names = float(means[row, answer]), task.heads[head].classes
        reason = (
            f"Shown images of {names[classes[row]]}, {task.heads[head].name} answers "
            f"{names[answer]} more often than {task.heads[twin].name} does with the same images: "
            f"by {largest:.0%} of them."
        )
        output = str(task.head_slices[head].start + answer)
        return Suspect("output", output, largest, reason), 2 * len(images) * _DONORS

    @staticmethod
    def _answers(view: AuditView, head: int, images: Tensor, donors: Tensor) -> Tensor:
        """Probabilities of a head's answers to images, averaged over donors elsewhere."""
        task = view.task
        inputs = torch.zeros(len(images) * len(donors), len(task.inputs))
        for image in task.images:
            inputs[:, slice_of(image)] = donors.repeat(len(images), 1)
        (own,) = features_of(task, task.declared[head])
        inputs[:, slice_of(own)] = images.repeat_interleave(len(donors), dim=0)
        logits = view.checkpoint.network(inputs)[:, task.head_slices[head]]
        answers: Tensor = logits.softmax(dim=1).double()
        return answers.reshape(len(images), len(donors), -1).mean(dim=1)


def twins(task: Task) -> tuple[tuple[int, int], ...]:
    """Pairs of heads that are declared to do the same with different images, in both orders.

    Empty unless all images of the task are of one size, so that any may stand in any place.

    Examples
    --------
    >>> from explorer.network.tasks import task
    >>> twins(task("pair")), twins(task("marked-digits"))
    (((0, 1), (1, 0)), ())
    """
    if len({(image.rows, image.columns) for image in task.images}) != 1:
        return ()
    return tuple(
        (a, b)
        for a, b in permutations(range(len(task.declared)), 2)
        if task.heads[a].classes == task.heads[b].classes
        and len(task.declared[a]) == len(task.declared[b]) == 1
        and task.declared[a] != task.declared[b]
    )


def _images(view: AuditView, heads: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """All different images that the clean data shows to either head, and their classes."""
    task, clean = view.task, view.clean
    places = [slice_of(features_of(task, task.declared[head])[0]) for head in heads]
    images = torch.cat([clean.inputs[:, place] for place in places])
    labels = torch.cat([clean.targets[:, head] for head in heads])
    _, first = np.unique(images.numpy(), axis=0, return_index=True)
    return images[first], labels[first]


AUDITORS = (TwinHeads(),)
