"""The stories: their grammar, their labels, what is held out of training, their minimal pairs."""

import itertools
import re
import time
from collections import Counter

import pytest
import torch

from explorer.network.tasks import SPLITS, MinimalPairs, task
from explorer.network.tasks.stories import LENGTH, draw_stories
from explorer.network.tasks.stories_grammar import (
    ADDENDS,
    NUMBERS,
    PLACES,
    SKILL_WEIGHTS,
    SKILLS,
    VERBS,
    WORDS,
    encode,
    held_out_addends,
    held_out_animals,
    sentences,
)
from explorer.network.tasks.stories_pairs import story_pairs, winograd_pairs
from explorer.network.threads import single_threaded


def words(tokens: torch.Tensor) -> list[str]:
    return [WORDS[token] for token in tokens]


def drawn(count: int = 400, seed: int = 0):
    return draw_stories(torch.Generator().manual_seed(seed), count)


def skill_of(sentence: list[str]) -> str:
    """Tell by the words alone, and check the answer."""
    text = " ".join(sentence)
    if match := re.fullmatch(
        r"a (\w+) (\w+) the (\w+) because it was (\w+) \. it is the (\w+) \. yes the (\w+)", text
    ):
        subject, verb, other, adjective, meant, echo = match.groups()
        ours, theirs = zip(*VERBS[verb], strict=True)
        assert adjective in ours + theirs
        assert meant == echo == (subject if adjective in ours else other)
        return "pronoun"
    if match := re.fullmatch(r"(\w+) (\w+) and (\w+) \2 make (\w+) \2", text):
        a, _, b, total = match.groups()
        assert NUMBERS.index(a) + 2 + NUMBERS.index(b) + 2 == NUMBERS.index(total) + 2
        return "count"
    if sentence[0] == "open":
        at = sentence.index("close")
        closes = {"(": ")", "[": "]", "<": ">", "{": "}"}
        assert sentence[at + 1 :] == [closes[b] for b in reversed(sentence[1:at])]
        return "bracket"
    assert re.fullmatch(r"\w+ \w+ the \w+ and the \w+", text), text
    return "topic"


def test_the_vocabulary_has_146_different_words() -> None:
    assert len(WORDS) == len(set(WORDS)) == 146
    assert task("stories").tokens == WORDS


def test_every_whole_sentence_is_right_and_labelled_with_its_skill() -> None:
    examples = drawn()
    seen = Counter()
    for story, skills in zip(examples.inputs, examples.skills, strict=True):
        text = words(story)
        assert text[:2] == ["in", "the"] and text[2] in PLACES and text[3] == "."
        at = 4
        while at < len(text):
            # A pronoun's sentence holds three stops.
            stops = [i for i in range(at, len(text)) if text[i] == "."]
            needed = 3 if text[at] == "a" else 1
            if len(stops) < needed:
                break
            end = stops[needed - 1]
            skill = skill_of(text[at:end])
            assert skills[at - 1] == -1  # which sentence comes next takes no skill
            assert set(skills[at:end].tolist()) == {SKILLS.index(skill)}
            if skill == "topic":
                assert {text[at + 3], text[at + 6]} <= set(PLACES[text[2]])
                assert text[at + 3] != text[at + 6]
            seen[skill] += 1
            at = end + 1
        assert skills[:3].tolist() == [3, -1, 3]
    assert set(seen) == set(SKILLS)


def test_sentences_are_drawn_by_their_weights() -> None:
    # The first sentence of a story is never cut.
    first = drawn(20_000).skills[:, 4]
    shares = torch.bincount(first, minlength=4) / len(first)
    expected = torch.tensor(SKILL_WEIGHTS) / sum(SKILL_WEIGHTS)
    torch.testing.assert_close(shares, expected, atol=0.015, rtol=0)


def test_inputs_and_targets_are_one_story() -> None:
    examples = drawn()
    assert examples.inputs.shape == examples.targets.shape == (400, LENGTH - 1)
    assert torch.equal(examples.inputs[:, 1:], examples.targets[:, :-1])


def test_only_the_answer_of_a_pronoun_weighs_four() -> None:
    examples = drawn()
    assert set(examples.weights.unique().tolist()) == {1.0, 4.0}
    for story, at in (examples.weights == 4).nonzero().tolist():
        before = words(examples.inputs[story, max(0, at - 2) : at + 1])
        assert before == ["it", "is", "the"]
    asked = [
        (story, at)
        for story, row in enumerate(examples.inputs)
        for at in range(2, LENGTH - 1)
        if words(row[at - 2 : at + 1]) == ["it", "is", "the"]
    ]
    assert len(asked) == int((examples.weights == 4).sum())


