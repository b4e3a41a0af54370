"""Results of auditors on the networks of a zoo: one line of JSON a network.

The results that come with the package (``explorer/auditing/measured``) are those of the calibration
zoos, which thresholds are taken from, and of the report zoos, which nothing was chosen on.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from explorer.auditing.zoo.members import Member
from explorer.errors import AuditError, ExplorerError
from explorer.network.atomic import write_atomically

_FOLDER = Path(__file__).parent / "measured"
KINDS = ("calibration", "report")
_TO_GO_ON = ("checkpoint", "nodes", "unfit")
_DIGITS = 5  # significant ones that are kept of a figure


@dataclass(frozen=True)
class NetworkResult:
    """What auditors said of one network, and what is true of it.

    Attributes
    ----------
    member : Member
    accuracy, success : float
        Of the network as it is, on the test split; see ``MemberRecord``.
    scores : mapping of str to float
        Raw score by auditor; those that failed or do not fit the network are not in it.
    seconds, queries : mapping of str to number
        By auditor; seconds of one core.
    extra : mapping
        ``checkpoint`` (its id), ``sparsity``; by auditor ``nodes`` (its three neurons), ``neurons``
        and ``module`` (success and accuracy, on the test split, with its three neurons or its
        module at 0); ``oracle`` (the same for the best module of all, ``module``, and the best of
        shuffled ones, ``shuffled``); ``removed`` and ``lost``: the share of the attack and the
        accuracy that the three neurons of the combined auditor take (of that of dormant neurons
        where the combined one names none); ``failed``: a sentence by auditor; ``unfit``: auditors
        that do not fit.
    """

    member: Member
    accuracy: float
    success: float
    scores: Mapping[str, float] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    queries: Mapping[str, int] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Write it as a line of JSON.

        Examples
        --------
        >>> member = Member.read("backdoor-corner-3.l1")
        >>> NetworkResult(member, 0.97, 1.0, {"a": 2.0}, {"a": 0.25}, {"a": 9}).to_json()
        '{"member":"backdoor-corner-3.l1","accuracy":0.97,"success":1.0,"found":{"a":[2.0,0.25,9]}}'
        """
        found = {
            name: [score, round(self.seconds.get(name, 0.0), 4), self.queries.get(name, 0)]
            for name, score in self.scores.items()
        }
        data = {
            "member": str(self.member),
            "accuracy": self.accuracy,
            "success": self.success,
            "found": found,
            **({"extra": dict(self.extra)} if self.extra else {}),
        }
        return json.dumps(_short(data), separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, line: str | bytes) -> "NetworkResult":
        """Read a line of JSON.

        Raises
        ------
        AuditError
            If it is no result.
        """
        try:
            data = json.loads(line)
            found = data["found"]
            result = cls(
                Member.read(data["member"]),
                float(data["accuracy"]),
                float(data["success"]),
                {name: float(values[0]) for name, values in found.items()},
                {name: float(values[1]) for name, values in found.items()},
                {name: int(values[2]) for name, values in found.items()},
                dict(data.get("extra", {})),
            )
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as problem:
            if isinstance(problem, ExplorerError):
                raise
            raise AuditError("found a line that is no result; expected one of JSON") from problem
        return result


def read_results(path: str | os.PathLike[str]) -> tuple[list[NetworkResult], int]:
    """Read a file of results.

    Returns
    -------
    list of NetworkResult
        The latest of every network, in the order in which networks first came.
    int
        Lines that were damaged, such as the last one of a process that was killed.

    Raises
    ------
    AuditError
        If it cannot be read.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as problem:
        raise AuditError(
            f"{str(path)!r:.200} cannot be read ({problem.strerror}); expected a file of results"
        ) from problem
    found: dict[Member, NetworkResult] = {}
    damaged = 0
    for line in lines:
        try:
            result = NetworkResult.from_json(line)
        except ExplorerError:
            damaged += 1
        else:
            found[result.member] = result
    return list(found.values()), damaged


def write_results(results: Iterable[NetworkResult], path: str | os.PathLike[str]) -> None:
    """Write a file of results, whole or not at all.

    Raises
    ------
    AuditError
        If it cannot be written.
    """
    text = "".join(result.to_json() + "\n" for result in results)
    try:
        write_atomically(Path(path), text.encode())
    except OSError as problem:
        raise AuditError(
            f"{str(path)!r:.200} cannot be written ({problem.strerror}); what stood there before "
            f"is untouched"
        ) from problem


def brief(result: NetworkResult) -> NetworkResult:
    """Leave out what only going on with an audit needs: how the bundled files are kept small.

    Examples
    --------
    >>> member = Member.read("backdoor-corner-3.l1")
    >>> brief(NetworkResult(member, 0.97, 1.0, extra={"sparsity": 0.8, "unfit": ["a"]})).extra
    {'sparsity': 0.8}
    """
    kept = {name: value for name, value in result.extra.items() if name not in _TO_GO_ON}
    return replace(result, extra=kept)


@lru_cache(maxsize=len(KINDS))
def measured_results(which: str) -> tuple[NetworkResult, ...]:
    """Results that come with the package: of all files whose names end in a kind.

    Parameters
    ----------
    which : {"calibration", "report"}

    Returns
    -------
    tuple of NetworkResult
        Empty where none come with this installation.

    Raises
    ------
    AuditError
        If there is no such kind of results, or a file was damaged.
    """
    if which not in KINDS:
        raise AuditError(f"found results {which!r:.40}; expected one of {', '.join(KINDS)}")
    found: list[NetworkResult] = []
    for path in sorted(_FOLDER.glob(f"*{which}.jsonl")):
        results, damaged = read_results(path)
        if damaged:
            raise AuditError(f"{path.name} has {damaged} damaged lines; expected results only")
        found += results
    return tuple(found)


def _short(value: Any) -> Any:
    """Round the figures of plain data, so that files stay small; none that is not finite."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise AuditError(f"found the figure {value}; expected a finite number")
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, Mapping):
        return {key: _short(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_short(inner) for inner in value]
    return value
