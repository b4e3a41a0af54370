"""What auditors say: frozen values, from one auditor's finding to the report on a network."""

from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

from explorer.auditing.view import AuditView


@dataclass(frozen=True)
class Suspect:
    """A part of a network that an auditor points at.

    Attributes
    ----------
    kind : {"module", "neuron", "output"}
    name : str
        Of the module (``A``), the neuron (its node's number) or the output (its number).
    score : float
        How suspicious, in the auditor's own measure; larger is more.
    reason : str
        One plain sentence with the figures that it rests on.
    """

    kind: str
    name: str
    score: float
    reason: str


@dataclass(frozen=True)
class Finding:
    """What one auditor found in one network.

    Attributes
    ----------
    auditor : str
        Its key in the registry.
    score : float
        In its own measure, not calibrated; larger is more suspicious.
    suspects : tuple of Suspect
        Most suspicious first.
    reason : str
        One plain sentence.
    queries : int
        Inputs that the network was run on.
    seconds : float
    missing : str
        What could not be looked at, in one sentence; empty where nothing is missing.
    """

    auditor: str
    score: float
    suspects: tuple[Suspect, ...] = ()
    reason: str = ""
    queries: int = 0
    seconds: float = 0.0
    missing: str = ""


@runtime_checkable
class Auditor(Protocol):
    """What every auditor is: a name, what it needs, and a function of a view."""

    @property
    def name(self) -> str:
        """Key in the registry, such as ``dormant_neuron``."""

    @property
    def title(self) -> str:
        """Name for people."""

    @property
    def summary(self) -> str:
        """One plain sentence: what it looks for and how."""

    @property
    def access(self) -> str:
        """What it needs: ``queries``, ``weights``, ``modules``, ``training data`` or ``texts``."""

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network, in one sentence; empty if it can."""

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""


@dataclass(frozen=True)
class Calibrated:
    """A finding held against the networks that its auditor was calibrated on.

    Attributes
    ----------
    finding : Finding
    score : float or None
        Share of the clean calibration networks that score lower, in [0, 1]; None where the network
        is outside the calibrated kinds.
    flagged : bool or None
        Whether the score is beyond the frozen threshold; None where it is not calibrated.
    """

    finding: Finding
    score: float | None = None
    flagged: bool | None = None


@dataclass(frozen=True)
class AuditReport:
    """The report on a network: what ``explorer.audit`` returns.

    Attributes
    ----------
    score : float or None
        Of the combined auditor, in [0, 1]: the share of clean calibration networks that score
        lower. None where the network is outside the calibrated kinds.
    verdict : str
        One sentence, with the false-alarm rate: ``flagged; it flags 5 of 100 clean networks``.
    flagged : bool or None
    suspects : tuple of Suspect
        Modules and neurons, most suspicious first, with reasons.
    rows : tuple of Calibrated
        One an auditor.
    calibration : str
        What kind of network it was held against (``digits, 64-64-64-10, modular``), or why none.
    false_alarms : tuple of int
        Clean networks of other seeds that the combined auditor flagged, and how many there were;
        (0, 0) where not calibrated.
    seconds : float
    queries : int
    checkpoint_id : str
        Of the blinded network.
    partition_id : str
    missing : tuple of str
        A sentence for everything that was not done: the report is partial where there is one.
    """

    score: float | None
    verdict: str
    flagged: bool | None
    suspects: tuple[Suspect, ...]
    rows: tuple[Calibrated, ...]
    calibration: str
    false_alarms: tuple[int, int]
    seconds: float
    queries: int
    checkpoint_id: str
    partition_id: str
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for a file."""
        return asdict(self)
