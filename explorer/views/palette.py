"""One colour a module, everywhere: Okabe-Ito's, which the colour-blind can tell apart.

References
----------
Okabe and Ito (2002), Color universal design. Black is left out: it vanishes on a dark page.
"""

_OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
NEUTRAL = "#8C8C8C"
NULL = "#9AA0A6"
LOSS = "#D55E00"
# From negative through nothing to positive: blue, white, vermilion can be told apart by all.
SIGNED = [(0.0, "#0072B2"), (0.5, "#F7F7F7"), (1.0, "#D55E00")]
GREY_IMAGE = [(0.0, "#111111"), (1.0, "#FFFFFF")]


def module_color(index: int) -> str:
    """Colour of the module with this label: the palette, then lighter and darker shades of it.

    Examples
    --------
    >>> module_color(0), module_color(7), module_color(-1)
    ('#0072B2', '#66AAD1', '#8C8C8C')
    """
    if index < 0:
        return NEUTRAL
    round_, place = divmod(index, len(_OKABE_ITO))
    base = _OKABE_ITO[place]
    if round_ == 0:
        return base
    towards, share = ("#FFFFFF", 0.4) if round_ % 2 else ("#000000", 0.35)
    return _mix(base, towards, share)


def translucent(color: str, opacity: float) -> str:
    """Return the colour as ``rgba(...)``."""
    red, green, blue = _parts(color)
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


def _mix(color: str, towards: str, share: float) -> str:
    mixed = (
        round(a + share * (b - a)) for a, b in zip(_parts(color), _parts(towards), strict=True)
    )
    return "#" + "".join(f"{value:02X}" for value in mixed)


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
