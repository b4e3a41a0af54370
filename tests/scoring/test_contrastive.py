"""The contrastive score, with a language model whose probabilities are known."""

import math

import numpy as np
import pytest

from explorer.description.clients.base import Client
from explorer.description.prompts import contrast_prompt
from explorer.errors import DescriberError, ScoringError
from explorer.observation.facts import LabelShare
from explorer.scoring.contrastive import (
    MAX_FOILS,
    Contrast,
    contrast,
    contrastive_score,
    score_of_contrast,
)
from tests.scoring.truths import facts_of


class Reader(Client):
    """Finds a text likelier by a nat for every digit that it shares with the last figures.

    Long texts are less likely anyway, by a nat a letter, with or without figures.
    """

    name = id = "reader"

    def complete(self, prompt, limit):
        """Write nothing."""
        raise AssertionError("it is not asked to write")

    def log_probabilities(self, prompt, continuations):
        """Count what text and figures share."""
        figures = prompt.rpartition("Figures:")[2].partition("lost without")[0]
        return np.array(
            [
                -len(text) + sum(figures.count(letter) for letter in text if letter.isdigit())
                for text in continuations
            ],
            dtype=float,
        )


def facts_on(digit, part="A"):
    """Facts of a part that is active on one digit."""
    shares = tuple(
        LabelShare("digit", str(other), 0.1, 0.9 * (other == digit), 3.0 * (other == digit))
        for other in range(10)
    )
    return facts_of((), part).__class__(**{**vars(facts_of((), part)), "shares": shares})


def texts_on(digits):
    return [f"Active on {digit}{'!' * 9 * (digit == 0)}" for digit in digits]


def test_the_diagonal_wins_whatever_the_length_of_the_texts():
    facts, texts = [facts_on(digit) for digit in range(5)], texts_on(range(5))
    shares = []
    found = contrast(facts, texts, Reader(), shares.append)
    assert found.rows_won.all()
    assert found.columns_won.all()
    assert np.array_equal(found.matrix, np.eye(5))
    # Without the correction, the long right text loses against short wrong ones.
    assert found.likelihood[0].argmax() != 0
    assert shares == [0.2, 0.4, 0.6, 0.8, 1.0]


def test_swapped_texts_lose():
    facts, texts = [facts_on(digit) for digit in range(4)], texts_on(range(4))
    found = contrast(facts, texts[1:] + texts[:1], Reader())
    assert not found.rows_won.any()
    assert not found.columns_won.any()


def test_random_probabilities_win_as_often_as_chance():
    rng = np.random.default_rng(0)
    names = tuple("ABCDEFGHIJ")
    wins = [
        Contrast(names, rng.normal(size=(10, 10)), rng.normal(size=10)).columns_won.mean()
        for _ in range(200)
    ]
    assert np.mean(wins) == pytest.approx(0.1, abs=0.02)


def test_one_text_against_its_foils():
    texts = texts_on(range(6))
    found = contrastive_score(texts[2], facts_on(2), [*texts[:2], *texts[3:]], Reader())
    assert (found.value, found.chance, found.ceiling) == (1, 0.5, 1)
    assert found.low == pytest.approx(0.566, abs=0.001)  # Wilson's for 5 of 5
    assert found.high == 1
    assert found.nulls[0].mean == pytest.approx(0.4)  # beaten by one of five, and four ties
    wrong = contrastive_score(texts[1], facts_on(2), [texts[2], texts[3]], Reader())
    assert wrong.value == 0.25  # loses to the right one, ties with another wrong one
    foils = [text for text in texts if text != texts[2]]
    assert contrastive_score(texts[2], facts_on(2), foils[::-1], Reader()) == found


def test_a_matrix_and_a_row_tell_the_same():
    facts, texts = [facts_on(digit) for digit in range(4)], texts_on([0, 2, 2, 3])
    found = contrast(facts, texts, Reader())
    for at in range(4):
        foils = texts[:at] + texts[at + 1 :]
        assert score_of_contrast(found, at) == contrastive_score(
            texts[at], facts[at], foils, Reader()
        )
    assert not found.rows_won[2]  # two modules with the same text: neither can be told


def test_at_most_16_foils():
    asked = []

    class Counting(Reader):
        def log_probabilities(self, prompt, continuations):
            asked.append(len(continuations))
            return super().log_probabilities(prompt, continuations)

    contrastive_score("Active on 1", facts_on(1), texts_on(range(30)), Counting())
    assert asked == [MAX_FOILS + 1] * 2
    with pytest.raises(ScoringError, match="found 18 parts and 18 descriptions; expected"):
        contrast([facts_on(1)] * 18, ["x"] * 18, Reader())
    with pytest.raises(ScoringError, match="found 1 parts and 2 descriptions; expected"):
        contrast([facts_on(1)], ["x", "y"], Reader())


def test_without_foils_there_is_nothing_to_tell():
    found = contrastive_score("Active on 1", facts_on(1), [], Reader())
    assert math.isnan(found.value)
    assert "no description of another module" in found.reason


def test_a_model_that_tells_no_probabilities():
    class Silent(Reader):
        def log_probabilities(self, prompt, continuations):
            return Client.log_probabilities(self, prompt, continuations)

    with pytest.raises(DescriberError, match="does not tell the probability"):
        contrastive_score("Active on 1", facts_on(1), ["Active on 2"], Silent())


def test_the_prompt_does_not_name_the_part():
    """A text that begins with the part's name must not win by that."""
    named = contrast_prompt(facts_on(3, part="QQ"))
    assert "QQ" not in named
    assert named == contrast_prompt(facts_on(3, part="ZZ"))
