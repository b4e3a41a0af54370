"""Which declared feature the modules read, beside the network as a whole, as bars in HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from explorer.views.palette import LOSS, NULL, module_color


@dataclass(frozen=True)
class ReadRow:
    """What goes through one module, or through the whole network.

    Attributes
    ----------
    name : str
    shares : tuple of float
        One a feature: how much of all that the head reads is of this feature and comes in here.
    """

    name: str
    shares: tuple[float, ...]


@dataclass(frozen=True)
class HeadReading:
    """What a head of a network reads.

    Attributes
    ----------
    head : str
    features : tuple of str
    declared : tuple of bool
        Whether the head may depend on each.
    rows : tuple of ReadRow
        The whole network first, then its modules.
    """

    head: str
    features: tuple[str, ...]
    declared: tuple[bool, ...]
    rows: tuple[ReadRow, ...]


def describe_reading(found: HeadReading) -> str:
    """Say in one sentence what a head reads that it should not, or leaves.

    Examples
    --------
    >>> whole = ReadRow("whole network", (0.62, 0.38))
    >>> describe_reading(HeadReading("digit", ("digit", "marker"), (True, False), (whole,)))
    'The answer **digit** reads digit (62 %) and marker (38 %, undeclared).'
    """
    parts = [
        f"{name} ({100 * share:.0f} %{'' if allowed else ', undeclared'})"
        for name, allowed, share in zip(
            found.features, found.declared, found.rows[0].shares, strict=True
        )
    ]
    return f"The answer **{found.head}** reads {', '.join(parts[:-1])} and {parts[-1]}."


def reading_bars(found: HeadReading) -> str:
    """Draw a row for the network and one for every module, as long as what comes in there.

    Declared features are in blue and green, undeclared ones in vermilion.

    Returns
    -------
    str
        HTML.
    """
    longest = max((sum(row.shares) for row in found.rows), default=0.0) or 1.0
    colors = _colors(found.declared)
    lines = []
    for row in found.rows:
        said = ", ".join(
            f"{name} {share:.1%}" for name, share in zip(found.features, row.shares, strict=True)
        )
        bars = "".join(
            f'<div style="width:{100 * share / longest:.2f}%;height:12px;background:{color}"></div>'
            for share, color in zip(row.shares, colors, strict=True)
        )
        lines.append(
            f'<div role="img" aria-label="{escape(f"{row.name}: {said}")}" '
            f'title="{escape(said)}" style="display:flex;align-items:center;gap:.5rem;'
            f'margin:.15rem 0"><span style="font-size:.8rem;width:7.5em;flex:none">'
            f'{escape(row.name)}</span><div style="flex:1;min-width:0;display:flex;'
            f'border-left:1px solid {NULL}">{bars}</div></div>'
        )
    key = "".join(
        f'<span style="margin-right:1rem"><span style="display:inline-block;width:.8em;'
        f'height:.8em;background:{color}"></span> {escape(name)}'
        f"{'' if allowed else ' (undeclared)'}</span>"
        for name, allowed, color in zip(found.features, found.declared, colors, strict=True)
    )
    return f'<div><div style="font-size:.8rem">{key}</div>{"".join(lines)}</div>'


def _colors(declared: Sequence[bool]) -> list[str]:
    allowed = iter((0, 2, 4, 3, 1))
    return [module_color(next(allowed, 0)) if fits else LOSS for fits in declared]
