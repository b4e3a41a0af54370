"""A figure before and after, as two bars, and figures with intervals on a line; in HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from explorer.auditing.rates import Rate
from explorer.views.audit_results import digits_of
from explorer.views.palette import NULL, module_color


@dataclass(frozen=True)
class Bar:
    """A share before and after something was done.

    Attributes
    ----------
    name : str
    before : float
    after : float
    color : str
        Of what is there after.
    """

    name: str
    before: float
    after: float
    color: str


def before_after(bars: Sequence[Bar], done: str) -> str:
    """Draw two bars each: before in grey, after in colour, with the figures beside them.

    Parameters
    ----------
    bars : sequence of Bar
    done : str
        What was done, as in ``the spare is ablated``.

    Returns
    -------
    str
        HTML.
    """
    rows = []
    for bar in bars:
        said = f"{bar.name}: {bar.before:.1%} before, {bar.after:.1%} after {done}"
        lines = "".join(
            f'<div style="display:flex;align-items:center;gap:.4rem">'
            f'<div style="flex:1;min-width:0"><div style="height:11px;'
            f'width:max(1px, {100 * value:.1f}%);background:{color};opacity:{opacity}"></div></div>'
            f'<span style="font-size:.75rem;width:7.5em;flex:none">{value:.1%} {when}</span></div>'
            for value, color, opacity, when in (
                (bar.before, NULL, 0.7, "before"),
                (bar.after, bar.color, 1, "after"),
            )
        )
        rows.append(
            f'<div role="img" aria-label="{escape(said)}" style="margin:.35rem 0">'
            f'<div style="font-size:.85rem">{escape(bar.name)}</div>{lines}</div>'
        )
    return f"<div>{''.join(rows)}</div>"


def interval_lines(
    rows: Sequence[tuple[str, Rate]], low: float, high: float, zero: float | None = None
) -> str:
    """Draw figures as marks with their intervals on one common line.

    Parameters
    ----------
    rows : sequence of (name, Rate)
    low, high : float
        Ends of the line.
    zero : float, optional
        Where to draw a dashed line, as for "no difference".

    Returns
    -------
    str
        HTML.
    """

    def place(value: float) -> float:
        return 100 * (min(max(value, low), high) - low) / (high - low)

    dashed = (
        ""
        if zero is None
        else f'<div style="position:absolute;left:{place(zero):.1f}%;top:0;height:18px;'
        f'border-left:2px dashed {NULL}"></div>'
    )
    drawn = []
    for at, (name, rate) in enumerate(rows):
        color = module_color(at)
        digits = digits_of(rate)
        value, first, last = (f"{v:.{digits}f}" for v in (rate.value, rate.low, rate.high))
        said = f"{name}: {value}, 95 % interval {first} to {last}"
        drawn.append(
            f'<div role="img" aria-label="{escape(said)}" title="{escape(said)}" '
            f'style="margin:.3rem 0"><div style="font-size:.85rem">{escape(name)} '
            f'<b>{value}</b> <span style="opacity:.75">({first} to '
            f'{last})</span></div><div style="position:relative;height:18px;'
            f'border-bottom:1px solid {NULL}">{dashed}<div style="position:absolute;'
            f"left:{place(rate.low):.1f}%;width:{place(rate.high) - place(rate.low):.1f}%;top:7px;"
            f'height:5px;background:{color};opacity:.5"></div><div style="position:absolute;'
            f"left:calc({place(rate.value):.1f}% - 4px);top:5px;width:9px;height:9px;"
            f'border-radius:50%;background:{color}"></div></div></div>'
        )
    return f"<div>{''.join(drawn)}</div>"
