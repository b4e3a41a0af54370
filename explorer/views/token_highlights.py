"""Snippets of text with every token marked by how active a part is at it, in HTML."""

from collections.abc import Sequence
from html import escape

from explorer.observation.microscope import Snippet
from explorer.views.palette import translucent

# What cannot be seen by itself.
_SHOWN_AS = {"\n": "⏎", "\t": "⇥", " ": "␣", "": "∅"}
_STEPS = (0.2, 0.5, 0.8)  # shares of the largest activity at which a line below becomes thicker


def snippet_html(snippet: Snippet, largest: float, color: str, joint: str = " ") -> str:
    """Draw one snippet: the more active at a token, the stronger its colour and its underline.

    The underline (none, 1, 2 or 3 pixels) says the same as the colour, and the token in question
    stands in brackets, so nothing depends on seeing colours. Both show on light and dark pages.

    Parameters
    ----------
    snippet : Snippet
    largest : float
        The activity at which colour is strongest.
    color : str
        As ``#RRGGBB``.
    joint : str
        What stands between tokens.

    Returns
    -------
    str
        HTML; all text is escaped.

    Examples
    --------
    >>> seen = Snippet(("a", "<b>"), 1, (0.0, 2.0), "c", "", 0.9, 0.1, 1)
    >>> "&lt;b&gt;" in snippet_html(seen, 2.0, "#0072B2")
    True
    """
    spans = [
        _span(token, value / largest if largest > 0 else 0.0, value, place == snippet.at, color)
        for place, (token, value) in enumerate(zip(snippet.tokens, snippet.activity, strict=True))
    ]
    return (
        f'<div role="img" aria-label="{escape(in_words(snippet, joint))}" style="line-height:1.9;'
        f'overflow-wrap:anywhere">{joint.join(spans)}</div>'
    )


def in_words(snippet: Snippet, joint: str = " ") -> str:
    """Write a snippet as plain text, the token in question in brackets.

    Examples
    --------
    >>> in_words(Snippet(("the", "cat", "sat"), 1, (0.0, 2.0, 0.1), "sat", "", 0.9, 0.1, 1))
    'the [cat] sat'
    """
    words = [
        "{}[{}]".format(*_space_apart(token)) if place == snippet.at else token
        for place, token in enumerate(snippet.tokens)
    ]
    return joint.join(words)


def probabilities_html(snippet: Snippet, color: str) -> str:
    """Draw the probability of the right token in the whole network and without the part.

    Parameters
    ----------
    snippet : Snippet
    color : str

    Returns
    -------
    str
        HTML.
    """
    said = (
        f"Right next: {_visible(snippet.right)}. Its probability: {snippet.before:.0%} with it, "
        f"{snippet.after:.0%} without."
    )
    bars = "".join(
        f'<div style="height:5px;width:{100 * value:.1f}%;background:{shade};'
        f'opacity:{opacity}"></div>'
        for value, shade, opacity in ((snippet.before, "#8C8C8C", 0.7), (snippet.after, color, 1))
    )
    return (
        f'<div style="font-size:.85rem">Right next: <strong>{escape(_visible(snippet.right))}'
        f"</strong> · {snippet.before:.0%} with it, {snippet.after:.0%} without"
        f'<div role="img" aria-label="{escape(said)}" style="max-width:240px">{bars}</div></div>'
    )


def token_chips(tokens: Sequence[tuple[str, float]], color: str) -> str:
    """Draw tokens side by side, each with a share from -1 to 1; minus for those made less likely.

    Parameters
    ----------
    tokens : sequence of (str, float)
    color : str

    Returns
    -------
    str
        HTML.
    """
    chips = "".join(
        f'<span style="display:inline-block;margin:0 .35rem .35rem 0;padding:.05rem .4rem;'
        f"border-radius:.4rem;border:1px {'solid' if share > 0 else 'dashed'} {color};"
        f'background:{translucent(color, round(0.35 * max(share, 0.0), 3))}">'
        f'<strong>{escape(_visible(token))}</strong> <span style="font-size:.8rem">'
        f"{share:+.0%}</span></span>"
        for token, share in tokens
    )
    return f"<div>{chips}</div>"


def _span(token: str, share: float, value: float, marked: bool, color: str) -> str:
    share = min(max(share, 0.0), 1.0)
    line = sum(share >= step for step in _STEPS)
    style = f"background:{translucent(color, round(0.5 * share, 3))};padding:.1em .12em"
    if line:
        style += f";border-bottom:{line}px solid {color}"
    shown = escape(_visible(token))
    if marked:
        space, rest = _space_apart(token)
        shown = f"{space}<strong>[{escape(_visible(rest))}]</strong>"
    return f'<span style="{style}" title="activity {value:.2f}">{shown}</span>'


def _space_apart(token: str) -> tuple[str, str]:
    """Part a token from the space that it begins with, which stands before the bracket."""
    return (" ", token[1:]) if token[:1] == " " and token[1:] else ("", token)


def _visible(token: str) -> str:
    return _SHOWN_AS.get(token, token)
