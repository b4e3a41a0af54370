"""The scores of a description, each with its interval, its nulls and its ceiling."""

from dataclasses import dataclass

OTHERS = "another module"


@dataclass(frozen=True)
class Null:
    """What a score comes to where there is nothing to be right about.

    Attributes
    ----------
    name : {"another module", "random partition", "untrained network"}
    mean : float
        NaN where it cannot be told.
    count : int
        Number of values behind the mean.
    """

    name: str
    mean: float
    count: int


@dataclass(frozen=True)
class Score:
    """One score of one description.

    Attributes
    ----------
    name : {"contrastive", "simulation", "detection", "ablation_agreement", "readability"}
    value : float
        NaN where it cannot be told; ``reason`` says why.
    low, high : float
        95 % interval from resampled examples; NaN where it makes no sense.
    chance : float or None
        What a guess gives, where that is known without measuring.
    ceiling : float or None
        What the best text of its kind could reach.
    nulls : tuple of Null
    reason : str
    """

    name: str
    value: float
    low: float
    high: float
    chance: float | None
    ceiling: float | None
    nulls: tuple[Null, ...]
    reason: str = ""


@dataclass(frozen=True)
class Scores:
    """All scores of one description, on the score split."""

    scores: tuple[Score, ...]
    description_id: str
    facts_id: str
    split: str

    def __getitem__(self, name: str) -> Score:
        """Return the score of this name."""
        for score in self.scores:
            if score.name == name:
                return score
        raise KeyError(name)
