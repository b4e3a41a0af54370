"""Audits that run in the server beside its pages, one after the other, and outlive a page.

Whoever asks gets a job, looks at it now and then, and can stop it. A report is kept in a file by
the network's id as soon as it is there, also one that was stopped in the middle and says so: a
reload, or another visit, finds it again.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import AuditError, ExplorerError
from explorer.network.atomic import write_atomically
from explorer.network.home import home

if TYPE_CHECKING:
    from explorer.auditing.finding import AuditReport
    from explorer.network.checkpoint import Checkpoint

Run = Callable[["Checkpoint", Callable[[float, str], None], Callable[[], bool]], "AuditReport"]
_VERSION = 1
_ID = re.compile(r"[0-9a-f]{16}")
_KEPT = 200  # jobs that have ended, whose problem can still be told


@dataclass
class AuditJob:
    """An audit that was asked for, and how far it has come.

    Attributes
    ----------
    fraction : float
        Of the auditors that are done.
    words : str
        What it does now.
    problem : str
        One sentence that says why there is no report; empty if nothing went wrong.
    """

    fraction: float = 0.0
    words: str = "Waiting: one audit at a time …"
    problem: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)

    def advance(self, fraction: float, words: str = "") -> None:
        """Take how far it is."""
        self.fraction = min(1.0, max(0.0, fraction))
        self.words = words or "Auditing …"


class AuditJobs:
    """Runs audits, one at a time.

    Parameters
    ----------
    run : callable
        Audits a network, given also where to report progress to and whether to stop.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="audit")
        self._jobs: dict[str, AuditJob] = {}
        self._lock = threading.Lock()

    def ask(self, network_id: str, checkpoint: Checkpoint, run: Run | None = None) -> AuditJob:
        """Put an audit in line, unless one of this network is under way, which is returned then.

        Parameters
        ----------
        network_id : str
        checkpoint : Checkpoint
        run : callable, optional
            Audits in another way than the usual one.
        """
        with self._lock:
            known = self._jobs.get(network_id)
            if known is not None and not known.ended.is_set():
                return known
            job = self._jobs[network_id] = AuditJob()
            ended = [key for key, other in self._jobs.items() if other.ended.is_set()]
            for key in ended[:-_KEPT]:
                del self._jobs[key]
        self._pool.submit(self._work, job, network_id, checkpoint, run or self._run)
        return job

    def find(self, network_id: str) -> AuditJob | None:
        """Return the last job of a network, under way or ended."""
        return self._jobs.get(network_id)

    def _work(self, job: AuditJob, network_id: str, checkpoint: Checkpoint, run: Run) -> None:
        try:
            keep_report(network_id, run(checkpoint, job.advance, job.stopping.is_set))
        except ExplorerError as problem:
            job.problem = str(problem)
        except MemoryError:
            job.problem = "the memory of this computer is full"
        except Exception as problem:  # whoever waits must hear of it, whatever it is
            job.problem = f"{type(problem).__name__}: {problem}"[:300]
        finally:
            job.ended.set()


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
