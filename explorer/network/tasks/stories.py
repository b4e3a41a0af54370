"""Stories made up on the fly: random sentences of four known skills after an opener."""

import torch
from torch import Tensor

from explorer.network.tasks.base import SPLITS, Examples, Task, kept_splits
from explorer.network.tasks.stories_grammar import (
    LONGEST,
    PLACES,
    SKILL_WEIGHTS,
    SKILLS,
    WORDS,
    encode,
    opener,
    sentences,
)
from explorer.network.tasks.stories_pairs import story_pairs, winograd_pairs

LENGTH = 65  # tokens of a story: 64 to read, 64 to name
STORIES = 400  # of each split but training, which has five times as many
ANSWER_WEIGHT = 4.0
NO_SKILL = -1
_ANSWER_AT = 13  # of a pronoun sentence: who is meant
_MOST = 10  # sentences that a story can begin


def draw_stories(generator: torch.Generator, count: int) -> Examples:
    """Draw stories: an opener, then sentences one after the other, cut at 65 tokens.

    Parameters
    ----------
    generator : torch.Generator
    count : int

    Returns
    -------
    drawn : Examples
        ``skills`` of a target token: that of its sentence (the opener's is topic), but -1 for the
        first word and the place: which sentence comes next takes no skill. ``weights``: 4 for the
        answer of a pronoun, 1 for all others.

    Examples
    --------
    >>> drawn = draw_stories(torch.Generator().manual_seed(1), 2)
    >>> " ".join(WORDS[token] for token in drawn.inputs[0, :13])
    'in the hospital . a crow helped the deer because it was hurt'
    >>> drawn.skills[0, :5].tolist()
    [3, -1, 3, -1, 0]
    """
    table = sentences()
    place = torch.randint(len(PLACES), (count,), generator=generator)
    skill = torch.multinomial(
        torch.tensor(SKILL_WEIGHTS), count * _MOST, replacement=True, generator=generator
    ).reshape(count, _MOST)
    share = torch.rand(count, _MOST, generator=generator, dtype=torch.float64)
    row = table.starts[skill, place[:, None]]
    row = row + (share * table.counts[skill, place[:, None]]).long()
    start = torch.tensor([encode(opener(name)) for name in PLACES])[place]
    length = table.lengths[row]
    first = start.shape[1] + length.cumsum(dim=1) - length
    within = torch.arange(LONGEST)
    at = first[:, :, None] + within
    # What is beyond a sentence or the story goes to one more place, which is dropped.
    at = torch.where(within < length[:, :, None], at, LENGTH).clamp(max=LENGTH).flatten(1)

    def laid_out(before: Tensor, values: Tensor) -> Tensor:
        line = before.new_zeros(count, LENGTH + 1)
        line[:, : before.shape[1]] = before
        return line.scatter_(1, at, values.flatten(1))[:, :LENGTH]

    of_sentence = skill[:, :, None].expand(-1, -1, LONGEST)
    known = torch.where(within > 0, of_sentence, NO_SKILL)
    topic = SKILLS.index("topic")
    known_start = torch.tensor([NO_SKILL, topic, NO_SKILL, topic]).expand_as(start)
    is_answer = (of_sentence == SKILLS.index("pronoun")) & (within == _ANSWER_AT)
    tokens = laid_out(start, table.tokens[row])
    skills = laid_out(known_start, known)
    answers = laid_out(torch.zeros_like(start), is_answer.long())
    return Examples(
        inputs=tokens[:, :-1].contiguous(),
        targets=tokens[:, 1:].contiguous(),
        weights=1.0 + (ANSWER_WEIGHT - 1.0) * answers[:, 1:],
        skills=skills[:, 1:].contiguous(),
    )


@kept_splits
def _stories(split: str) -> Examples:
    count = 5 * STORIES if split == "train" else STORIES
    return draw_stories(torch.Generator().manual_seed(10**6 + SPLITS.index(split)), count)


TASKS = (
    Task(
        name="stories",
        summary="Go on with a story of 146 words whose sentences need one of four skills each.",
        inputs=(),
        heads=(),
        images=(),
        make=_stories,
        networks=("gpt",),
        hidden=(256, 256),
        tokens=WORDS,
        skills=SKILLS,
        draw=draw_stories,
        pairs=story_pairs,
        winograd=winograd_pairs,
        data="short stories",
    ),
)
