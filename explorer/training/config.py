"""Everything that decides how a network is trained, in one frozen value."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from explorer.errors import ConfigError
from explorer.network.tasks import task


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of one training run; the same settings give the same network.

    Attributes
    ----------
    task : str
        What to learn; see ``explorer.network.tasks``.
    hidden : tuple of int
        Widths of the hidden layers.
    modularity_coefficient : float
        lambda: how much the modularity penalty counts against the task loss; 0 leaves it out.
    l1_coefficient : float
        mu: weight of the sum of |weights|; 0 leaves it out.
    module_count : int
        Number of modules that the penalty aims at.
    steps, batch_size, learning_rate
        Of the Adam optimiser.
    refresh : int
        The partition is found anew every so many steps.
    penalty_ramp : pair of float
        Shares of the steps between which the modularity penalty rises from 0 to its full weight.
        A partition chosen too early locks in a wrong split.
    l1_ramp : pair of float
        The same for the L1 term.
    seed : int
    """

    task: str
    hidden: tuple[int, ...]
    modularity_coefficient: float = 0.0
    l1_coefficient: float = 0.0
    module_count: int = 2
    steps: int = 3_000
    batch_size: int = 128
    learning_rate: float = 3e-3
    refresh: int = 100
    penalty_ramp: tuple[float, float] = (0.4, 0.7)
    l1_ramp: tuple[float, float] = (0.1, 0.4)
    seed: int = 0

    def __post_init__(self) -> None:
        task(self.task)
        for name in ("hidden", "penalty_ramp", "l1_ramp"):
            given = getattr(self, name)
            if isinstance(given, str) or not isinstance(given, Sequence):
                raise ConfigError(f"found {name} = {given!r:.40}; expected a list of numbers")
            object.__setattr__(self, name, tuple(given))
        for name, low, high in (
            ("modularity_coefficient", 0.0, 1e3),
            ("l1_coefficient", 0.0, 1e3),
            ("learning_rate", 1e-8, 1e2),
            ("module_count", 2, 64),
            ("steps", 1, 10**7),
            ("batch_size", 1, 10**6),
            ("refresh", 1, 10**7),
            ("seed", 0, 2**31 - 1),
        ):
            value, kind = getattr(self, name), "whole " if type(low) is int else ""
            number = int if kind else (int, float)
            if isinstance(value, bool) or not isinstance(value, number) or not low <= value <= high:
                raise ConfigError(
                    f"found {name} = {value!r:.40}; expected a {kind}number from {low:g} to "
                    f"{high:g}"
                )
        if any(type(width) is not int or width < 1 for width in self.hidden):
            raise ConfigError(
                f"found hidden = {self.hidden!r:.60}; expected whole numbers from 1 upwards"
            )
        for name in ("penalty_ramp", "l1_ramp"):
            ramp = getattr(self, name)
            numbers = all(isinstance(share, (int, float)) for share in ramp)
            if len(ramp) != 2 or not numbers or not 0.0 <= ramp[0] <= ramp[1] <= 1.0:
                raise ConfigError(
                    f"found {name} = {ramp}; expected two rising shares of the steps, such as "
                    f"(0.4, 0.7)"
                )

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for a file."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrainingConfig":
        """Make settings of plain data.

        Raises
        ------
        ConfigError
            If a key is unknown, one without a default is missing, or a value is out of range.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError(
                f"found unknown settings {', '.join(unknown):.80}; expected some of "
                f"{', '.join(sorted(known))}"
            )
        missing = sorted({"task", "hidden"} - set(values))
        if missing:
            raise ConfigError(f"found no setting {missing[0]}; expected one")
        return cls(**values)


def ramp(step: int, steps: int, between: tuple[float, float]) -> float:
    """Weight of a term at a step: 0, then rising linearly to 1.

    Examples
    --------
    >>> [ramp(step, 100, (0.4, 0.8)) for step in (0, 40, 60, 80, 99)]
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    start, full = between[0] * steps, between[1] * steps
    if step >= full:
        return 1.0
    return (step - start) / (full - start) if step > start else 0.0
