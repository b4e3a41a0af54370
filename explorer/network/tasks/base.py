"""What a task is: data in splits, what its inputs and outputs mean, what a network must be able to.

A task of numbers has one or more *heads*: groups of outputs that answer one question each (which
digit is on the left?). A task of text has a vocabulary, and *skills* that its tokens are labelled
with. Data is cut into disjoint splits: ``train``, ``validation`` (to choose settings), ``explain``
(to write descriptions and draw evidence from), ``score`` (to judge them) and ``test`` (to report).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from explorer.errors import TaskError

if TYPE_CHECKING:
    from explorer.network.architectures import Network
    from explorer.network.tasks.planted.base import Planted

SPLITS = ("train", "validation", "explain", "score", "test")
SHARES = (0.6, 0.1, 0.1, 0.1, 0.1)


@dataclass(frozen=True)
class Head:
    """A group of outputs that answers one question, one output a class."""

    name: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class InputImage:
    """Inputs ``start`` to ``start + rows * columns`` are the pixels of an image, row by row.

    A colour picture is three images in a row, named red, green and blue, of the same ``picture``.

    Attributes
    ----------
    name : str
    start, rows, columns : int
    picture : str
        Name of the colour picture of which it is one plane; empty for a picture by itself.
    scale, shift : float
        ``scale * input + shift`` is the brightness to show, from 0 to 1.
    """

    name: str
    start: int
    rows: int
    columns: int
    picture: str = ""
    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True)
class Examples:
    """Labelled examples.

    Attributes
    ----------
    inputs : Tensor
        Numbers of shape (n, inputs), or tokens of shape (n, positions).
    targets : Tensor of int64
        Classes of shape (n, heads), or the tokens that follow, of shape (n, positions).
    weights : Tensor or None
        How much each target token counts in the loss; of text only, None for all alike.
    skills : Tensor of int64 or None
        Index into ``Task.skills`` of every target token, -1 for none; of text only.
    """

    inputs: Tensor
    targets: Tensor
    weights: Tensor | None = None
    skills: Tensor | None = None

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.inputs)

    def __getitem__(self, chosen: Tensor | slice) -> "Examples":
        """Return some of the examples."""
        return Examples(
            self.inputs[chosen],
            self.targets[chosen],
            None if self.weights is None else self.weights[chosen],
            None if self.skills is None else self.skills[chosen],
        )


@dataclass(frozen=True)
class MinimalPairs:
    """Texts in pairs that differ in what a skill decides: a network should prefer the right one.

    Attributes
    ----------
    skill : str
    right, wrong : Tensor of int64, shape (pairs, positions)
        Token by token; ``right[i]`` and ``wrong[i]`` have the same length.
    lengths : Tensor of int64, shape (pairs,)
        Tokens that count; what follows is padding.
    group : int
        So many pairs that follow each other share their words: for intervals they count as one.
    """

    skill: str
    right: Tensor
    wrong: Tensor
    lengths: Tensor
    group: int = 1

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.right)


@dataclass(frozen=True)
class Task:
    """What a network is trained to do.

    Attributes
    ----------
    name : str
        Key in the registry.
    summary : str
        One sentence for people.
    inputs : tuple of str
        Name of every input; empty for a text.
    heads : tuple of Head
        Empty for a text.
    images : tuple of InputImage
        Inputs that are pixels; empty where inputs are not images.
    distinct : int or None
        Number of independent items that the examples of the test split are made of, where there are
        fewer than examples.
    exhaustive : bool
        Whether every split holds all inputs there are, those of training included.
    networks : tuple of str
        Kinds of network that can learn it (see ``explorer.network.architectures``), the usual one
        first.
    hidden : tuple of int
        Widths of hidden layers that suit it.
    tokens : tuple of str
        Vocabulary of a text, as it is shown; empty for numbers.
    skills : tuple of str
        What the tokens of a text are labelled with.
    title : str
        Name for people, of a task made of a user's own file; empty where ``name`` serves.
    data : str
        What its examples are, in words for many of them: ``images of handwritten digits``. Where
        it is empty, as for a user's own file, ``data_in_words`` has something neutral.
    declared : tuple of tuple of str
        What it is said to be for: of every head, the names of the ``images`` that its answer may
        depend on. Empty where nothing is declared.
    opened : bool
        Whether it is data that somebody brought to look at an opened network with, and not what the
        network was trained on.
    texts : int
        So many texts of a split are looked at token by token.
    marks : tuple of int
        Tokens that a tokenizer puts around every text: they are no text, and activity there (which
        is often huge, and the same in every text) counts nowhere.
    planted : Planted or None
        What its training data is made to teach besides what it says, and how to see it; None for
        the tasks that are what they say. Auditors never get such a task (see
        ``explorer.auditing.view``).

    Examples
    --------
    >>> from explorer.network.tasks import task
    >>> digits = task("digits")
    >>> len(digits.split("train")), digits.heads[0].classes[:3]
    (1078, ('0', '1', '2'))
    """

    name: str
    summary: str
    inputs: tuple[str, ...]
    heads: tuple[Head, ...]
    images: tuple[InputImage, ...]
    make: Callable[[str], Examples] = field(repr=False)
    distinct: int | None = None
    exhaustive: bool = False
    networks: tuple[str, ...] = ("mlp",)
    hidden: tuple[int, ...] = (64, 64)
    tokens: tuple[str, ...] = field(default=(), repr=False)
    skills: tuple[str, ...] = ()
    title: str = ""
    data: str = ""
    # A fresh batch of this many examples; None where batches are drawn from the training split.
    draw: Callable[[torch.Generator, int], Examples] | None = field(default=None, repr=False)
    # Minimal pairs of every skill for a split; None where there are none.
    pairs: Callable[[str], tuple[MinimalPairs, ...]] | None = field(default=None, repr=False)
    # A few examples that are known to be what they say; None where the validation split serves.
    trusted: Callable[[], Examples] | None = field(default=None, repr=False)
    declared: tuple[tuple[str, ...], ...] = ()
    planted: "Planted | None" = field(default=None, repr=False)
    opened: bool = False
    texts: int = 64
    marks: tuple[int, ...] = ()
    # Many Winograd-style pairs that never occur in training: a pronoun flips with one word.
    winograd: Callable[[], MinimalPairs] | None = field(default=None, repr=False)

    def __hash__(self) -> int:
        """Hash the name: a vocabulary may have hundreds of thousands of tokens."""
        return hash(self.name)

    @property
    def is_text(self) -> bool:
        """Whether it reads tokens and not numbers."""
        return bool(self.tokens)

    @property
    def joint(self) -> str:
        """What to write between tokens: a space between words, nothing between pieces of them."""
        pieces = self.opened or max((len(token) for token in self.tokens), default=0) == 1
        return "" if pieces else " "

    @property
    def data_in_words(self) -> str:
        """What its examples are: a noun in the plural, with what belongs to it."""
        return self.data or (
            "texts" if self.is_text else "images" if self.images else "rows of a table"
        )

    @property
    def outputs(self) -> tuple[str, ...]:
        """Name of every output: its head and class, or its token."""
        if self.is_text:
            return self.tokens
        return tuple(f"{head.name} {label}" for head in self.heads for label in head.classes)

    @property
    def head_slices(self) -> tuple[slice, ...]:
        """The outputs that belong to each head."""
        ends = np.cumsum([len(head.classes) for head in self.heads]).tolist()
        return tuple(slice(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True))

    def split(self, name: str) -> Examples:
        """Return the examples of one split."""
        if name not in SPLITS:
            raise TaskError(f"found split {name!r}; expected one of {', '.join(SPLITS)}")
        return self.make(name)

    def batch(self, generator: torch.Generator, size: int) -> Examples:
        """Draw a batch to train on."""
        if self.draw is not None:
            return self.draw(generator, size)
        data = self.split("train")
        return data[torch.randint(len(data), (size,), generator=generator)]

    def trusted_examples(self, count: int) -> Examples:
        """Return examples whose labels are known to be right, of which ``train`` holds none.

        Those of the validation split, where the task has no others.

        Raises
        ------
        TaskError
            If there are not so many.
        """
        found = self.split("validation") if self.trusted is None else self.trusted()
        if not 1 <= count <= len(found):
            raise TaskError(
                f"found a wish for {count} trusted examples of {self.name}; expected 1 to "
                f"{len(found)}"
            )
        return found[:count]

    def fits(self, network: "Network") -> bool:
        """Tell whether a network has this task's inputs and outputs."""
        inputs = self.tokens if self.is_text else self.inputs
        return (
            network.reads == ("tokens" if self.is_text else "numbers")
            and network.input_size == len(inputs)
            and network.output_size == len(self.outputs)
        )


def kept_splits(make: Callable[[str], Examples]) -> Callable[[str], Examples]:
    """Keep the splits that a function makes, so that each is made once."""
    return lru_cache(maxsize=len(SPLITS))(make)
