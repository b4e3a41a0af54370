"""Audits that run in the server beside its pages, one after the other, and outlive a page.

Whoever asks gets a job, looks at it now and then, and can stop it. A report is kept in a file by
the network's id as soon as it is there, also one that was stopped in the middle and says so: a
reload, or another visit, finds it again.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import AuditError
from explorer.network.atomic import write_atomically
from explorer.network.home import home
from explorer.ui.jobs import Job, Jobs

if TYPE_CHECKING:
    from explorer.auditing.finding import AuditReport
    from explorer.network.checkpoint import Checkpoint

Run = Callable[["Checkpoint", Callable[[float, str], None], Callable[[], bool]], "AuditReport"]
_VERSION = 1
_ID = re.compile(r"[0-9a-f]{16}")


class AuditJobs:
    """Runs audits, one at a time.

    Parameters
    ----------
    run : callable
        Audits a network, given also where to report progress to and whether to stop.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._jobs = Jobs("audit")

    def ask(self, network_id: str, checkpoint: Checkpoint, run: Run | None = None) -> Job:
        """Put an audit in line, unless one of this network is under way, which is returned then.

        Parameters
        ----------
        network_id : str
        checkpoint : Checkpoint
        run : callable, optional
            Audits in another way than the usual one.
        """
        how = run or self._run

        def make(job: Job) -> None:
            keep_report(network_id, how(checkpoint, job.advance, job.stopping.is_set))

        return self._jobs.ask(network_id, make)

    def find(self, network_id: str) -> Job | None:
        """Return the last job of a network, under way or ended."""
        return self._jobs.find(network_id)


def run_audit(
    checkpoint: Checkpoint, progress: Callable[[float, str], None], stop: Callable[[], bool]
) -> AuditReport:
    """Audit a network with all auditors that fit it."""
    from explorer.auditing.report import audit

    return audit(checkpoint, progress=progress, stop=stop)


def run_with_texts(
    checkpoint: Checkpoint, progress: Callable[[float, str], None], stop: Callable[[], bool]
) -> AuditReport:
    """Audit a network with all auditors that fit it, those that take a language model included."""
    from explorer.auditing.auditors.registry import AUDITORS
    from explorer.auditing.report import audit
    from explorer.auditing.view import audit_view

    view = audit_view(checkpoint)
    # Those that read texts say for themselves, in the report, why they cannot.
    names = [one.name for one in AUDITORS.values() if one.access == "texts" or not one.fits(view)]
    return audit(checkpoint, names, progress=progress, stop=stop)


def keep_report(network_id: str, report: AuditReport) -> None:
    """Keep a report under the id of its network.

    Raises
    ------
    AuditError
        If it cannot be written.
    """
    kept = {"version": _VERSION, "auditors": _auditors(), "report": report.to_dict()}
    try:
        write_atomically(_path(network_id), json.dumps(kept).encode())
    except OSError as problem:
        raise AuditError(
            f"the report cannot be kept in {str(_path(network_id).parent)!r:.200} "
            f"({problem.strerror}); expected some room"
        ) from problem


def kept_report(network_id: str) -> AuditReport | None:
    """Return what is kept about a network.

    None if nothing is, it was damaged, or it is by other auditors than there are now.
    """
    from explorer.auditing.finding import AuditReport, Calibrated, Finding, Suspect

    def suspects(found: list[dict[str, Any]]) -> tuple[Suspect, ...]:
        return tuple(Suspect(**one) for one in found)

    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(_path(network_id).read_bytes())
        if (kept["version"], kept["auditors"]) != (_VERSION, _auditors()):
            return None
        values = kept["report"]
        rows = tuple(
            Calibrated(
                **{
                    **row,
                    "finding": Finding(
                        **{**row["finding"], "suspects": suspects(row["finding"]["suspects"])}
                    ),
                }
            )
            for row in values["rows"]
        )
        return AuditReport(
            **{
                **values,
                "rows": rows,
                "suspects": suspects(values["suspects"]),
                "false_alarms": tuple(values["false_alarms"]),
                "missing": tuple(values["missing"]),
            }
        )
    return None


def _auditors() -> list[str]:
    from explorer.auditing.auditors.registry import AUDITORS

    return sorted(AUDITORS)


def _path(network_id: str) -> Path:
    name = network_id if _ID.fullmatch(network_id) else "none"
    return home() / "audits" / f"{name}.json"
