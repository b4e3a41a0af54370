"""What removed backdoors over many networks: figures with intervals, and where they are kept."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.auditing.rates import Rate, mean_difference
from explorer.auditing.removal.methods import TITLES, Removal
from explorer.errors import AuditError
from explorer.network.tasks.planted.held_out_kinds import HELD_OUT
from explorer.network.tasks.planted.triggers import TUNED

GONE = 0.05  # attack success below which a network counts as clean
MEASURED = Path(__file__).parents[1] / "measured" / "spare.jsonl"


@dataclass(frozen=True)
class RemovalRow:
    """One method over networks.

    Attributes
    ----------
    group : str
        Which networks: ``tuned kinds`` or ``held-out kinds``.
    method : str
    networks : int
    accuracy, success, lost, below : Rate
        Clean accuracy, attack success, accuracy lost against the untreated network of the same
        case, and the share of networks with attack success below .05.
    seconds : float
        A network, training included.
    """

    group: str
    method: str
    networks: int
    accuracy: Rate
    success: Rate
    lost: Rate
    below: Rate
    seconds: float


def removal_rows(found: Sequence[Removal]) -> Iterator[RemovalRow]:
    """Summarise what was found, method by method."""
    for group, kinds in (("tuned kinds", TUNED), ("held-out kinds", HELD_OUT)):
        of = [removal for removal in found if removal.case.split("-")[1] in kinds]
        before = {r.case: r.accuracy for r in of if r.method == "untreated"}
        for method in TITLES:
            rows = sorted((r for r in of if r.method == method), key=lambda removal: removal.case)
            if not rows:
                continue
            accuracy = {r.case: r.accuracy for r in rows}
            success = {r.case: r.success for r in rows}
            yield RemovalRow(
                group=group,
                method=method,
                networks=len(rows),
                accuracy=mean_rate(accuracy),
                success=mean_rate(success),
                lost=mean_difference(before, accuracy),
                below=mean_rate({case: float(value < GONE) for case, value in success.items()}),
                seconds=float(np.mean([r.seconds for r in rows])),
            )


def mean_rate(values: Mapping[str, float]) -> Rate:
    """Mean over networks, with a bootstrap interval over them.

    Examples
    --------
    >>> mean_rate({"a": 0.0, "b": 1.0}).value
    0.5
    """
    return mean_difference(values, dict.fromkeys(values, 0.0))


def write_removals(found: Sequence[Removal], path: Path) -> None:
    """Write what was found as lines of JSON, case by case."""
    ordered = sorted(found, key=lambda r: (int(r.case.split("-")[2]), [*TITLES].index(r.method)))
    path.write_text(
        "".join(json.dumps(removal.to_dict()) + "\n" for removal in ordered), encoding="utf-8"
    )


def read_removals(path: Path = MEASURED) -> tuple[Removal, ...]:
    """Read what ``explorer bench spare`` found; by default what is bundled, which may be nothing.

    Raises
    ------
    AuditError
        If a line cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    try:
        return tuple(Removal(**json.loads(line)) for line in lines)
    except (ValueError, TypeError) as problem:
        raise AuditError(
            f"{path.name} cannot be read ({type(problem).__name__}); expected a file that "
            f"explorer bench spare --out wrote"
        ) from problem
