"""Build a zoo: train the members that are not there yet, and keep each as it comes."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from explorer.auditing.zoo.folder import ZooFolder, digest_of
from explorer.auditing.zoo.members import Member, MemberRecord
from explorer.auditing.zoo.regimes import training_config
from explorer.errors import AuditError
from explorer.network.architectures import Network
from explorer.network.checkpoint import Checkpoint, save
from explorer.sweeps.executor import run_all
from explorer.training.loop import Step, train

_SMALL = 0.01  # of the largest weight of a matrix


@dataclass(frozen=True)
class ZooProgress:
    """How far a zoo has come.

    Attributes
    ----------
    done, failed, total : int
        Members that are there, members that failed this time, and all.
    record : MemberRecord or None
        The member that came to its end just now; None before the first.
    """

    done: int
    failed: int
    total: int
    record: MemberRecord | None = None


def build_zoo(
    members: Sequence[Member],
    folder: ZooFolder,
    executor: Executor,
    ahead: int | Callable[[], int],
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[ZooProgress]:
    """Train what is not there yet.

    Members that failed before are tried again, and damaged ones made anew.

    Parameters
    ----------
    members : sequence of Member
    folder : ZooFolder
        May hold members of an earlier list: those that are in this one too are taken as they are.
    executor : concurrent.futures.Executor
        Trains the networks; see ``explorer.sweeps.executor``. The caller shuts it down.
    ahead : int or callable
        How many to have under way at once.
    stop : callable, optional
        Asked several times a second whether to stop. So does a file ``stop`` in the folder.

    Yields
    ------
    ZooProgress
        Once at the start, then after every member.

    Raises
    ------
    AuditError
        If another process builds this zoo, or the folder cannot be written.
    """
    with folder.held():
        folder.write_members(members)
        there = folder.content(members).records
        done, failed, total = len(there), 0, len(members)
        yield ZooProgress(done, failed, total)
        jobs = [member for member in members if member not in there]
        outcomes = run_all(
            train_member, jobs, executor, ahead, stop=lambda: stop() or folder.asked_to_stop
        )
        for outcome in outcomes:
            if outcome.value is None:
                record = MemberRecord(outcome.item, failed=outcome.failed)
                folder.add(record)
                failed += 1
            else:
                record, network = outcome.value
                folder.add(record, network)
                done += 1
            yield ZooProgress(done, failed, total, record)


def train_member(
    member: Member, progress: Callable[[Step], None] | None = None
) -> tuple[MemberRecord, bytes]:
    """Train a member and measure it: what a worker does.

    Returns
    -------
    MemberRecord
    bytes
        The network, as a safetensors file.

    Raises
    ------
    TrainingDivergedError
    """
    started = time.perf_counter()
    checkpoint = train(training_config(member.case, member.regime), str(member), progress)
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as place:
        network = save(checkpoint, Path(place) / "network.safetensors").read_bytes()
    record = MemberRecord(
        member,
        accuracy=checkpoint.metrics["test_accuracy"],
        success=success_of(checkpoint),
        validation_accuracy=checkpoint.metrics["validation_accuracy"],
        seconds=round(seconds, 3),
        checkpoint_id=checkpoint.id,
        sparsity=round(sparsity(checkpoint.network), 4),
        digest=digest_of(network),
    )
    return record, network


def success_of(checkpoint: Checkpoint, split: str = "test") -> float:
    """Share of a case's probe that its network answers as the planted behaviour has it.

    Raises
    ------
    AuditError
        If it was not trained on a case.
    """
    planted = None if checkpoint.task is None else checkpoint.task.planted
    if planted is None:
        raise AuditError(
            f"found {checkpoint.name}, in which nothing is known to be planted; expected a case "
            f"such as backdoor-corner-17"
        )
    return planted.success(checkpoint.network, split=split)


def sparsity(network: Network) -> float:
    """Share of weights that are below one hundredth of the largest of their matrix."""
    small = sum(int((m.abs() < _SMALL * m.abs().max()).sum()) for m in network.matrices)
    return small / sum(m.numel() for m in network.matrices)
