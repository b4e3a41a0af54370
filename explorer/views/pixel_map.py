"""How much comes in from every pixel of an image, as a small picture of squares, in HTML."""

from html import escape

from explorer.network.graph import Floats
from explorer.views.palette import NULL, translucent


def pixel_map(values: Floats, color: str, title: str) -> str:
    """Draw a value for every pixel as a square: the larger, the stronger the colour.

    Parameters
    ----------
    values : array, shape (rows, columns)
        Between 0 and 1.
    color : str
    title : str

    Returns
    -------
    str
        HTML.
    """
    rows, columns = values.shape
    squares = "".join(
        f'<div title="row {row + 1}, column {column + 1}: {values[row, column]:.0%} of the '
        f'largest" style="aspect-ratio:1;background:'
        f'{translucent(color, round(0.04 + 0.96 * float(values[row, column]), 3))}"></div>'
        for row in range(rows)
        for column in range(columns)
    )
    strongest = values.argmax()
    said = (
        f"{title}: strongest at row {strongest // columns + 1}, column {strongest % columns + 1}"
        if values.max() > 0
        else f"{title}: nothing"
    )
    return (
        f'<div role="img" aria-label="{escape(said)}"><div style="font-weight:600">'
        f'{escape(title)}</div><div style="display:grid;gap:1px;max-width:220px;'
        f"grid-template-columns:repeat({columns},1fr);border:1px solid {NULL}"
        f'">{squares}</div></div>'
    )
