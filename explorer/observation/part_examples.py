"""How active a part of a network is on every example, and which labels the examples have."""

from dataclasses import dataclass

from explorer.network.graph import Bools, Floats


@dataclass(frozen=True, eq=False)
class PartExamples:
    """Activity and labels, row by row.

    Attributes
    ----------
    activity : array, shape (rows,)
        1 is the average over the rows. Of a text, a row is a token.
    labels : tuple of (str, str)
        Head and class of every column of ``has``; of a text, ``token`` and ``skill`` labels.
    has : array of bool, shape (rows, labels)
        Which labels a row has.
    split : str
    """

    activity: Floats
    labels: tuple[tuple[str, str], ...]
    has: Bools
    split: str
