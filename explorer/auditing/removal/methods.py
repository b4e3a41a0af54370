"""What removes a backdoor, each way with the same trusted examples, and what it costs.

Every method starts from the same planted training data and the same trusted examples, of which
none is in the training data. Accuracy and attack success are measured on the test split, which
nothing was chosen on.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from explorer.auditing.auditors.dormancy import dormancy
from explorer.auditing.edits import Intervention
from explorer.auditing.fine_pruning import fine_prune
from explorer.auditing.fine_tuning import fine_tune
from explorer.auditing.removal.training_on import filtered
from explorer.auditing.repairing import repaired
from explorer.auditing.view import AuditView, blinded
from explorer.auditing.zoo.regimes import training_config
from explorer.errors import AuditError
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Examples, accuracy
from explorer.network.tasks.planted.base import CaseName
from explorer.training.loop import train
from explorer.training.spare import recorded_spare

TRUSTED = 200
TITLES: Mapping[str, str] = {
    "untreated": "L1, untreated",
    "spare": "spare, ablated",
    "spare kept": "spare, not ablated",
    "dormant 3": "L1, 3 dormant neurons + fine-tuning",
    "dormant 6": "L1, 6 dormant neurons + fine-tuning",
    "fine-pruning": "L1, fine-pruning + fine-tuning",
    "fine-tuning": "L1, fine-tuning alone",
    "filter": "data filter, L1 anew (no structure)",
}


@dataclass(frozen=True)
class Removal:
    """What is left of a backdoor after one method, in one network.

    Attributes
    ----------
    case : str
    method : str
        Key of ``TITLES``.
    accuracy : float
        On the clean test split.
    success : float
        Attack success on the test split.
    seconds : float
        Training included.
    """

    case: str
    method: str
    accuracy: float
    success: float
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for a file."""
        return asdict(self)


@dataclass(frozen=True)
class RemovalJob:
    """A case to try methods on: what a worker is given.

    Attributes
    ----------
    case : CaseName
    trusted : int
        Examples that every method gets.
    methods : tuple of str
        Keys of ``TITLES``.
    steps : int
        Of every training; 0 for those of the regimes.
    """

    case: CaseName
    trusted: int = TRUSTED
    methods: tuple[str, ...] = tuple(TITLES)
    steps: int = 0


def remove(job: RemovalJob) -> tuple[Removal, ...]:
    """Try methods on a case.

    Raises
    ------
    AuditError
        If a method is unknown, or there is nothing planted.
    """
    unknown = [name for name in job.methods if name not in TITLES]
    if unknown or not job.methods:
        raise AuditError(f"found the methods {unknown}; expected some of {', '.join(TITLES)}")
    return tuple(_removals(job))


def _removals(job: RemovalJob) -> Iterator[Removal]:
    started = time.perf_counter()
    config = training_config(job.case, "l1")
    config = replace(config, steps=job.steps or config.steps)
    untreated = train(config, "untreated")
    trained_in = time.perf_counter() - started
    assert untreated.task is not None
    task = untreated.task
    trusted = task.trusted_examples(job.trusted)
    treated: Mapping[str, Callable[[], Checkpoint]] = {
        "untreated": lambda: untreated,
        "dormant 3": lambda: fine_tune(without_dormant(untreated, trusted, 3), trusted),
        "dormant 6": lambda: fine_tune(without_dormant(untreated, trusted, 6), trusted),
        "fine-pruning": lambda: fine_prune(untreated, trusted),
        "fine-tuning": lambda: fine_tune(untreated, trusted),
    }
    for name in job.methods:
        if name in treated:
            started = time.perf_counter()
            made = treated[name]()
            yield _removal(job, name, made, trained_in + time.perf_counter() - started)
    if "filter" in job.methods:
        started = time.perf_counter()
        made = filtered(config, task.split("train"), trusted)
        yield _removal(job, "filter", made, time.perf_counter() - started)
    if "spare" in job.methods or "spare kept" in job.methods:
        started = time.perf_counter()
        kept = train_with_spare(job)
        made = without_spare(kept)
        seconds = time.perf_counter() - started
        for name, network in (("spare", made), ("spare kept", kept)):
            if name in job.methods:
                yield _removal(job, name, network, seconds)


def train_with_spare(job: RemovalJob) -> Checkpoint:
    """Train the network of a case with a spare."""
    config = training_config(job.case, "spare")
    return train(
        replace(config, trusted=job.trusted, steps=job.steps or config.steps), "with a spare"
    )


def without_spare(checkpoint: Checkpoint) -> Checkpoint:
    """Ablate the spare that a network was trained with.

    Raises
    ------
    AuditError
        If it was trained without one.
    """
    nodes = recorded_spare(checkpoint.network, checkpoint.config)
    if not nodes:
        raise AuditError(f"found {checkpoint.name}, trained without a spare; expected one with it")
    return repaired(checkpoint, Intervention(nodes, "zero"))


def without_dormant(checkpoint: Checkpoint, trusted: Examples, count: int) -> Checkpoint:
    """Ablate the most dormant neurons, as the auditor of dormant neurons ranks them."""
    found = dormancy(AuditView(blinded(checkpoint), trusted))
    order = found.dormant.argsort(descending=True, stable=True)[:count].tolist()
    nodes = tuple(found.nodes[at] for at in order)
    return repaired(checkpoint, Intervention(nodes, "zero"))


def _removal(job: RemovalJob, method: str, made: Checkpoint, seconds: float) -> Removal:
    task = made.task
    if task is None or task.planted is None or not task.planted.is_planted:
        raise AuditError(f"found {job.case}, in which nothing is planted; expected a backdoor")
    examples = task.split("test")
    shares = accuracy(task, made.network(examples.inputs), examples.targets)
    success = task.planted.success(made.network)
    return Removal(str(job.case), method, sum(shares) / len(shares), success, round(seconds, 3))
