"""What networks with different tokenizers do in one text: at the places where a token of both ends.

The tokens of two tokenizers are not the same, but both end at most ends of words. There, both
networks have read the same characters and nothing else, so what they do can be put side by side.
"""

from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from explorer.errors import TaskError
from explorer.modularity.partition import Partition
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Ints
from explorer.network.tasks.samples import BUILT_IN
from explorer.network.tasks.samples_text import LENGTH, marks_around
from explorer.network.tasks.samples_vocabulary import open_tokenizer
from explorer.network.tasks.text import docstrings
from explorer.observation.activations import SPLIT, Recording
from explorer.observation.streaming import Progress, batches, observed, one_number, weight_out

_PASSAGES = 80
_CHARACTERS = 320  # of a passage of the built-in text: about 64 tokens
_FEWEST = 32  # places
_DROPPED = 0.1  # share of the passages, for all others to be cut at a later token


@dataclass(frozen=True)
class CommonText:
    """A text as two networks read it.

    Attributes
    ----------
    title : str
    tokens : tuple of two Tensor, shape (passages, tokens)
        As each network reads it.
    places : tuple of two arrays of int
        Where in these, counted along the rows, a token of each ends after the same characters.
    """

    title: str
    tokens: tuple[Tensor, Tensor]
    places: tuple[Ints, Ints]


def common_text(first: Partition, second: Partition, most: int) -> CommonText | None:
    """Cut one text by the tokenizers of two networks.

    It is the text that one of them was run on, or else one that is always there.

    Parameters
    ----------
    first, second : Partition
    most : int
        Places to return: where there are more, some that lie evenly over them.

    Returns
    -------
    CommonText or None
        None where one of them reads no text, came without its tokenizer, or is too seldom at the
        end of a token together with the other.
    """
    one, two = _reader(first), _reader(second)
    if one is None or two is None:
        return None
    pair = one, two
    for checkpoint, tokenizer in pair:
        task = checkpoint.task
        if task is not None and task.is_text and task.opened:
            read = observed(task, SPLIT).tolist()
            found = _cut(task.title, [tokenizer.decode(row).strip() for row in read], pair, most)
            if found is not None:
                return found
    return _cut(f"the {BUILT_IN}", _built_in(), pair, most)


@torch.no_grad()
def read_places(
    checkpoint: Checkpoint, tokens: Tensor, places: Ints, progress: Progress | None = None
) -> Recording:
    """Run a network on passages, and keep what its neurons do at some places.

    Parameters
    ----------
    checkpoint : Checkpoint
    tokens : Tensor, shape (passages, tokens)
    places : array of int
        Counted along the rows of ``tokens``, rising.
    progress : callable, optional

    Returns
    -------
    Recording
        One row a place.
    """
    network = checkpoint.network
    parts = []
    length = tokens.shape[1]
    for rows, batch in batches(network, tokens, progress, inside=True):
        inside = (places >= rows.start * length) & (places < rows.stop * length)
        at = torch.from_numpy(places[inside] - rows.start * length)
        layers = network.inside(batch).layers
        parts.append(
            torch.cat([one_number(one, network.example_axes)[at].float() for one in layers], dim=1)
        )
    reach = weight_out(network).double().numpy()
    return Recording(torch.cat(parts).numpy(), reach, checkpoint.id)


_Reader = tuple[Checkpoint, Tokenizer]


def _reader(partition: Partition) -> _Reader | None:
    checkpoint = partition.graph.checkpoint
    if checkpoint is None or checkpoint.network.reads != "tokens" or checkpoint.origin is None:
        return None
    try:
        return checkpoint, open_tokenizer(checkpoint.origin.tokenizer, checkpoint.name)
    except TaskError:
        return None


def _built_in() -> list[str]:
    """Passages that lie evenly over the built-in text, each from the beginning of a word."""
    text = docstrings("networkx")
    starts = np.linspace(0, len(text) - 2 * _CHARACTERS, _PASSAGES).astype(int).tolist()
    starts = [text.index(" ", start) + 1 for start in starts]
    return [text[start : start + _CHARACTERS] for start in starts]


def _cut(
    title: str, passages: list[str], pair: tuple[_Reader, _Reader], most: int
) -> CommonText | None:
    """Cut passages by both tokenizers, all to one length; None if too little is common."""
    encoded = [[tok.encode(p, add_special_tokens=False) for p in passages] for _, tok in pair]
    counts = np.array([[len(one.ids) for one in side] for side in encoded])
    marks = [marks_around(tokenizer)[0] for _, tokenizer in pair]
    limits = [min(LENGTH, checkpoint.network.most_positions) for checkpoint, _ in pair]
    lengths = [
        min(limits[side] - len(marks[side]), int(np.quantile(counts[side], _DROPPED)))
        for side in range(2)
    ]
    kept = np.flatnonzero((counts >= np.array(lengths)[:, None]).all(axis=0))
    if min(lengths) < 2 or not len(kept):
        return None
    tokens: list[list[list[int]]] = [[], []]
    places: list[list[int]] = [[], []]
    for row, passage in enumerate(kept.tolist()):
        ends: list[dict[int, int]] = []
        for side in range(2):
            one, length, before = encoded[side][passage], lengths[side], len(marks[side])
            tokens[side].append([*marks[side], *one.ids[:length]])
            start = row * (before + length) + before
            # Of the tokens of one character the last counts. The first token of a passage has
            # nothing before it, and does not tell what a network does in a text.
            ends.append({one.offsets[at][1]: start + at for at in range(1, length)})
        for end in sorted(ends[0].keys() & ends[1].keys()):
            for side in range(2):
                places[side].append(ends[side][end])
    count = len(places[0])
    if count < _FEWEST or any(
        max(map(max, tokens[side])) >= pair[side][0].network.input_size for side in range(2)
    ):
        return None
    chosen = np.unique(np.linspace(0, count - 1, min(count, most)).astype(int))
    return CommonText(
        title,
        (torch.tensor(tokens[0]), torch.tensor(tokens[1])),
        (np.array(places[0])[chosen], np.array(places[1])[chosen]),
    )
