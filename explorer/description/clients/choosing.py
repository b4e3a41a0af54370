"""Decode only along given texts, led by what the evidence adds to the probability of each word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Branch:
    """A point in the tree of the tokens of several texts."""

    children: "dict[int, Branch]" = field(default_factory=dict)

    def add(self, tokens: Sequence[int]) -> None:
        """Add a text."""
        branch = self
        for token in tokens:
            branch = branch.children.setdefault(token, Branch())


def tree_of(texts: Sequence[Sequence[int]]) -> Branch:
    """Put the tokens of texts into one tree.

    Examples
    --------
    >>> sorted(tree_of([[1, 2], [1, 3, 4]]).children[1].children)
    [2, 3]
    """
    root = Branch()
    for tokens in texts:
        root.add(tokens)
    return root


def forced(branch: Branch) -> Iterator[int]:
    """Tokens that must come next, until there is a choice or the end."""
    while len(branch.children) == 1:
        (token, branch), *_ = branch.children.items()
        yield token
