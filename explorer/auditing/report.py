"""The audit of one network: every auditor that can look at it, held against clean networks."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from explorer.auditing.auditors.registry import AUDITORS, auditor
from explorer.auditing.calibration import (
    Calibration,
    calibration_of,
    combined_shares,
    share_below,
)
from explorer.auditing.finding import Auditor, AuditReport, Calibrated, Finding, Suspect
from explorer.auditing.view import AuditView, audit_view
from explorer.errors import ExplorerError
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Examples
from explorer.network.threads import single_threaded

COMBINED = "combined"
# What a verdict rests on, where it has looked at the network: the first of these.
HEADLINES = ("declared", COMBINED)
SUSPECTS = 12
_ON_REQUEST = ("texts",)  # access of auditors that ask a language model: only by name
_UNKNOWN = 0.5  # weight of an auditor without calibration in the ranking of suspects


def audit(
    checkpoint: Checkpoint,
    auditors: Sequence[str] | None = None,
    training: Examples | None = None,
    progress: Callable[[float, str], None] | None = None,
    stop: Callable[[], bool] | None = None,
    seed: int = 0,
) -> AuditReport:
    """Say whether a network pursues what it was trained for, and what speaks against it.

    The network is made blind first: auditors see its weights and the task that it is declared for,
    and nothing of what may have been planted in its training.

    Parameters
    ----------
    checkpoint : Checkpoint
    auditors : sequence of str, optional
        Names from ``explorer.auditing.auditors.registry.AUDITORS``; by default all that can look at
        this network, but those that ask a language model.
    training : Examples, optional
        What it was trained on, for the auditors that look at that.
    progress : callable, optional
        Told the share that is done, and the title of the auditor that is next.
    stop : callable, optional
        Asked before every auditor; when it says so, the report says what is missing.
    seed : int
        Of everything that auditors draw.

    Returns
    -------
    AuditReport
        An auditor that fails leaves the others as they are, and a sentence in ``missing``.

    Raises
    ------
    AuditError
        If the network has no task, or there is no auditor of a name.

    Examples
    --------
    >>> from explorer.network.load import load
    >>> report = audit(load("digits-modular"), auditors=[])
    >>> report.score is None, report.rows
    (True, ())
    """
    under_way = Audit(checkpoint, auditors, training, seed)
    total = len(under_way.waiting)
    while under_way.waiting and not (stop is not None and stop()):
        if progress is not None:
            progress(1 - len(under_way.waiting) / total, under_way.waiting[0].title)
        under_way.step()
    if progress is not None and not under_way.waiting:
        progress(1.0, "")
    return under_way.report()


class Audit:
    """An audit on its way: one auditor after the other, and the report so far at any time.

    Parameters
    ----------
    checkpoint : Checkpoint
    auditors, training, seed
        As for ``audit``.

    Attributes
    ----------
    waiting : list of Auditor
        Those that are still to look at the network, the next one first.

    Raises
    ------
    AuditError
        If the network has no task, or there is no auditor of a name.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        auditors: Sequence[str] | None = None,
        training: Examples | None = None,
        seed: int = 0,
    ) -> None:
        self._view = audit_view(checkpoint, None, seed)
        self._told = replace(self._view, training=training)
        self._calibration = _calibration(checkpoint)
        self._findings: list[Finding] = []
        self._missing: list[str] = []
        self._seconds = 0.0
        self.waiting: list[Auditor] = []
        wanted = list(AUDITORS) if auditors is None else list(dict.fromkeys(auditors))
        first = ""  # the first auditor's reason: later ones are for rarer networks
        for one in map(auditor, wanted):
            if auditors is None and one.access in _ON_REQUEST:
                continue  # not even asked whether they fit: to say so takes all descriptions
            why = one.fits(self._seen_by(one))
            if auditors is None and why:
                first = first or why
                continue
            if why:
                self._missing.append(f"{one.title}: {_sentence(why)}")
            else:
                self.waiting.append(one)
        if auditors is None and not self.waiting:
            self._missing.append(f"No auditor can look at this network: {_sentence(first)}")

    def step(self) -> None:
        """Let the next auditor look at the network."""
        one, started = self.waiting[0], time.perf_counter()
        try:
            with single_threaded():
                found = one(self._seen_by(one))
        except Exception as problem:  # whatever goes wrong in one, the others' findings stand
            self._missing.append(f"{one.title} failed: {_sentence(str(problem) or repr(problem))}")
        else:
            self._findings.append(replace(found, seconds=time.perf_counter() - started))
            if found.missing:
                self._missing.append(f"{one.title}: {_sentence(found.missing)}")
        self._seconds += time.perf_counter() - started
        self.waiting.pop(0)

    def _seen_by(self, one: Auditor) -> AuditView:
        """Return what an auditor is shown: training data only if it needs that."""
        return self._told if one.access == "training data" else self._view

    def report(self) -> AuditReport:
        """Return the report so far; what was not done is in ``missing``."""
        held = self._calibration if isinstance(self._calibration, Calibration) else None
        rows = tuple(_calibrated(finding, held) for finding in self._findings)
        scores = {finding.auditor: finding.score for finding in self._findings}
        score = flagged = None
        alarms = (0, 0)
        names = () if held is None else headline(scores, held)
        if held is not None and (limits := held.limits(names, combine)) is not None:
            value = combine(combined_shares(scores, held, names))
            score, flagged = share_below(limits.clean, value), value > limits.threshold
            alarms = limits.false_alarms
        why = self._calibration if isinstance(self._calibration, str) else _UNMEASURED
        said = verdict(flagged, alarms, why)
        if not rows:
            said = "No verdict: no auditor has looked at it."
        partition = vars(self._view).get("partition")
        waiting = tuple(f"{one.title} was not asked: it was stopped." for one in self.waiting)
        return AuditReport(
            score=score,
            verdict=said,
            flagged=flagged,
            suspects=ranked_suspects(rows),
            rows=rows,
            calibration=f"not calibrated: {why}" if held is None else held.words,
            false_alarms=alarms,
            seconds=self._seconds,
            queries=sum(finding.queries for finding in self._findings),
            checkpoint_id=self._view.checkpoint.id,
            partition_id="" if partition is None else partition.id,
            missing=(*self._missing, *waiting),
        )


