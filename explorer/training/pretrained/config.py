"""Everything that decides how a pretrained GPT is trained on, in one frozen value."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from explorer.errors import ConfigError
from explorer.training.checking import check_number, check_text
from explorer.training.settings_file import read_toml

PRECISIONS = ("float32", "bfloat16")
_WORDS = {"graph": ("activity", "layer"), "precision": PRECISIONS}
_REQUIRED = ("network", "text", "output")
_RANGES = (
    ("steps", 1, 10**7),
    ("batch_size", 1, 10**5),
    ("accumulate", 1, 10**4),
    ("length", 2, 10**6),
    ("learning_rate", 1e-8, 1e2),
    ("warm_up", 0, 10**7),
    ("weight_decay", 0.0, 1e2),
    ("clip", 1e-6, 1e6),
    ("modularity_coefficient", 0.0, 1e3),
    ("module_count", 0, 64),
    ("refresh", 0, 10**7),
    ("held_out", 0.001, 0.5),
    ("measured_windows", 1, 10**5),
    ("measure_every", 1, 10**7),
    ("save_seconds", 0.0, 1e6),
    ("seed", 0, 2**31 - 1),
)


@dataclass(frozen=True)
class ContinuedConfig:
    """Settings of continued training; the same settings on as many processes go the same way.

    The loss is the cross-entropy of the next token + lambda r(t) times the share of weight between
    modules (see ``explorer.training.losses.between_modules``), r(t) rising from 0 to 1.

    Attributes
    ----------
    network : str
        What to train on: anything that ``explorer.load`` opens and that reads tokens.
    text : str
        A text file in UTF-8. Its end, ``held_out`` of it, is measured on and never trained on.
    output : str
        Folder of the run and of the network that comes out.
    steps : int
        Of the optimiser.
    batch_size : int
        Windows of text that one process reads at once.
    accumulate : int
        How often it does so before the optimiser makes a step.
    length : int
        Tokens of a window.
    learning_rate : float
        It rises from 0 over the first ``warm_up`` steps and falls to 0 over the last fifth.
    warm_up : int
    weight_decay : float
        Of AdamW.
    clip : float
        A longer gradient is shortened to this length.
    modularity_coefficient : float
        lambda; 0 leaves the penalty out, which is plain training to the bit.
    penalty_ramp : pair of float
        Shares of the steps between which the penalty rises from 0 to its full weight.
    graph : {"activity", "layer"}
        Whether a weight counts by what flows into it, or by its size alone.
    module_count : int
        Number of modules; 0 for the number that is found at the start.
    partition : str
        A CSV or JSON file with the module of every node, which then stay as they are; empty for
        modules that are found.
    refresh : int
        Modules are found anew every so many steps; 0 for never.
    precision : {"float32", "bfloat16"}
        What the network computes with; weights are kept in float32.
    held_out : float
        Share of the text.
    measured_windows : int
        Windows of held-out text that are measured, at most.
    measure_every : int
        Steps between measurements.
    save_seconds : float
        The run is saved every so many seconds.
    seed : int
    """

    network: str
    text: str
    output: str
    steps: int = 1_000
    batch_size: int = 8
    accumulate: int = 1
    length: int = 256
    learning_rate: float = 1e-4
    warm_up: int = 50
    weight_decay: float = 0.01
    clip: float = 1.0
    modularity_coefficient: float = 1.0
    penalty_ramp: tuple[float, float] = (0.0, 0.3)
    graph: str = "activity"
    module_count: int = 0
    partition: str = ""
    refresh: int = 200
    precision: str = "float32"
    held_out: float = 0.05
    measured_windows: int = 64
    measure_every: int = 50
    save_seconds: float = 300.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in (*_REQUIRED, "partition"):
            value = getattr(self, name)
            check_text(name, value)
            if name in _REQUIRED and not value:
                raise ConfigError(f"found {name} = ''; expected a name or a path")
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise ConfigError(
                    f"found {name} = {getattr(self, name)!r:.40}; expected one of "
                    f"{', '.join(words)}"
                )
        for name, low, high in _RANGES:
            check_number(name, getattr(self, name), low, high)
        if self.module_count == 1:
            raise ConfigError("found module_count = 1; expected 0 (automatic) or 2 to 64")
        given: Any = self.penalty_ramp
        if not isinstance(given, Sequence) or isinstance(given, str) or not _rises(given):
            raise ConfigError(
                f"found penalty_ramp = {given!r:.60}; expected two rising shares of the steps, "
                f"such as [0.0, 0.3]"
            )
        object.__setattr__(self, "penalty_ramp", tuple(given))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for a file."""
        return asdict(self) | {"penalty_ramp": list(self.penalty_ramp)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ContinuedConfig":
        """Make settings of plain data.

        Raises
        ------
        ConfigError
            If a key is unknown, one without a default is missing, or a value is out of range.
        """
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ConfigError(
                f"found unknown settings {', '.join(unknown):.80}; expected some of "
                f"{', '.join(known)}"
            )
        missing = [name for name in _REQUIRED if name not in values]
        if missing:
            raise ConfigError(f"found no setting {missing[0]}; expected one")
        return cls(**values)


def read_config(path: str | os.PathLike[str]) -> ContinuedConfig:
    """Read settings from a TOML file.

    Raises
    ------
    ConfigError
        If it is no such file, or a setting is unknown or out of range.
    """
    return ContinuedConfig.from_dict(read_toml(path))


def rate_share(config: ContinuedConfig, step: int) -> float:
    """Share of the learning rate at a step, counted from 0.

    Examples
    --------
    >>> config = ContinuedConfig("a", "b", "c", steps=100, warm_up=4)
    >>> [round(rate_share(config, step), 3) for step in (0, 3, 50, 90, 99)]
    [0.25, 1.0, 1.0, 0.5, 0.05]
    """
    rising = (step + 1) / config.warm_up if config.warm_up else 1.0
    falling = (1.0 - step / config.steps) / 0.2
    return min(1.0, rising, falling)


def _rises(shares: Sequence[Any]) -> bool:
    numbers = all(type(share) in (int, float) for share in shares)
    return len(shares) == 2 and numbers and 0.0 <= shares[0] <= shares[1] <= 1.0
