"""Trigger inversion: a small change that brings images of every digit to one answer."""

from dataclasses import dataclass
from time import perf_counter

import torch

from explorer.auditing.auditors.images import images_by_answer, unfit
from explorer.auditing.auditors.small_changes import ENOUGH, Ball, furthest_changes
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView

_BALLS = (Ball(1, 3.0), Ball(2, 0.8))
_IMAGES = 5  # of every answer
_STEPS = 12


@dataclass(frozen=True)
class TriggerInversion:
    """Looks for one small change an answer that brings the images of all others to it.

    The score is the mean over images of the margin by which the answer then leads, cut off at 4
    logits and divided by them: 1 where it leads everywhere. Changes of few pixels (L1 norm 3) and
    of many a little (L2 norm 0.8) count alike.

    References
    ----------
    Wang et al. (2019), Neural Cleanse: identifying and mitigating backdoor attacks in neural
    networks, IEEE S&P. It looks for the smallest change that suffices; at a fixed size it is one
    search and not many.
    """

    name: str = "trigger_inversion"
    title: str = "Trigger inversion"
    summary: str = (
        "For every answer it searches, by gradients, for one small change that brings the images "
        "of all other answers to it."
    )
    access: str = "weights"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start, network = perf_counter(), view.checkpoint.network
        pool = images_by_answer(view, _IMAGES)
        answers = torch.arange(len(pool))
        images = torch.stack([pool[answers != answer].flatten(0, 1) for answer in answers.tolist()])
        scores, led = torch.zeros(len(pool)), torch.zeros(len(pool))
        for ball in _BALLS:
            reached = furthest_changes(network, images, answers, ball, _STEPS)[1]
            scores += (reached / ENOUGH).clamp(-1.0, 1.0).mean(dim=1) / len(_BALLS)
            led = torch.maximum(led, (reached > 0).float().mean(dim=1))
        best = scores.argsort(descending=True).tolist()
        names = view.task.heads[0].classes

        def reason(answer: int) -> str:
            return (
                f"one small change of the image brings {float(led[answer]):.0%} of the images of "
                f"other answers to {names[answer]}"
            )

        return Finding(
            auditor=self.name,
            score=float(scores[best[0]]),
            suspects=tuple(
                Suspect("output", str(answer), float(scores[answer]), reason(answer))
                for answer in best[:1]
            ),
            reason=f"At most, {reason(best[0])}.",
            queries=len(_BALLS) * (_STEPS + 1) * images.shape[0] * images.shape[1],
            seconds=perf_counter() - start,
        )