def test_what_is_held_out_never_occurs_in_training() -> None:
    table = sentences()
    seen = {
        " ".join(words(row[:length]))
        for row, length in zip(table.tokens, table.lengths, strict=True)
    }
    for verb, pairs in held_out_animals().items():
        assert len(set(pairs)) == 13
        for subject, other in pairs:
            assert not any(text.startswith(f"a {subject} {verb} the {other}") for text in seen)
    for first in ADDENDS:
        for second in held_out_addends(first):
            one, two = NUMBERS[first - 2], NUMBERS[second - 2]
            assert not any(re.match(rf"{one} \w+ and {two} ", text) for text in seen)
            assert any(re.match(rf"{two} \w+ and {one} ", text) for text in seen)


def test_the_same_generator_draws_the_same_stories() -> None:
    assert torch.equal(drawn(5, 3).inputs, drawn(5, 3).inputs)
    assert not torch.equal(drawn(5, 3).inputs, drawn(5, 4).inputs)


def test_splits_are_of_different_stories() -> None:
    found = {
        split: {tuple(s) for s in task("stories").split(split).inputs.tolist()} for split in SPLITS
    }
    for first, second in itertools.combinations(SPLITS, 2):
        assert not found[first] & found[second]
    assert all(len(stories) >= 400 for stories in found.values())


def test_a_batch_is_drawn_in_a_few_milliseconds() -> None:
    generator = torch.Generator().manual_seed(0)
    times = []
    with single_threaded():
        for _ in range(50):
            start = time.perf_counter()
            draw_stories(generator, 64)
            times.append(time.perf_counter() - start)
    assert min(times) < 5e-3


def check_couples(pairs: MinimalPairs) -> None:
    for at in range(0, len(pairs), 2):
        length = int(pairs.lengths[at])
        assert int(pairs.lengths[at + 1]) == length
        ours, theirs = pairs.right[at, :length], pairs.right[at + 1, :length]
        assert int((ours[:-1] != theirs[:-1]).sum()) == 1  # the contexts differ in one word
        # What is right in one context is wrong in the other, and nothing else differs.
        assert pairs.wrong[at, length - 1] == theirs[-1]
        assert pairs.wrong[at + 1, length - 1] == ours[-1] != theirs[-1]
        assert torch.equal(pairs.wrong[at, : length - 1], ours[:-1])
        assert torch.equal(pairs.wrong[at + 1, : length - 1], theirs[:-1])


@pytest.mark.parametrize("split", SPLITS)
def test_pairs_come_in_couples_that_differ_in_one_word(split: str) -> None:
    found = story_pairs(split)
    assert [pairs.skill for pairs in found] == list(SKILLS)
    for pairs in found:
        assert len(pairs) == 192
        check_couples(pairs)


def is_trained_on(pairs: MinimalPairs, index: int) -> bool:
    text = words(pairs.right[index, : pairs.lengths[index]])[4:]
    if pairs.skill == "pronoun":
        return (text[1], text[4]) not in held_out_animals()[text[2]]
    first, second = (NUMBERS.index(text[i]) + 2 for i in (0, 3))
    return second not in held_out_addends(first)


def test_pairs_for_tests_are_held_out_of_training() -> None:
    for split, trained_on in (("train", True), ("validation", False), ("test", False)):
        for pairs in story_pairs(split)[:2]:
            assert {is_trained_on(pairs, i) for i in range(len(pairs))} == {trained_on}


def test_every_right_text_is_right() -> None:
    for pairs in story_pairs("test"):
        for row, length in zip(pairs.right, pairs.lengths, strict=True):
            text = words(row[4:length])
            if pairs.skill == "pronoun":
                assert skill_of([*text, ".", "yes", "the", text[-1]]) == "pronoun"
            elif pairs.skill == "count":
                assert skill_of([*text, text[1]]) == "count"
            elif pairs.skill == "bracket":
                opened = text[1 : text.index("close")]
                closed = text[text.index("close") + 1 :]
                closes = {"(": ")", "[": "]", "<": ">", "{": "}"}
                assert closed == [closes[b] for b in reversed(opened)][: len(closed)]
            else:
                assert text[-1] in PLACES[words(row[2:3])[0]]


def test_there_are_more_than_500_pronoun_pairs_for_tests() -> None:
    pairs = winograd_pairs()
    assert len(pairs) == 1_248
    check_couples(pairs)
    assert not any(is_trained_on(pairs, i) for i in range(len(pairs)))
    assert len({tuple(row) for row in pairs.right.tolist()}) == 1_248


def test_encode_and_words_are_inverse() -> None:
    assert words(torch.tensor(encode(" ".join(WORDS)))) == list(WORDS)
