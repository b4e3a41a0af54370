"""What a comparison of two networks is kept in."""

from dataclasses import dataclass, field

from explorer.modularity.null_models import Null
from explorer.modularity.partition import Partition

SIGNIFICANT = 0.05
WAYS = ("neurons", "function", "ends")


@dataclass(frozen=True)
class ModuleMatch:
    """A module of one network beside one of the other.

    Attributes
    ----------
    first, second : int
        Labels of the modules.
    similarity : float
        From 0 to 1; see ``Comparison.way``.
    null : Null
        Similarities of random groups: in turn, the labels of one network change places within each
        layer, and modules are matched anew.
    """

    first: int
    second: int
    similarity: float
    null: Null

    @property
    def beyond_chance(self) -> bool:
        """Whether at most 5 % of random groups are as similar: else there is no counterpart."""
        return self.null.p_value <= SIGNIFICANT


@dataclass(frozen=True)
class Correspondence:
    """Whether the neurons of one network are those of the other, as their weights say.

    Attributes
    ----------
    rows : int
        Rows of weight matrices that were looked at.
    own : float
        Share of them that correlate most with the same row of the other network.
    chance : float
        What that share would be for unrelated networks.
    said : str
        The same in a sentence, or why there is nothing to look at.
    """

    rows: int
    own: float
    chance: float
    said: str

    @property
    def holds(self) -> bool:
        """Whether most rows are most like their own counterpart."""
        return self.rows > 0 and self.own > max(0.5, 2 * self.chance)


@dataclass(frozen=True)
class ComparedFigure:
    """One figure of both networks.

    Attributes
    ----------
    name : str
    first, second : float or None
        None where it is not known.
    form : {"count", "share", "number"}
        How it is written.
    nulls : tuple of two Null or None
        Of a figure that has one, where that is known.
    """

    name: str
    first: float | None
    second: float | None
    form: str = "number"
    nulls: tuple[Null | None, Null | None] = (None, None)


@dataclass(frozen=True)
class Moved:
    """How far the weights of a part moved from the first network to the second.

    Attributes
    ----------
    part : str
        A module, an interface (both of the first network), or ``all``.
    change : float
        Size of the difference of its weights (root of the sum of squares) as a share of the size of
        the first network's; NaN where those are all 0.
    weights : int
        Number of weights.
    """

    part: str
    change: float
    weights: int


@dataclass(frozen=True)
class Comparison:
    """Two partitioned networks beside each other.

    Attributes
    ----------
    first_id, second_id : str
        Ids of the partitions.
    first_checkpoint_id, second_checkpoint_id : str or None
    way : {"neurons", "function", "ends", "none"}
        What modules were matched by. ``neurons``: overlap (Jaccard) of the neurons, which are the
        same in both. ``function``: what their neurons do on the same examples (linear CKA).
        ``ends``: overlap of the inputs and outputs, which mean the same in both. ``none``: nothing
        in them corresponds.
    reason : str
        Why, in a sentence.
    correspondence : Correspondence
    matches : tuple of ModuleMatch
        In the order of the first network's modules; see ``ModuleMatch.beyond_chance``.
    only_first, only_second : tuple of int
        Modules that nothing was matched with.
    shared : int
        Nodes (or examples, by function) that they were matched on.
    figures : tuple of ComparedFigure
    moved : tuple of Moved
        Empty where neurons do not correspond.
    first, second : Partition
    """

    first_id: str
    second_id: str
    first_checkpoint_id: str | None
    second_checkpoint_id: str | None
    way: str
    reason: str
    correspondence: Correspondence
    matches: tuple[ModuleMatch, ...]
    only_first: tuple[int, ...]
    only_second: tuple[int, ...]
    shared: int
    figures: tuple[ComparedFigure, ...]
    moved: tuple[Moved, ...]
    first: Partition = field(repr=False, compare=False)
    second: Partition = field(repr=False, compare=False)
