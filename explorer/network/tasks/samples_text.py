"""A text cut into snippets by a network's own tokenizer."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.errors import TaskError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LENGTH = 64  # tokens that the network reads at once
MAX_SNIPPETS = 500  # of which 200 are for the explain split
MIN_SNIPPETS = 10
_SHORTEST = 8  # tokens of a snippet, where a text is short
_PASSAGES = 100  # evenly over a long text
_PASSAGE = 15_000  # characters
_MOST_IN_A_TOKEN = 100  # characters without a space are cut here, lest one token eats the text


def snippets_of(
    text: str, tokenizer: "Tokenizer", size: int, names_next: bool, most: int = LENGTH
) -> tuple[NDArray[np.int32], tuple[int, ...]]:
    """Cut a text into snippets of tokens, at most 500 that lie evenly over it.

    A snippet has 64 tokens, and one more to name at the end; those of a short text are shorter, so
    that there are at least 10. Marks that the tokenizer puts before a text begin every snippet; of
    a network that names the tokens it reads, marks behind it end every snippet.

    Parameters
    ----------
    text : str
    tokenizer : Tokenizer
    size : int
        Tokens that the network knows.
    names_next : bool
        Whether the network names the next token, and not the one it reads.
    most : int
        Tokens that the network reads at once, at most.

    Returns
    -------
    array of int32, shape (snippets, tokens)
    tuple of int
        The marks.

    Raises
    ------
    TaskError
        If the text is too short, or has a token that the network does not know.
    """
    before, after = marks_around(tokenizer)
    after = () if names_next else after
    passages = [
        np.array(tokenizer.encode(passage, add_special_tokens=False).ids, dtype=np.int64)
        for passage in _passages(text)
    ]
    tokens = np.concatenate(passages)
    if len(tokens) and not 0 <= tokens.max() < size:
        raise TaskError(
            f"found the token {tokens.max():,} in the text; expected tokens below {size:,}, as "
            f"many as the network knows: its tokenizer is another network's"
        )
    more = int(names_next) - len(before) - len(after)
    length = min(LENGTH, most, len(tokens) // MIN_SNIPPETS - more)
    if length < _SHORTEST:
        least = MIN_SNIPPETS * (_SHORTEST + more)
        raise TaskError(
            f"found a text of {len(tokens):,} tokens; expected at least {least}, which are about "
            f"{round(least * 0.75):d} words, or the path of a file that is longer"
        )
    own = length + more
    cut = [
        one[start : start + own] for one in passages for start in range(0, len(one) - own + 1, own)
    ]
    wanted = min(len(cut), MAX_SNIPPETS)
    chosen = np.stack([cut[at * len(cut) // wanted] for at in range(wanted)])
    sides = [np.tile(np.array(side, dtype=np.int64), (wanted, 1)) for side in (before, after)]
    found = np.concatenate([sides[0], chosen, sides[1]], axis=1)
    return found.astype(np.int32), tuple(sorted({*before, *after}))


def marks_around(tokenizer: "Tokenizer") -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Tokens that the tokenizer puts before and behind every text."""
    whole = tokenizer.encode("a", add_special_tokens=True)
    special = whole.special_tokens_mask
    first = next((at for at, mark in enumerate(special) if not mark), len(special))
    last = len(special) - next((n for n, mark in enumerate(special[::-1]) if not mark), 0)
    if first >= last:  # the letter itself is a mark, as of a vocabulary without letters
        return (), ()
    return tuple(whole.ids[:first]), tuple(whole.ids[last:])


def _passages(text: str) -> Iterator[str]:
    """A text in one piece, or of a long one a hundred passages that lie evenly over it."""
    if len(text) <= _PASSAGES * _PASSAGE:
        yield from _unrolled(text)
        return
    starts = [at * (len(text) - _PASSAGE) // (_PASSAGES - 1) for at in range(_PASSAGES)]
    for start in starts:
        piece = text[start : start + _PASSAGE]
        yield from _unrolled(piece.partition(" ")[2].rpartition(" ")[0] or piece)


def _unrolled(text: str) -> Iterator[str]:
    """Cut text where it has no spaces for so long that tokenizers take minutes."""
    longest = 10_000 * _MOST_IN_A_TOKEN
    if max(map(len, text.split(" "))) * 10 < longest:
        yield text
        return
    places = [*range(0, len(text), longest // 10), len(text)]
    yield from (text[a:b] for a, b in pairwise(places))
