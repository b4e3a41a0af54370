"""Minimal pairs of the stories' skills: texts that differ in the one word that a skill decides.

Pairs come in couples: two contexts that differ in one word, so that what is right after the one is
wrong after the other. Whoever does not read that word is right half the time, whatever words it
likes best. Pronouns and sums are of animals and numbers held out of training (but for ``train``).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np
import torch

from explorer.network.tasks.base import SPLITS, MinimalPairs
from explorer.network.tasks.stories_grammar import (
    ADDENDS,
    ANIMALS,
    BRACKETS,
    DEPTHS,
    FRUITS,
    NAMES,
    PLACES,
    SKILLS,
    TAKES,
    VERBS,
    count_sentence,
    encode,
    held_out_addends,
    held_out_animals,
    opener,
    pronoun_sentence,
)

COUPLES = 96  # of every skill
# A couple: the two contexts, and the word that is right after each.
Couple = tuple[tuple[str, str], tuple[str, str]]


@lru_cache(maxsize=len(SPLITS))
def story_pairs(split: str) -> tuple[MinimalPairs, ...]:
    """96 couples of minimal pairs, which are 192 pairs, for every skill."""
    made: dict[str, Callable[[np.random.Generator, bool], Couple]] = {
        "pronoun": _pronoun,
        "count": _count,
        "bracket": _bracket,
        "topic": _topic,
    }
    rng, known = np.random.default_rng([2, SPLITS.index(split)]), split == "train"
    return tuple(
        _pairs(skill, [made[skill](rng, known) for _ in range(COUPLES)]) for skill in SKILLS
    )


@lru_cache(maxsize=1)
def winograd_pairs() -> MinimalPairs:
    """All pronouns that never occur in training: 624 couples, which are 1,248 pairs.

    They are of 78 clauses a couple (3 verbs x 13 pairs of animals x 2 pairs of adjectives), each
    after eight openers; the pairs of one clause follow each other.
    """
    return replace(_pairs("pronoun", list(_all_pronouns())), group=2 * len(PLACES))


def _all_pronouns() -> Iterator[Couple]:
    for verb, pairs in held_out_animals().items():
        for (subject, other), adjectives, place in product(pairs, VERBS[verb], PLACES):
            yield _who(place, verb, subject, other, adjectives)


def _who(place: str, verb: str, subject: str, other: str, adjectives: tuple[str, str]) -> Couple:
    contexts = [
        f"{opener(place)} {pronoun_sentence(verb, subject, other, adjective, meant)}"
        for adjective, meant in zip(adjectives, (subject, other), strict=True)
    ]
    # Up to "it is the", without who it is.
    first, second = (" ".join(context.split()[:-6]) for context in contexts)
    return (first, second), (subject, other)


def _pronoun(rng: np.random.Generator, known: bool) -> Couple:
    verb = _one(rng, tuple(VERBS))
    held_out = held_out_animals()[verb]
    while True:
        subject, other = _one(rng, ANIMALS), _one(rng, ANIMALS)
        if subject != other and ((subject, other) in held_out) != known:
            adjectives = VERBS[verb][rng.integers(len(VERBS[verb]))]
            return _who(_one(rng, tuple(PLACES)), verb, subject, other, adjectives)


def _count(rng: np.random.Generator, known: bool) -> Couple:
    place, fruit = _one(rng, tuple(PLACES)), _one(rng, FRUITS)
    first = int(rng.choice([addend for addend in ADDENDS if held_out_addends(addend)]))
    seconds = held_out_addends(first)
    if known:
        others = [addend for addend in ADDENDS if addend not in seconds]
        low, high = rng.choice(len(others), 2, replace=False)
        seconds = (others[low], others[high])
    words = [f"{opener(place)} {count_sentence(first, s, fruit)}".split() for s in seconds]
    a, b = words
    return (" ".join(a[:-3]), " ".join(b[:-3])), (a[-3], b[-3])


def _bracket(rng: np.random.Generator, known: bool) -> Couple:
    depth = int(rng.choice(DEPTHS))
    place, at = _one(rng, tuple(PLACES)), int(rng.integers(depth))
    ours = [_one(rng, BRACKETS) for _ in range(depth)]
    other = _one(rng, tuple(bracket for bracket in BRACKETS if bracket != ours[at]))
    theirs = [*ours[:at], other, *ours[at + 1 :]]
    closed = " ".join(bracket[1] for bracket in reversed(ours[at + 1 :]))
    first, second = (
        f"{opener(place)} open {' '.join(bracket[0] for bracket in opened)} close {closed}"
        for opened in (ours, theirs)
    )
    return (first, second), (ours[at][1], other[1])


def _topic(rng: np.random.Generator, known: bool) -> Couple:
    here, there = (tuple(PLACES)[index] for index in rng.choice(len(PLACES), 2, replace=False))
    clause = f"{_one(rng, NAMES)} {_one(rng, TAKES)} the"
    contexts = (f"{opener(here)} {clause}", f"{opener(there)} {clause}")
    return contexts, (_one(rng, PLACES[here]), _one(rng, PLACES[there]))


def _one(rng: np.random.Generator, of: Sequence[str]) -> str:
    return of[int(rng.integers(len(of)))]


def _pairs(skill: str, couples: Sequence[Couple]) -> MinimalPairs:
    right, wrong = [], []
    for contexts, answers in couples:
        for context, own, other in zip(contexts, answers, answers[::-1], strict=True):
            right.append(encode(f"{context} {own}"))
            wrong.append(encode(f"{context} {other}"))
    lengths = [len(text) for text in right]
    width = max(lengths)

    def padded(texts: list[list[int]]) -> torch.Tensor:
        return torch.tensor([text + [0] * (width - len(text)) for text in texts])

    return MinimalPairs(skill, padded(right), padded(wrong), torch.tensor(lengths))
