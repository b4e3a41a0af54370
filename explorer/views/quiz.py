"""Can people read a module? Questions with four descriptions, and rates of right answers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np

from explorer.curation.answers import HitRate
from explorer.views.palette import NULL

OPTIONS = 4


@dataclass(frozen=True)
class Question:
    """The evidence of one part, and four descriptions of which one is of that part.

    Attributes
    ----------
    network : str
        Id of the network.
    part : str
        What the evidence is of.
    options : tuple of str
        Descriptions in the order in which they are shown.
    right : int
        Which of them is right.
    """

    network: str
    part: str
    options: tuple[str, ...]
    right: int

    @property
    def id(self) -> str:
        """Hash of the content: the same question has the same id wherever it is asked."""
        content = "\x1f".join((self.network, self.part, str(self.right), *self.options))
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def make_question(
    network: str, part: str, texts: Mapping[str, str], foils: Mapping[str, str], turn: int
) -> Question | None:
    """Ask which of four descriptions is of a part.

    Parameters
    ----------
    network : str
    part : str
        One of the keys of ``texts``.
    texts : mapping of str to str
        Description of every part of the network.
    foils : mapping of str to str
        Descriptions from a like network, which fill up where the network has too few of its own.
    turn : int
        Another turn asks with other foils, in another order; the same turn asks the same.

    Returns
    -------
    Question or None
        None where there are no four different descriptions.

    Examples
    --------
    >>> texts = {"A": "on ones", "B": "on twos", "C": "on threes", "D": "on fours"}
    >>> question = make_question("n", "B", texts, {}, turn=0)
    >>> question.options[question.right], len(set(question.options))
    ('on twos', 4)
    """
    own = texts[part]
    seed = hashlib.sha256(f"{network} {part} {turn}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(seed[:8], "big"))
    chosen = [own]
    for source in (texts, foils):
        others = sorted({text for text in source.values() if text not in chosen})
        random.shuffle(others)
        chosen += others[: OPTIONS - len(chosen)]
    if len(chosen) < OPTIONS:
        return None
    order = random.permutation(OPTIONS).tolist()
    return Question(network, part, tuple(chosen[at] for at in order), order.index(0))


def describe_hits(rate: HitRate) -> str:
    """Write a rate in a few words.

    Examples
    --------
    >>> describe_hits(HitRate("person", 1, 3, 4, 0.3, 0.954, 0.25))
    '3 of 4 right (75%; 95 % interval 30% to 95%)'
    """
    return (
        f"{rate.right} of {rate.count} right ({rate.rate:.0%}; 95 % interval {rate.low:.0%} to "
        f"{rate.high:.0%})"
    )


def verdict(rate: HitRate) -> str:
    """Say what a rate means against guessing."""
    if rate.low > rate.chance:
        return f"Better than guessing ({rate.chance:.0%}): the evidence can be read."
    if rate.high < rate.chance:
        return f"Worse than guessing ({rate.chance:.0%}): the evidence misleads."
    return (
        f"It could still be guessing ({rate.chance:.0%} lies in the interval). More answers make "
        f"the interval narrower."
    )


def rate_bar(rate: HitRate, color: str) -> str:
    """Draw a rate as a mark on a line from 0 to 1, its interval, and chance as a line in grey.

    Returns
    -------
    str
        HTML.
    """
    said = f"{describe_hits(rate)}; guessing gives {rate.chance:.0%}"
    return (
        f'<div role="img" aria-label="{escape(said)}" style="position:relative;height:18px;'
        f'border-bottom:1px solid {NULL};margin:.2rem 0 .4rem">'
        f'<div title="guessing" style="position:absolute;left:{100 * rate.chance:.1f}%;top:0;'
        f'height:18px;border-left:2px dashed {NULL}"></div>'
        f'<div title="95 % interval" style="position:absolute;left:{100 * rate.low:.1f}%;'
        f"width:{100 * (rate.high - rate.low):.1f}%;top:7px;height:5px;background:{color};"
        f'opacity:.5"></div><div style="position:absolute;left:calc({100 * rate.rate:.1f}% - 4px);'
        f'top:5px;width:9px;height:9px;border-radius:50%;background:{color}"></div></div>'
    )
