"""Let auditors look at every network of a zoo, and hold what they say against the truth."""

import contextlib
import fcntl
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import Any

from explorer.auditing.auditors.registry import AUDITORS, auditor
from explorer.auditing.finding import Auditor, Finding
from explorer.auditing.results import NetworkResult, read_results
from explorer.auditing.view import AuditView, audit_view
from explorer.auditing.zoo.folder import ZooFolder
from explorer.auditing.zoo.members import Member, MemberRecord
from explorer.auditing.zoo.removal import best_modules, hidden_nodes, with_zeros
from explorer.errors import AuditError, ExplorerError
from explorer.network.checkpoint import Checkpoint
from explorer.network.threads import single_threaded
from explorer.sweeps.executor import run_all

NEURONS = 3  # that an auditor may take out
_PICKS = ("combined", "dormant_neuron")  # whose neurons count as the figure of removal: the first
_ON_REQUEST = ("texts",)


@dataclass(frozen=True)
class AuditJob:
    """A network to audit, as it travels to where that is done.

    Attributes
    ----------
    folder : str
        Of the zoo.
    member : Member
    auditors : tuple of str
    before : NetworkResult or None
        What other auditors said of it before.
    """

    folder: str
    member: Member
    auditors: tuple[str, ...]
    before: NetworkResult | None = None


@dataclass(frozen=True)
class MeasuringProgress:
    """How far the auditors have come.

    Attributes
    ----------
    done, skipped, total : int
        Networks with results, networks that cannot be audited, and all that are in the zoo.
    said : str
        Why the network that came up just now is skipped; empty where it is not.
    """

    done: int
    skipped: int
    total: int
    said: str = ""


def usual_auditors() -> tuple[str, ...]:
    """All auditors but those that ask a language model."""
    return tuple(name for name, one in AUDITORS.items() if one.access not in _ON_REQUEST)


def measure_zoo(
    folder: ZooFolder,
    out: Path,
    auditors: Sequence[str],
    executor: Executor,
    ahead: int | Callable[[], int],
    stop: Callable[[], bool] = lambda: False,
    members: Sequence[Member] | None = None,
    again: bool = False,
) -> Iterator[MeasuringProgress]:
    """Let auditors look at every network of a zoo that is there, and write what they say.

    Parameters
    ----------
    folder : ZooFolder
        Whole, half built, or with damaged members: those are skipped.
    out : path
        File of results that lines are added to. What is there of these networks is not done again.
    auditors : sequence of str
    executor, ahead, stop
        As in ``build_zoo``.
    members : sequence of Member, optional
        Only these.
    again : bool
        Whether these auditors look again at networks that they have looked at, as after a change.

    Yields
    ------
    MeasuringProgress
        Once at the start, then after every network.

    Raises
    ------
    AuditError
        If there is no such auditor or no zoo, or the file cannot be written or is being written.
    """
    for name in auditors:
        auditor(name)
    content = folder.content(members)
    total = len(content.records)
    with _held(out) as stream:
        before = {result.member: result for result in read_results(out)[0]}
        jobs = [
            AuditJob(str(folder.path), member, tuple(wanted), known)
            for member, record in content.records.items()
            for known in [_of_same_network(before.get(member), record)]
            if (wanted := list(auditors) if again else _missing(auditors, known))
        ]
        done, skipped = total - len(jobs), 0
        yield MeasuringProgress(done, skipped, total)
        for outcome in run_all(audit_member, jobs, executor, ahead, stop):
            if outcome.value is None:
                skipped += 1
                said = f"{outcome.item.member}: {outcome.failed}"
            else:
                done += 1
                said = ""
                stream.write(outcome.value.to_json().encode() + b"\n")
                stream.flush()
            yield MeasuringProgress(done, skipped, total, said)


def audit_member(job: AuditJob) -> NetworkResult:
    """Let auditors look at a network of a zoo: what a worker does.

    Raises
    ------
    AuditError
        If its files were damaged.
    """
    folder = ZooFolder(job.folder)
    record, checkpoint = folder.record(job.member), folder.checkpoint(job.member)
    assert record is not None
    blind = audit_view(checkpoint, seed=job.member.case.number)
    assert checkpoint.task is not None
    told = replace(blind, training=checkpoint.task.split("train"))
    findings: list[Finding] = []
    failed: dict[str, str] = {}
    unfit: list[str] = []
    with single_threaded():
        for one in map(auditor, job.auditors):
            view = told if one.access == "training data" else blind
            try:
                found = _timed(one, view)
            except Exception as problem:  # one that fails leaves the others' findings
                failed[one.name] = " ".join(f"{type(problem).__name__}: {problem}".split())[:200]
            else:
                if found is None:
                    unfit.append(one.name)
                else:
                    findings.append(found)
        extra = _extra(checkpoint, blind, findings, record)
    own = NetworkResult(
        job.member,
        record.accuracy,
        record.success,
        {found.auditor: found.score for found in findings},
        {found.auditor: found.seconds for found in findings},
        {found.auditor: found.queries for found in findings},
        extra | ({"failed": failed} if failed else {}) | ({"unfit": unfit} if unfit else {}),
    )
    return own if job.before is None else joined_results(job.before, own)