_UNMEASURED = "none of the auditors that looked at it was measured on clean networks"


def headline(scores: Mapping[str, float], calibration: Calibration) -> tuple[str, ...]:
    """Names of the auditors that the verdict rests on: a combined one, once it has looked."""
    for name in HEADLINES:
        if name in scores and name in calibration.scores:
            return (name,)
    return tuple(scores)


def combine(shares: Mapping[str, float]) -> float:
    """Make one score of the shares of several auditors: one that is alarmed is enough."""
    return max(shares.values())


def verdict(flagged: bool | None, false_alarms: tuple[int, int], why_not: str = "") -> str:
    """Say in plain words what was found, with the false-alarm rate.

    Examples
    --------
    >>> verdict(True, (4, 100))
    'Flagged. It flags 4 of 100 clean networks of this kind.'
    >>> verdict(None, (0, 0), "its task is xor4")
    'Not calibrated: its task is xor4. The evidence stands without a verdict.'
    """
    if flagged is None:
        return f"Not calibrated: {_sentence(why_not)} The evidence stands without a verdict."
    alarms = f"It flags {false_alarms[0]} of {false_alarms[1]} clean networks of this kind."
    return f"{'Flagged' if flagged else 'Not flagged'}. {alarms}"


def ranked_suspects(rows: Sequence[Calibrated], limit: int = SUSPECTS) -> tuple[Suspect, ...]:
    """Put the suspects of all auditors in one order.

    An auditor gives its first suspect as many points as its score is (the share of clean networks
    that score lower; 0.5 where it is not calibrated), its second half as many, its third a third.
    Points for the same part add up, and so do reasons.
    """
    points: dict[tuple[str, str], float] = {}
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        weight = _UNKNOWN if row.score is None else row.score
        for place, suspect in enumerate(row.finding.suspects, start=1):
            part = (suspect.kind, suspect.name)
            points[part] = points.get(part, 0.0) + weight / place
            said, reason = reasons.setdefault(part, []), suspect.reason.rstrip(".")
            if reason not in said:
                said.append(reason)
    order = sorted(points, key=lambda part: -points[part])[:limit]
    return tuple(Suspect(*part, points[part], "; ".join(reasons[part])) for part in order)


def _calibration(checkpoint: Checkpoint) -> Calibration | str:
    """Return what a network is held against, or why nothing; also where its file is damaged."""
    try:
        return calibration_of(checkpoint)
    except ExplorerError as problem:
        return str(problem)


def _calibrated(finding: Finding, held: Calibration | None) -> Calibrated:
    if held is None:
        return Calibrated(finding)
    name = finding.auditor
    return Calibrated(finding, held.share(name, finding.score), held.flags(name, finding.score))


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
