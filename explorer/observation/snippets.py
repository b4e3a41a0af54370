"""Places of a text where a part is most active, in words that are safe to show and to pass on."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from explorer.network.graph import Floats
from explorer.network.tasks import Task
from explorer.observation.activations import SPLIT
from explorer.observation.streaming import observed

_SNIPPETS = 8
_BEFORE, _AFTER = 10, 3  # tokens of context; of characters, three times as many
_LONGEST = 160
_SAME = 3


def snippets_of(task: Task, activity: Floats, split: str = SPLIT) -> tuple[str, ...]:
    """Show the tokens on which a part is most active, one of a text, each with its neighbours.

    The same token is shown at most three times.

    Parameters
    ----------
    task : Task
        Of text; any other has no snippets.
    activity : array, shape (rows,)
        See ``part_activity``.
    split : str

    Returns
    -------
    tuple of str
        At most 8 lines of at most 160 characters, the token marked as ``[token]``.

    Examples
    --------
    >>> from explorer.network.tasks import task
    >>> activity = np.zeros(64 * 64)
    >>> activity[3 * 64 + 2] = 1.0
    >>> snippets_of(task("stories"), activity)
    ('in the [workshop] . a mouse',)
    """
    if not task.is_text:
        return ()
    texts = observed(task, split)
    size = np.round(activity, 5).reshape(len(texts), -1)
    best = size.argmax(axis=1)
    found: list[str] = []
    shown: Counter[int] = Counter()
    for text in np.argsort(-size.max(axis=1), kind="stable").tolist():
        tokens, at = texts[text].tolist(), int(best[text])
        shown[tokens[at]] += 1
        if size[text, at] > 0 and shown[tokens[at]] <= _SAME and len(found) < _SNIPPETS:
            kept = [place for place in range(len(tokens)) if tokens[place] not in task.marks]
            words = [task.tokens[tokens[place]] for place in kept]
            found.append(snippet(words, kept.index(at), task.joint))
    return tuple(found)


def snippet(tokens: Sequence[str], at: int, joint: str | None = None) -> str:
    r"""Write a token in brackets, with some of what stands around it.

    Whatever is no printable character becomes a space, so that a text can neither break a line nor
    hide. ``joint`` stands between tokens, by default a space unless they are characters.

    Examples
    --------
    >>> snippet(["to", "be", "or", "not"], 1), snippet(list("ab\ncd"), 2)
    ('to [be] or not', 'ab[ ]cd')
    >>> snippet(["to", " be", "come", " or"], 1, joint="")
    'to [be]come or'
    """
    words = any(len(token) > 1 for token in tokens)
    gap = joint if joint is not None else " " if words else ""
    wide = 1 if words else 3
    before, after = tokens[max(0, at - wide * _BEFORE) : at], tokens[at + 1 :][: wide * _AFTER]
    token = tokens[at]
    marked = f" [{token[1:]}]" if token[:1] == " " and token[1:] else f"[{token}]"
    line = gap.join(part for part in (gap.join(before), marked, gap.join(after)) if part)
    line = line.lstrip(" ") if not gap else line
    return "".join(c if c.isprintable() else " " for c in line)[:_LONGEST]
