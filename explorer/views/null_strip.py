"""A figure on a line, the range of chance behind it: a small picture of its own.

Drawn as SVG, because four of these open the first page: they weigh two kilobytes together, follow
the page's theme, and need no plotting library in the browser.
"""

import math

from explorer.modularity.null_models import Null
from explorer.modularity.quality import Figure
from explorer.views.palette import NULL, module_color

_WIDTH, _MARGIN = 240.0, 10.0
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
        SVG. The grey bands span two standard deviations on each side of the mean over shuffled
        networks, one band for each way of shuffling, the first one on top.
    """
    nulls = [null for null in figure.nulls if math.isfinite(null.mean)]
    value = figure.value if math.isfinite(figure.value) else 0.0
    low = min([0.0, value, *(null.mean - 2 * null.std for null in nulls)])
    high = max([maximum or 0.0, value, *(null.mean + 2 * null.std for null in nulls)])
    span = (high - low) or 1.0

    def place(x: float) -> float:
        return _MARGIN + (x - low) / span * (_WIDTH - 2 * _MARGIN)

    parts = [
        _band(
            null, 8.0 + 14.0 * row, place(null.mean - 2 * null.std), place(null.mean + 2 * null.std)
        )
        for row, null in enumerate(nulls)
    ]
    parts.append(
        f'<line x1="{place(low):.1f}" x2="{place(high):.1f}" y1="38" y2="38" '
        f'stroke="currentColor" stroke-opacity=".35"/>'
    )
    for end, anchor in ((low, "start"), (high, "end")):
        x = place(low) if anchor == "start" else place(high)
        parts.append(
            f'<text x="{x:.1f}" y="50" font-size="10" fill="currentColor" fill-opacity=".7" '
            f'text-anchor="{anchor}">{end:.2g}</text>'
        )
    if math.isfinite(figure.value):
        parts.append(
            f'<line x1="{place(value):.1f}" x2="{place(value):.1f}" y1="3" y2="40" '
            f'stroke-width="4" stroke="{module_color(0)}"><title>this network: {value:.3f}</title></line>'
        )
    described = "; ".join(f"{_KINDS[null.kind]}: {null.mean:.3f}" for null in nulls)
    return (
        f'<svg viewBox="0 0 {_WIDTH:.0f} 54" width="100%" role="img" '
        f'xmlns="http://www.w3.org/2000/svg" font-family="inherit" '
        f'aria-label="this network: {figure.value:.3f}; {described}">{"".join(parts)}</svg>'
    )


def _band(null: Null, top: float, left: float, right: float) -> str:
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 2.0):.1f}" height="11" '
        f'fill="{NULL}" fill-opacity=".6"><title>{_KINDS[null.kind]}: {null.mean:.3f} ± '
        f"{null.std:.3f}; this network is larger than {null.percentile:.0f} % of {null.count}"
        f"</title></rect>"
    )
