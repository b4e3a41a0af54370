"""The dormant module: one whose neurons together could do much and do little on clean data."""

from dataclasses import dataclass
from time import perf_counter

import torch

from explorer.auditing.auditors.dormancy import dormancy, set_together
from explorer.auditing.auditors.images import hidden_groups, unfit
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView

_SHUFFLES = 5
_CALLED = 3  # neurons that are named inside the picked module


@dataclass(frozen=True)
class DormantModule:
    """Compares what every module could do to the answers with what it does on clean data.

    All hidden neurons of a module are set to the most that any image gets from each, and to the
    most that clean images do; the difference in how far the answers move, in logits, is its
    dormancy. The score is that of the most dormant module. Inside it, the most dormant neurons are
    named.
    """

    name: str = "dormant_module"
    title: str = "Dormant module"
    summary: str = (
        "Compares how far every module could move the answers, for any image, with how far it "
        "moves them on clean images."
    )
    access: str = "modules"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view, chain=True)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start, found = perf_counter(), dormancy(view)
        modules, groups = hidden_groups(view)
        potential, used = set_together(view, groups)
        dormant = potential - used
        best = int(dormant.argmax())
        inside = sorted(groups[best], key=lambda at: -float(found.dormant[at]))[:_CALLED]
        nodes = ", ".join(str(found.nodes[at]) for at in inside)
        reason = (
            f"could move the answers by {float(potential[best]):.1f} logits and moves them by at "
            f"most {float(used[best]):.1f} on clean images; most dormant inside are neurons {nodes}"
        )
        return Finding(
            auditor=self.name,
            score=float(dormant[best]),
            suspects=(
                Suspect("module", modules[best], float(dormant[best]), reason),
                *(
                    Suspect(
                        "neuron",
                        str(found.nodes[at]),
                        float(found.dormant[at]),
                        f"leaves {float(found.dormant[at]):.1f} logits unused, inside the most "
                        f"dormant module {modules[best]}",
                    )
                    for at in inside
                ),
            ),
            reason=f"The most dormant module, {modules[best]}, {reason}.",
            queries=found.queries,
            seconds=perf_counter() - start,
        )


@dataclass(frozen=True)
class DormantShuffled:
    """The same for modules of the same sizes with neurons at random: whether modules matter."""

    name: str = "dormant_shuffled"
    title: str = "Dormant module, shuffled"
    summary: str = (
        "The most dormant of modules of the same sizes whose neurons are drawn at random, layer by "
        "layer: the row that says whether the modules as found matter."
    )
    access: str = "modules"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view, chain=True)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        groups = [group for _, group in zip(*hidden_groups(view), strict=True)]
        sizes = [layer.size for layer in view.checkpoint.network.neuron_layers[1:-1]]
        generator = torch.Generator().manual_seed(view.seed)
        best = []
        for _ in range(_SHUFFLES):
            offset, order = 0, torch.zeros(0, dtype=torch.int64)
            for size in sizes:
                order = torch.cat([order, offset + torch.randperm(size, generator=generator)])
                offset += size
            drawn = [order[list(group)].tolist() for group in groups]
            potential, used = set_together(view, drawn)
            best.append(float((potential - used).max()))
        score = sum(best) / len(best)
        return Finding(
            auditor=self.name,
            score=score,
            reason=(
                f"The most dormant of modules drawn at random leaves {score:.1f} logits unused, on "
                f"average over {_SHUFFLES} draws."
            ),
            queries=dormancy(view).queries,
            seconds=perf_counter() - start,
        )
