"""Can people read a module? Questions with four descriptions, and rates of right answers."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

OPTIONS = 4
CHANCE = 1 / OPTIONS
_Z = 1.959964  # of a 95 % interval


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


@dataclass(frozen=True)
class HitRate:
    """Share of questions that were answered right, with its 95 % interval.

    Attributes
    ----------
    hits, count : int
    low, high : float
        NaN before the first answer.
    """

    hits: int
    count: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Right answers over all; NaN before the first answer."""
        return self.hits / self.count if self.count else math.nan


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


def hit_rate(answers: Sequence[bool]) -> HitRate:
    """Count right answers, with Wilson's interval, which holds for few answers too.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.

    Examples
    --------
    >>> found = hit_rate([True, True, True, False])
    >>> f"{found.share:.2f} ({found.low:.2f} to {found.high:.2f})"
    '0.75 (0.30 to 0.95)'
    """
    count, hits = len(answers), sum(answers)
    if not count:
        return HitRate(0, 0, math.nan, math.nan)
    share, square = hits / count, _Z**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = (
        _Z * math.sqrt(share * (1 - share) / count + square / (4 * count**2)) / (1 + square / count)
    )
    return HitRate(hits, count, max(0.0, middle - half), min(1.0, middle + half))


def describe_hits(rate: HitRate) -> str:
    """Write a rate in a few words.

    Examples
    --------
    >>> describe_hits(hit_rate([True, False, True, True]))
    '3 of 4 right (75%; 95 % interval 30% to 95%)'
    >>> describe_hits(hit_rate([]))
    'no answer yet'
    """
    if not rate.count:
        return "no answer yet"
    return (
        f"{rate.hits} of {rate.count} right ({rate.share:.0%}; 95 % interval {rate.low:.0%} to "
        f"{rate.high:.0%})"
    )


def verdict(rate: HitRate) -> str:
    """Say what a rate means against guessing."""
    if not rate.count:
        return f"Guessing gives {CHANCE:.0%}. Answer a few questions to see how you do."
    if rate.low > CHANCE:
        return f"Better than guessing ({CHANCE:.0%}): the evidence can be read."
    if rate.high < CHANCE:
        return f"Worse than guessing ({CHANCE:.0%}): the evidence misleads."
    return (
        f"It could still be guessing ({CHANCE:.0%} lies in the interval). More answers make the "
        f"interval narrower."
    )
