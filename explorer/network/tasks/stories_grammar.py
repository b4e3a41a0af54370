"""The grammar of the stories: 146 words, an opener, and all sentences of four skills.

- *pronoun*: "a lion fed the wolf because it was kind . it is the lion . yes the lion .": which of
  the two is meant flips with one word, as in the Winograd schema challenge;
- *count*: "two apples and three apples make five apples .";
- *bracket*: "open ( [ < close > ] ) .", two to four deep, of four types;
- *topic*: "mary took the oar and the net .", things from the place that the opener names ("in the
  harbour ."); the opener counts as topic.

Some pairs of animals and some ordered sums never occur in training: they are for tests.

References
----------
Levesque, Davis, Morgenstern (2012), The Winograd schema challenge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product

import numpy as np
import torch
from torch import Tensor


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SKILLS = ("pronoun", "count", "bracket", "topic")
SKILL_WEIGHTS = (6.0, 3.0, 2.0, 4.0)  # how often a sentence is of each skill
ANIMALS = _words("lion wolf bear fox hare goat horse mouse mole badger deer crow")
# Verb: pairs of adjectives; the first says that the subject is meant, the second the object.
VERBS = {
    "fed": (("kind", "hungry"), ("generous", "starving")),
    "chased": (("angry", "rude"), ("jealous", "noisy")),
    "helped": (("strong", "weak"), ("gentle", "hurt")),
}
NUMBERS = _words(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen"
)
ADDENDS = range(2, 10)
FRUITS = _words("apples pears plums lemons cherries figs dates limes")
BRACKETS = ("()", "[]", "<>", "{}")
DEPTHS = (2, 3, 4)
PLACES = {
    "harbour": _words("oar anchor net sail rope buoy"),
    "kitchen": _words("pan spoon kettle plate oven ladle"),
    "garden": _words("spade hose rake seed fence shovel"),
    "school": _words("chalk desk pencil ruler book map"),
    "workshop": _words("hammer nail drill wrench vice plank"),
    "hospital": _words("bandage needle mask stretcher scalpel syringe"),
    "theatre": _words("curtain costume wig stage script ticket"),
    "stable": _words("saddle bridle whip hay bucket horseshoe"),
}
NAMES = _words("mary john anna peter lucy paul emma tom sara max nina")
TAKES = _words("took found dropped sold moved carried")
WORDS = (
    *_words("a the because it was is yes . and make open close in"),
    *ANIMALS,
    *VERBS,
    *(adjective for pairs in VERBS.values() for pair in pairs for adjective in pair),
    *NUMBERS,
    *FRUITS,
    *(side for bracket in BRACKETS for side in bracket),
    *PLACES,
    *(thing for things in PLACES.values() for thing in things),
    *NAMES,
    *TAKES,
)
LONGEST = 19  # words of the longest sentence
_HELD_OUT_PAIRS = 13  # of the 132 pairs of animals, for each verb
_TOKEN = {word: index for index, word in enumerate(WORDS)}


def encode(text: str) -> list[int]:
    """Tokens of a text of known words.

    Examples
    --------
    >>> [WORDS[token] for token in encode("in the harbour .")]
    ['in', 'the', 'harbour', '.']
    """
    return [_TOKEN[word] for word in text.split()]


def opener(place: str) -> str:
    """The first sentence of a story."""
    return f"in the {place} ."


def pronoun_sentence(verb: str, subject: str, other: str, adjective: str, meant: str) -> str:
    """A clause whose pronoun means ``meant``, and who that is."""
    return (
        f"a {subject} {verb} the {other} because it was {adjective} . it is the {meant} . "
        f"yes the {meant} ."
    )


def number(value: int) -> str:
    """The word for a number from 2 to 18."""
    return NUMBERS[value - 2]


def count_sentence(first: int, second: int, fruit: str) -> str:
    """A sum."""
    total = number(first + second)
    return f"{number(first)} {fruit} and {number(second)} {fruit} make {total} {fruit} ."


def bracket_sentence(brackets: tuple[str, ...]) -> str:
    """Brackets opened and closed in turn."""
    opened = " ".join(bracket[0] for bracket in brackets)
    closed = " ".join(bracket[1] for bracket in reversed(brackets))
    return f"open {opened} close {closed} ."


def topic_sentence(name: str, takes: str, first: str, second: str) -> str:
    """Somebody and two things."""
    return f"{name} {takes} the {first} and the {second} ."


@lru_cache(maxsize=1)
def held_out_animals() -> dict[str, tuple[tuple[str, str], ...]]:
    """Pairs (subject, object) that never occur in training, for every verb."""
    pairs = list(permutations(ANIMALS, 2))
    rng = np.random.default_rng(0)
    chosen = {verb: rng.permutation(len(pairs))[:_HELD_OUT_PAIRS].tolist() for verb in VERBS}
    return {verb: tuple(pairs[index] for index in found) for verb, found in chosen.items()}


def held_out_addends(first: int) -> tuple[int, ...]:
    """The two second addends that never follow an even first one in training.

    The same two numbers in the other order do occur.

    Examples
    --------
    >>> held_out_addends(2), held_out_addends(8), held_out_addends(3)
    ((3, 5), (9, 3), ())
    """
    if first % 2:
        return ()
    low, count = ADDENDS.start, len(ADDENDS)
    return (low + (first - low + 1) % count, low + (first - low + 3) % count)


@dataclass(frozen=True, eq=False)
class Sentences:
    """All sentences that occur in training, in one table.

    Attributes
    ----------
    tokens : Tensor of int64, shape (sentences, LONGEST)
    lengths : Tensor of int64, shape (sentences,)
    starts, counts : Tensor of int64, shape (skills, places)
        Where the sentences of a skill that fit a place start, and how many there are.
    """

    tokens: Tensor
    lengths: Tensor
    starts: Tensor
    counts: Tensor


@lru_cache(maxsize=1)
def sentences() -> Sentences:
    """The table of all sentences of training."""
    same = [list(_pronouns()), list(_counts()), list(_brackets())]
    by_place = [
        [
            topic_sentence(name, takes, *pair)
            for name, takes, pair in product(NAMES, TAKES, permutations(things, 2))
        ]
        for things in PLACES.values()
    ]
    parts = [*same, *by_place]
    rows = [encode(text) for part in parts for text in part]
    tokens = torch.zeros(len(rows), LONGEST, dtype=torch.int64)
    for index, row in enumerate(rows):
        tokens[index, : len(row)] = torch.tensor(row)
    counts = torch.tensor([len(part) for part in parts])
    starts = counts.cumsum(0) - counts
    shown = torch.tensor(  # which part a skill takes its sentences from, place by place
        [[skill] * len(PLACES) for skill in range(len(same))]
        + [[len(same) + place for place in range(len(PLACES))]]
    )
    return Sentences(tokens, torch.tensor([len(row) for row in rows]), starts[shown], counts[shown])


def _pronouns() -> Iterator[str]:
    for verb, adjectives in VERBS.items():
        for subject, other in permutations(ANIMALS, 2):
            if (subject, other) not in held_out_animals()[verb]:
                for ours, theirs in adjectives:
                    yield pronoun_sentence(verb, subject, other, ours, subject)
                    yield pronoun_sentence(verb, subject, other, theirs, other)


def _counts() -> Iterator[str]:
    for first, second, fruit in product(ADDENDS, ADDENDS, FRUITS):
        if second not in held_out_addends(first):
            yield count_sentence(first, second, fruit)


def _brackets() -> Iterator[str]:
    for depth in DEPTHS:
        for brackets in product(BRACKETS, repeat=depth):
            yield bracket_sentence(brackets)
