"""Accuracy of every class before and after an intervention, as bars.

Drawn as HTML, like ``null_strip`` and ``pixel_map``: what stands on a page at first sight must not
wait until the browser has loaded a plotting library.
"""

from dataclasses import replace
from html import escape

from explorer.observation.ablation import AccuracyChange, Effect
from explorer.views.palette import NULL

_HEIGHT = 84


def accuracy_bars(effect: Effect, color: str) -> str:
    """Draw a row of bars for each head, or one for all skills: before in grey, after in colour.

    Parameters
    ----------
    effect : Effect
    color : str
        Of the bars after the intervention.

    Returns
    -------
    str
        HTML.
    """
    # Skills of a text have no classes: then each skill is a bar.
    changed = effect.classes or tuple(replace(c, head="", label=c.head) for c in effect.heads)
    heads = list(dict.fromkeys(change.head for change in changed))
    rows = []
    for head in heads:
        changes = [change for change in changed if change.head == head and change.count]
        title = f'<div style="font-size:.8rem">{escape(head)}</div>' if len(heads) > 1 else ""
        columns = "".join(_column(change, color) for change in changes)
        rows.append(
            f'<div style="margin-bottom:.5rem">{title}<div style="display:flex;gap:3px">'
            f'<div aria-hidden="true" style="font-size:.7rem;opacity:.75;height:{_HEIGHT}px;'
            f"display:flex;flex-direction:column;justify-content:space-between;"
            f'text-align:right"><span>100%</span><span>0%</span></div>{columns}</div></div>'
        )
    key = "".join(
        f'<span style="margin-right:1rem"><span style="display:inline-block;width:.8em;'
        f'height:.8em;background:{shade};opacity:{opacity}"></span> {name}</span>'
        for shade, opacity, name in ((NULL, 0.55, "before"), (color, 1, "after"))
    )
    return f'<div><div style="font-size:.8rem;text-align:right">{key}</div>{"".join(rows)}</div>'


def _column(change: AccuracyChange, color: str) -> str:
    said = (
        f"{change.head} {change.label}: {change.before:.0%} before, {change.after:.0%} after, of "
        f"{change.count:,} examples"
    )
    bars = "".join(
        f'<div style="position:absolute;bottom:0;left:{(100 - width) / 2:.0f}%;width:{width}%;'
        f'height:{100 * value:.1f}%;background:{shade};opacity:{opacity}"></div>'
        for value, width, shade, opacity in (
            (change.before, 84, NULL, 0.55),
            (change.after, 50, color, 1),
        )
    )
    return (
        f'<div style="flex:1;min-width:0" role="img" aria-label="{escape(said)}" '
        f'title="{escape(said)}"><div style="position:relative;height:{_HEIGHT}px;'
        f'border-bottom:1px solid {NULL}">{bars}</div><div aria-hidden="true" '
        f'style="font-size:.75rem;text-align:center;overflow:hidden">'
        f"{escape(change.label or '')}</div></div>"
    )
