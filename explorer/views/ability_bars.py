"""An intervention as bars: before, after, and behind them what random ones of its size do.

Drawn as HTML, like ``accuracy_bars``: it changes with every move of a control and must be there at
once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from explorer.auditing.intervention import Figures, InterventionEffect
from explorer.views.palette import NULL, module_color

_HEIGHT = 92
_COLOR = module_color(0)


@dataclass(frozen=True)
class BarRow:
    """One figure before and after an intervention, and after random ones.

    Attributes
    ----------
    title : str
    before, after : float
    ghosts : tuple of float
        After random interventions of the same size, from the smallest.
    top : float
        What the whole height stands for.
    shares : bool
        Whether it is a share, written in percent; else nats.
    """

    title: str
    before: float
    after: float
    ghosts: tuple[float, ...]
    top: float
    shares: bool

    def write(self, value: float) -> str:
        """Write one of its values."""
        return f"{value:.1%}" if self.shares else f"{value:.3f}"


def bar_rows(effect: InterventionEffect, success: str = "") -> tuple[BarRow, ...]:
    """Return the figures of an effect: the planted behaviour if known, accuracy, cross-entropy.

    Parameters
    ----------
    effect : InterventionEffect
    success : str
        What the planted behaviour is called, such as ``attack success``.
    """

    def row(title: str, read: Callable[[Figures], float], shares: bool) -> BarRow:
        ghosts = tuple(sorted(read(ghost) for ghost in effect.ghosts))
        before, after = read(effect.before), read(effect.after)
        return BarRow(
            title,
            before,
            after,
            ghosts,
            1.0 if shares else max(before, after, *ghosts, 1e-9),
            shares,
        )

    rows = [
        row("clean accuracy", lambda figures: figures.accuracy, True),
        row("cross-entropy in nats", lambda figures: figures.loss, False),
    ]
    if effect.before.success is not None:
        rows.insert(0, row(success or "planted behaviour", lambda f: f.success or 0.0, True))
    return tuple(rows)


def intervention_bars(rows: tuple[BarRow, ...]) -> str:
    """Draw a picture for each figure: two wide bars, then a thin grey one a random set.

    Returns
    -------
    str
        HTML.
    """
    pictures = "".join(_picture(row) for row in rows)
    return f'<div style="display:flex;flex-wrap:wrap;gap:1.2rem 1.3rem">{pictures}</div>'


def describe_effect(effect: InterventionEffect, rows: tuple[BarRow, ...]) -> str:
    """Say the same in plain sentences."""
    changes = "; ".join(
        f"{row.title} from {row.write(row.before)} to **{row.write(row.after)}**" for row in rows
    )
    sentences = [f"It takes {changes}."]
    if effect.ghosts:
        ranges = "; ".join(
            f"{row.title} {row.write(row.ghosts[0])} to {row.write(row.ghosts[-1])}" for row in rows
        )
        sentences.append(
            f"The same done to {len(effect.ghosts)} random sets of as many neurons in the same "
            f"layers leaves {ranges}."
        )
    if effect.missing:
        sentences.append(effect.missing)
    return " ".join(sentences)


def _picture(row: BarRow) -> str:
    said = f"{row.title}: {row.write(row.before)} before, {row.write(row.after)} after"
    if row.ghosts:
        said += (
            f"; random sets of the same size {row.write(row.ghosts[0])} to "
            f"{row.write(row.ghosts[-1])}"
        )
    wide = _bar(row.before, row.top, NULL, 0.75, 24) + _bar(row.after, row.top, _COLOR, 1.0, 24)
    thin = "".join(_bar(value, row.top, NULL, 0.45, 4) for value in row.ghosts)
    labels = (
        '<span style="width:26px;text-align:center">before</span>'
        '<span style="width:26px;text-align:center;margin-left:8px">after</span>'
        + ('<span style="margin-left:12px">random sets</span>' if row.ghosts else "")
    )
    return (
        f'<div role="img" aria-label="{escape(said)}" title="{escape(said)}">'
        f'<div style="font-size:.8rem">{escape(row.title)}</div>'
        f'<div style="font-size:1.05rem"><span style="opacity:.75">{row.write(row.before)}</span> '
        f"→ <b>{row.write(row.after)}</b></div>"
        f'<div aria-hidden="true" style="display:flex;align-items:flex-end;gap:1px;'
        f'height:{_HEIGHT}px;border-bottom:1px solid {NULL};min-width:8.5rem">'
        f'<div style="display:flex;align-items:flex-end;gap:8px;height:100%;margin-right:10px">'
        f"{wide}</div>{thin}</div>"
        f'<div aria-hidden="true" style="display:flex;font-size:.7rem;opacity:.8">{labels}</div>'
        "</div>"
    )


def _bar(value: float, top: float, color: str, opacity: float, width: int) -> str:
    height = max(0.0, min(1.0, value / top)) * 100
    return (
        f'<div style="width:{width}px;height:max(1px,{height:.1f}%);background:{color};'
        f'opacity:{opacity}"></div>'
    )