def joined_results(first: NetworkResult, second: NetworkResult) -> NetworkResult:
    """Put what some auditors said to what others said of the same network."""
    extra = {key: value for key, value in first.extra.items() if key != "failed"}
    unfit = [*first.extra.get("unfit", ()), *second.extra.get("unfit", ())]
    for name, value in second.extra.items():
        known = extra.get(name)
        both = isinstance(value, Mapping) and isinstance(known, Mapping)
        extra[name] = {**known, **value} if both else value  # type: ignore[dict-item]
    if unfit:
        extra["unfit"] = unfit
    return replace(
        second,
        scores={**first.scores, **second.scores},
        seconds={**first.seconds, **second.seconds},
        queries={**first.queries, **second.queries},
        extra=extra,
    )


def _timed(one: Auditor, view: AuditView) -> Finding | None:
    """Let an auditor look, and take its processor time: others may work on the same machine."""
    if one.fits(view):
        return None
    started = process_time()
    found = one(view)
    return replace(found, seconds=process_time() - started)


def _extra(
    checkpoint: Checkpoint, view: AuditView, findings: Sequence[Finding], record: MemberRecord
) -> dict[str, Any]:
    """What follows of the auditors' suspects: success and accuracy without them."""
    nodes: dict[str, list[int]] = {}
    neurons: dict[str, tuple[float, float]] = {}
    modules: dict[str, tuple[float, float]] = {}
    extra: dict[str, Any] = {"checkpoint": record.checkpoint_id, "sparsity": record.sparsity}
    for found in findings:
        picked = [int(s.name) for s in found.suspects if s.kind == "neuron"][:NEURONS]
        if picked:
            nodes[found.auditor] = picked
            neurons[found.auditor] = with_zeros(checkpoint, picked)
        module = next((s.name for s in found.suspects if s.kind == "module"), None)
        if module is not None:
            members = [m.nodes for m in view.partition.modules if m.name == module]
            inside = hidden_nodes(checkpoint, members[0]) if members else []
            if inside:
                modules[found.auditor] = with_zeros(checkpoint, inside)
    if nodes:
        extra |= {"nodes": nodes, "neurons": neurons}
    if modules:
        extra["module"] = modules
        if record.counts_as_planted:
            best = best_modules(checkpoint, view.partition, record)
            if best is not None:
                extra["oracle"] = best
    pick = next((name for name in _PICKS if name in neurons), None)
    if pick is not None:
        success, accuracy = neurons[pick]
        extra["lost"] = record.accuracy - accuracy
        if record.counts_as_planted:
            extra["removed"] = 1 - success / record.success
    return extra


def _of_same_network(known: NetworkResult | None, record: MemberRecord) -> NetworkResult | None:
    """Return what is known of a network, unless it is another one by now."""
    if known is None or known.extra.get("checkpoint") != record.checkpoint_id:
        return None
    return known


def _missing(auditors: Sequence[str], known: NetworkResult | None) -> list[str]:
    """Auditors that are still to look at a network."""
    if known is None:
        return list(auditors)
    unfit = known.extra.get("unfit", ())
    return [name for name in auditors if name not in known.scores and name not in unfit]


@contextlib.contextmanager
def _held(out: Path) -> Iterator[Any]:
    """Open a file of results to add to, and keep other processes from it."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if stream.tell() and not out.read_bytes().endswith(b"\n"):
                stream.write(b"\n")  # a line that was cut off stays damaged, the next one does not
                stream.flush()
            yield stream
    except BlockingIOError as problem:
        raise AuditError(
            f"the results {str(out)!r:.200} are being written by another process; expected one at "
            f"a time"
        ) from problem
    except OSError as problem:
        if isinstance(problem, ExplorerError):
            raise
        raise AuditError(
            f"{str(out)!r:.200} cannot be written ({problem.strerror}); lines that were written "
            f"before are still there"
        ) from problem
