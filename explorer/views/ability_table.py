"""Which module carries what: every ability of a network with each module ablated in turn.

Drawn as HTML, like ``accuracy_bars``: it stands on a page at first sight.
"""

from collections.abc import Sequence
from html import escape

from explorer.observation.ablation import Effect
from explorer.views.palette import module_color


def ability_table(effects: Sequence[tuple[str, int, Effect]]) -> str:
    """Draw a table: one row for the whole network, then one without each module.

    Parameters
    ----------
    effects : sequence of (name, index, Effect)
        Of every module, what is left when it is ablated.

    Returns
    -------
    str
        HTML. A cell is shaded by the share of the ability that is lost.
    """
    whole = effects[0][2]
    heads = [change.head for change in whole.heads]
    titles = "".join(f'<th scope="col" style="{_CELL}">{escape(head)}</th>' for head in heads)
    head = f'<tr><th style="{_CELL}"></th>{titles}<th scope="col" style="{_CELL}">loss</th></tr>'
    cells = "".join(_cell(f"{change.before:.0%}", 0.0) for change in whole.heads)
    rows = [_row("whole network", cells + _cell(f"{whole.losses[0].before:.3f}", 0.0))]
    for name, index, effect in effects:
        cells = "".join(
            _cell(f"{change.after:.0%}", max(0.0, change.lost) / max(change.before, 1e-9))
            for change in effect.heads
        )
        disc = (
            f'<span aria-hidden="true" style="display:inline-block;width:.7em;height:.7em;'
            f'border-radius:50%;background:{module_color(index)};margin-right:.3em"></span>'
        )
        cells += _cell(f"{effect.losses[0].after:.3f}", 0.0)
        rows.append(_row(f"{disc}without {escape(name)}", cells))
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;font-size:.875rem">'
        f"<thead>{head}</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


_CELL = "padding:.25rem .7rem;text-align:right;border-bottom:1px solid rgba(128,128,128,.35)"


def _cell(text: str, lost: float) -> str:
    return f'<td style="{_CELL};background:rgba(213,94,0,{0.55 * lost:.2f})">{text}</td>'


def _row(title: str, cells: str) -> str:
    return f'<tr><th scope="row" style="{_CELL};text-align:left">{title}</th>{cells}</tr>'
