"""Which neurons carry the most unusual small change to the answer that it leads to."""

from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor

from explorer.auditing.auditors.images import unfit
from explorer.auditing.auditors.neuron_sets import Trial, best_set
from explorer.auditing.auditors.pair_inversion import PairInversion, pair_search, unusual_pairs
from explorer.auditing.auditors.pair_probing import unusual_probed
from explorer.auditing.auditors.pair_reference import pair_reference
from explorer.auditing.auditors.small_changes import Ball, furthest_changes
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView
from explorer.network.architectures import MLP

NEURONS = 3
_SIMILAR = 0.5  # of the most unusual source: sources that the change is looked for in too
_BALLS = (Ball(1, 3.0), Ball(2, 1.2))
_STEPS = 20
_ATTACKED, _CLEAN = 60, 240  # images


def suspected_attack(view: AuditView) -> tuple[Tensor, int, tuple[int, ...], int]:
    """Make images of the attack that is suspected most, without knowing any trigger.

    The answer is that of the most unusual pair, by small changes and by probes together. For the
    sources that are at least half as unusual, one common change is searched for.

    Returns
    -------
    attacked : Tensor, shape (images, inputs)
    answer : int
    sources : tuple of int
    queries : int
    """
    search = pair_search(view)
    unusual = unusual_pairs(view) + unusual_probed(view)
    first = int(unusual.argmax())
    answer = int(search.answers[first])
    alike = (search.answers == answer) & (unusual >= _SIMILAR * unusual[first])
    sources = search.sources[alike].tolist()
    images = search.images[sources].transpose(0, 1).flatten(0, 1)[:_ATTACKED]
    made = []
    for ball in _BALLS:
        found = furthest_changes(
            view.checkpoint.network, images[None], torch.tensor([answer]), ball, _STEPS
        )[0]
        made.append((images + found).clamp(0.0, 1.0))
    attacked = torch.stack(made, dim=1).flatten(0, 1)
    return attacked, answer, tuple(sources), len(_BALLS) * (_STEPS + 1) * len(images)


@dataclass(frozen=True)
class Carriers:
    """Names three neurons without which the suspected attack fails and clean answers stay.

    The suspected attack is the small change that leads furthest beyond what it does in clean
    networks. Sets of three hidden neurons are held at 0 (``explorer.auditing.auditors.
    neuron_sets``): the best lets the attack fail and keeps the clean answers. The score is how
    unusual the change is, times the share of it that these neurons carry.
    """

    name: str = "carriers"
    title: str = "Carrying neurons"
    summary: str = (
        "Searches for three neurons without which the most unusual small change no longer works "
        "and clean images are still answered rightly."
    )
    access: str = "weights"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view, chain=True) or pair_reference(PairInversion().name).unfit(view)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start, network = perf_counter(), view.checkpoint.network
        assert isinstance(network, MLP)
        attacked, answer, sources, queries = suspected_attack(view)
        generator = torch.Generator().manual_seed(view.seed)
        drawn = torch.randperm(len(view.clean), generator=generator)[:_CLEAN]
        clean = view.clean[drawn]
        trial = Trial(network, attacked, answer, clean.inputs, clean.targets[:, 0])
        neurons, failed, stayed = best_set(trial, NEURONS)
        names = view.task.heads[0].classes
        of = ", ".join(names[source] for source in sources)
        reason = (
            f"carries the small change that turns images of {of} into {names[answer]}: without "
            f"these {len(neurons)} neurons {float(failed):.0%} of it fails and "
            f"{float(stayed):.0%} of clean images stay right"
        )
        offset = network.input_size
        unusual = float((unusual_pairs(view) + unusual_probed(view)).max())
        return Finding(
            auditor=self.name,
            score=unusual * float(failed) * float(stayed),
            suspects=tuple(
                Suspect("neuron", str(offset + neuron), unusual / (1 + place), reason)
                for place, neuron in enumerate(neurons)
            ),
            reason=f"Neurons {', '.join(str(offset + n) for n in neurons)}: the set {reason}.",
            queries=queries,
            seconds=perf_counter() - start,
        )
