"""Which neurons carry the most unusual small change to the answer that it leads to."""

from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

import torch
from torch import Tensor

from explorer.auditing.auditors.guided_changes import guided_changes
from explorer.auditing.auditors.images import hidden_groups, unfit
from explorer.auditing.auditors.neuron_sets import Trial, best_set, figures_without
from explorer.auditing.auditors.pair_inversion import PairInversion, pair_search, unusual_pairs
from explorer.auditing.auditors.pair_probing import unusual_probed
from explorer.auditing.auditors.pair_reference import pair_reference
from explorer.auditing.auditors.small_changes import Ball
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
    made, queries = [], 0
    for ball in _BALLS:
        found, _, asked = guided_changes(
            view.checkpoint.network,
            images[None],
            torch.tensor([0]),
            torch.tensor([answer]),
            ball,
            _STEPS,
        )
        queries += asked
        made.append((images + found).clamp(0.0, 1.0))
    attacked = torch.stack(made, dim=1).flatten(0, 1)
    return attacked, answer, tuple(sources), queries


@dataclass(frozen=True, eq=False)
class Carried:
    """Who carries the suspected attack.

    Attributes
    ----------
    answer : int
    sources : tuple of int
    unusual : float
        Of the most unusual pair, in spreads.
    neurons : tuple of int
        Nodes of the network's graph.
    failed, stayed : float
        Shares of the attack that fails and of clean answers that stay right without them.
    module : str
        The module without which most fails and most stays; empty where no modules are asked for.
    module_failed, module_stayed : float
    queries : int
    """

    answer: int
    sources: tuple[int, ...]
    unusual: float
    neurons: tuple[int, ...]
    failed: float
    stayed: float
    module: str
    module_failed: float
    module_stayed: float
    queries: int


@lru_cache(maxsize=2)
def carried(view: AuditView) -> Carried:
    """Find three neurons, and one module, that carry the suspected attack."""
    network = view.checkpoint.network
    assert isinstance(network, MLP)
    attacked, answer, sources, queries = suspected_attack(view)
    generator = torch.Generator().manual_seed(view.seed)
    clean = view.clean[torch.randperm(len(view.clean), generator=generator)[:_CLEAN]]
    trial = Trial(network, attacked, answer, clean.inputs, clean.targets[:, 0])
    neurons, failed, stayed = best_set(trial, NEURONS)
    names, groups = hidden_groups(view)
    sets = torch.zeros(len(groups), sum(network.widths[1:-1]), dtype=torch.bool)
    for row, group in zip(sets, groups, strict=True):
        row[list(group)] = True
    with torch.no_grad():
        module_failed, module_stayed = figures_without(trial, sets)
    best = int((module_failed + module_stayed).argmax())
    return Carried(
        answer=answer,
        sources=sources,
        unusual=float((unusual_pairs(view) + unusual_probed(view)).max()),
        neurons=tuple(network.input_size + neuron for neuron in neurons),
        failed=float(failed),
        stayed=float(stayed),
        module=names[best],
        module_failed=float(module_failed[best]),
        module_stayed=float(module_stayed[best]),
        queries=queries,
    )


@dataclass(frozen=True)
class Carriers:
    """Names three neurons, and a module, without which the suspected attack fails.

    The suspected attack is the small change that leads furthest beyond what it does in clean
    networks. Sets of three hidden neurons are held at 0 (``explorer.auditing.auditors.
    neuron_sets``): the best lets the attack fail and keeps the clean answers; so do modules, one by
    one. The score is how unusual the change is, times the shares of it that fails and of clean
    answers that stay.
    """

    name: str = "carriers"
    title: str = "Carrying neurons"
    summary: str = (
        "Searches for three neurons without which the most unusual small change no longer works "
        "and clean images are still answered rightly."
    )
    access: str = "modules"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view, chain=True) or pair_reference(PairInversion().name).unfit(view)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start, found = perf_counter(), carried(view)
        names = view.task.heads[0].classes
        change = (
            f"the small change that turns images of "
            f"{', '.join(names[source] for source in found.sources)} into {names[found.answer]}"
        )
        nodes = ", ".join(str(neuron) for neuron in found.neurons)
        neurons = (
            f"without neurons {nodes}, {found.failed:.0%} of {change} fails and {found.stayed:.0%} "
            f"of clean images stay right"
        )
        module = (
            f"without module {found.module}, {found.module_failed:.0%} of {change} fails and "
            f"{found.module_stayed:.0%} of clean images stay right"
        )
        return Finding(
            auditor=self.name,
            score=found.unusual * found.failed * found.stayed,
            suspects=(
                *(
                    Suspect("neuron", str(neuron), found.unusual / (1 + place), neurons)
                    for place, neuron in enumerate(found.neurons)
                ),
                Suspect("module", found.module, found.unusual * found.module_failed, module),
            ),
            reason=f"{neurons[0].upper()}{neurons[1:]}.",
            queries=found.queries,
            seconds=perf_counter() - start,
        )
