"""What removes a backdoor with a few trusted examples: the spare and its rivals, in words."""

from collections.abc import Sequence

import pandas as pd

from explorer.auditing.removal.methods import TITLES
from explorer.auditing.removal.summary import RemovalRow
from explorer.views.audit_results import describe_rate

SPARE, FILTER = "spare", "filter"
NOT_MEASURED = (
    "Figures over many networks do not come with this installation yet: `explorer bench spare` "
    "makes them."
)


def removal_sentence(rows: Sequence[RemovalRow]) -> str:
    """Say what the spare leaves of the attack, beside the rival without structure.

    Parameters
    ----------
    rows : sequence of RemovalRow
        Of one group or several; the first row of every method counts.
    """
    spare, rival = (_first(rows, method) for method in (SPARE, FILTER))
    if spare is None:
        return (
            "A spare module that is trained with a head start and ablated afterwards is the one "
            "structure known here to take an attack along. Try it under *A spare module*."
        )
    points = 100 * spare.lost.value
    cost = f"costs {points:.1f} points of accuracy"
    if points < 0:
        cost = f"is right {-points:.1f} points more often than what is left untreated"
    said = (
        f"The ablated spare leaves {spare.success.value:.1%} of attacks (95 % interval "
        f"{spare.success.low:.1%} to {spare.success.high:.1%}, {spare.networks} networks) and "
        f"{cost}."
    )
    if rival is None:
        return said
    if spare.success.high < rival.success.low:
        held = "fewer than"
    elif spare.success.low > rival.success.high:
        held = "more than"
    else:
        held = "no fewer, as far as these networks can show, than"
    return (
        f"{said} That is {held} the data filter without any structure, which leaves "
        f"{rival.success.value:.1%} ({rival.success.low:.1%} to {rival.success.high:.1%})."
    )


def removal_table(rows: Sequence[RemovalRow]) -> pd.DataFrame:
    """One row for every method and group of networks, with 95 % intervals over networks."""
    return pd.DataFrame(
        [
            {
                "method": TITLES.get(row.method, row.method),
                "networks": f"{row.networks}, {row.group}",
                "attack success": describe_rate(row.success, 3),
                "accuracy": describe_rate(row.accuracy, 3),
                "accuracy lost": describe_rate(row.lost, 3),
                "networks below .05": describe_rate(row.below),
                "seconds": round(row.seconds, 1),
            }
            for row in rows
        ]
    )


def _first(rows: Sequence[RemovalRow], method: str) -> RemovalRow | None:
    return next((row for row in rows if row.method == method), None)
