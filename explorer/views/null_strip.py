"""A figure on a line, the range of chance behind it: a small picture of its own.

Drawn as HTML, because four of these open the first page: they weigh a few kilobytes together,
follow the page's theme, and need no plotting library in the browser. (SVG would do as well, but
Streamlit strips it from pages.)
"""

import math

from explorer.modularity.null_models import Null
from explorer.modularity.quality import Figure
from explorer.views.palette import NULL, module_color

_KINDS = {"all": "all weights shuffled", "nonzero": "non-zero weights shuffled"}


def null_strip(figure: Figure, maximum: float | None = None) -> str:
    """Draw a figure as a mark on a line, and behind it in grey where chance would put it.

    Parameters
    ----------
    figure : Figure
    maximum : float, optional
        The most that the figure can be: the end of the line.

    Returns
    -------
    str
        HTML. The grey bands hold 95 % of the shuffled networks, one band for each way of shuffling,
        the first one on top.
    """
    nulls = [null for null in figure.nulls if math.isfinite(null.mean)]
    value = figure.value if math.isfinite(figure.value) else 0.0
    low = min([0.0, value, *(null.low for null in nulls)])
    high = max([maximum or 0.0, value, *(null.high for null in nulls)])
    span = (high - low) or 1.0

    def place(x: float) -> float:
        return 100 * (x - low) / span

    parts = [
        _band(null, 4 + 14 * row, place(null.low), place(null.high))
        for row, null in enumerate(nulls)
    ]
    if math.isfinite(figure.value):
        parts.append(
            f'<div title="this network: {value:.3f}" style="position:absolute;top:0;height:34px;'
            f"width:4px;left:calc({place(value):.2f}% - 2px);background:{module_color(0)}"
            f'"></div>'
        )
    described = "; ".join(f"{_KINDS[null.kind]}: {null.mean:.3f}" for null in nulls)
    return (
        f'<div role="img" aria-label="this network: {figure.value:.3f}; {described}">'
        f'<div style="position:relative;height:34px;border-bottom:1px solid {NULL}">'
        f"{''.join(parts)}</div>"
        f'<div aria-hidden="true" style="display:flex;justify-content:space-between;'
        f'font-size:.75rem;opacity:.75"><span>{low:.2g}</span><span>{high:.2g}</span></div></div>'
    )


def _band(null: Null, top: int, left: float, right: float) -> str:
    return (
        f'<div title="{_KINDS[null.kind]}: {null.mean:.3f}, 95 % between {null.low:.3f} and '
        f"{null.high:.3f}; this network is "
        f'larger than {null.percentile:.0f} % of {null.count}" style="position:absolute;'
        f"top:{top}px;height:11px;left:{left:.2f}%;width:max(2px, {right - left:.2f}%);"
        f'background:{NULL};opacity:.6"></div>'
    )
