"""What a network is able to, and without which module it no longer is: one table.

Drawn as HTML, like ``ability_table``: it stands on a page at first sight.
"""

from collections.abc import Mapping, Sequence
from html import escape

from explorer.network.tasks.margins import PairScore
from explorer.observation.ablation import Effect
from explorer.views.palette import module_color

MEASURES = ("accuracy", "cross-entropy")
_CELL = "padding:.25rem .7rem;text-align:right;border-bottom:1px solid rgba(128,128,128,.35)"
_NATS = 3.0  # a rise by so many nats is shaded fully


def ability_rows(
    effects: Sequence[tuple[str, int, Effect]],
    measure: str = "accuracy",
    pairs: Mapping[str, PairScore] | None = None,
) -> str:
    """Draw a table: one row for the whole network, then one without each module.

    Parameters
    ----------
    effects : sequence of (name, index, Effect)
        Of every module, what is left when it is ablated.
    measure : {"accuracy", "cross-entropy"}
        What stands in the cells, head by head or skill by skill; beside accuracy, the cross-entropy
        of all.
    pairs : mapping of str to PairScore, optional
        Scores on Winograd-style pairs: of the whole network under ``""``, and without modules under
        their names; those that are not there were not measured.

    Returns
    -------
    str
        HTML. A cell is shaded by the share of the ability that is lost, or by the nats more.
    """
    whole = effects[0][2]
    if measure == "accuracy":
        titles = [*(change.head for change in whole.heads), "cross-entropy"]
    else:
        titles = [change.name or "all" for change in whole.losses]
    ends = ["Winograd-style pairs [95 %]"] if pairs is not None else []
    head = "".join(
        f'<th scope="col" style="{_CELL};white-space:normal">{escape(title)}</th>'
        for title in [*titles, *ends]
    )
    rows = [_row("whole network", _cells(whole, measure, before=True), "", pairs)]
    for name, index, effect in effects:
        disc = (
            f'<span aria-hidden="true" style="display:inline-block;width:.7em;height:.7em;'
            f'border-radius:50%;background:{module_color(index)};margin-right:.3em"></span>'
        )
        title = f"{disc}without {escape(name)}"
        rows.append(_row(title, _cells(effect, measure, before=False), name, pairs))
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;font-size:.875rem">'
        f'<thead><tr><th style="{_CELL}"></th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cells(effect: Effect, measure: str, before: bool) -> str:
    losses = [
        _cell(f"{loss.before:.3f}", 0.0)
        if before
        else _cell(f"{loss.after:.3f}", loss.rise / _NATS)
        for loss in effect.losses
    ]
    if measure != "accuracy":
        return "".join(losses)
    shares = [
        _cell(f"{change.before:.1%}", 0.0)
        if before
        else _cell(f"{change.after:.1%}", change.lost / max(change.before, 1e-9))
        for change in effect.heads
    ]
    return "".join([*shares, losses[0]])


def _row(title: str, cells: str, name: str, pairs: Mapping[str, PairScore] | None) -> str:
    if pairs is not None:
        score = pairs.get(name)
        whole = pairs.get("")
        if score is None or whole is None:
            cells += _cell("not measured", 0.0)
        else:
            low, high = score.share_interval
            lost = (whole.share - score.share) / max(whole.share, 1e-9)
            cells += _cell(f"{score.share:.1%} [{low:.0%}, {high:.0%}]", lost)
    return f'<tr><th scope="row" style="{_CELL};text-align:left">{title}</th>{cells}</tr>'


def _cell(text: str, lost: float) -> str:
    shade = 0.55 * min(1.0, max(0.0, lost))
    return (
        f'<td style="{_CELL};white-space:nowrap;background:rgba(213,94,0,{shade:.2f})">{text}</td>'
    )
