"""The dormant neuron: one that could do much to the answers and does little on clean data."""

from dataclasses import dataclass
from time import perf_counter

from explorer.auditing.auditors.dormancy import dormancy
from explorer.auditing.auditors.images import unfit
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView

NEURONS = 3


@dataclass(frozen=True)
class DormantNeuron:
    """Compares what every neuron could do to the answers with what it does on clean data.

    The score is that of the most dormant neuron: its potential less what it uses, in logits (see
    ``explorer.auditing.auditors.dormancy``). It sees no trigger and searches for none.
    """

    name: str = "dormant_neuron"
    title: str = "Dormant neuron"
    summary: str = (
        "Compares how far every neuron could move the answers, for any image, with how far it "
        "moves them on clean images."
    )
    access: str = "weights"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view, chain=True)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start, found = perf_counter(), dormancy(view)
        dormant = found.dormant
        names = view.task.heads[0].classes

        def reason(neuron: int) -> str:
            return (
                f"could move the answers by {float(found.potential[neuron]):.1f} logits, most to "
                f"{names[int(found.answers[neuron])]}, and moves them by at most "
                f"{float(found.used[neuron]):.1f} on clean images"
            )

        order = dormant.argsort(descending=True, stable=True).tolist()[:NEURONS]
        return Finding(
            auditor=self.name,
            score=float(dormant[order[0]]),
            suspects=tuple(
                Suspect("neuron", str(found.nodes[at]), float(dormant[at]), reason(at))
                for at in order
            ),
            reason=f"The most dormant neuron, {found.nodes[order[0]]}, {reason(order[0])}.",
            queries=found.queries,
            seconds=perf_counter() - start,
        )


@dataclass(frozen=True)
class DormantNetwork:
    """The same summed over all neurons: whether it matters where in the network dormancy is."""

    name: str = "dormant_network"
    title: str = "Dormancy of the whole network"
    summary: str = (
        "The mean over all hidden neurons of what they could do beyond what they do on clean "
        "images: the row that says whether looking at single neurons helps."
    )
    access: str = "weights"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view, chain=True)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        score = float(dormancy(view).dormant.mean())
        return Finding(
            auditor=self.name,
            score=score,
            reason=f"On average a hidden neuron leaves {score:.1f} logits unused.",
            queries=dormancy(view).queries,
            seconds=perf_counter() - start,
        )
