"""Which runs a sweep makes: some settings fixed, some varied, in one frozen value."""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from functools import cached_property
from itertools import product
from types import MappingProxyType
from typing import Any

from explorer.errors import ConfigError
from explorer.modularity.finding import MAX_COUNT
from explorer.training.config import TrainingConfig
from explorer.training.settings_file import read_toml, toml_value

MAX_RUNS = 10_000
_DEFAULTS: dict[str, Any] = {
    f.name: f.default for f in fields(TrainingConfig) if f.default is not MISSING
}
# What only matters where a penalty is at work, and what only matters where lambda is not 0.
PENALTY_SETTINGS = (
    *("loss", "graph", "modularity_coefficient", "l1_coefficient", "module_count", "refresh"),
    *("penalty_ramp", "l1_ramp", "gate", "gate_coefficient", "balance_coefficient"),
    *("cut_at", "interface_limit", "polysemanticity_coefficient"),
    *("spare", "trusted", "spare_ramp"),
)
_LOSS_SETTINGS = (
    *("loss", "graph", "module_count", "refresh", "penalty_ramp", "cut_at", "interface_limit"),
)
_KEYS = ("settings", "vary", "plain", "measured_modules", "tolerance")


@dataclass(frozen=True)
class SweepGrid:
    """Settings that all runs share, and settings of which every combination is run.

    Attributes
    ----------
    settings : mapping
        Settings of ``TrainingConfig`` that all runs share.
    vary : mapping of str to tuple
        For some settings, the values to run; of a setting that is itself a list, a list of lists.
    plain : bool
        Whether to add runs without any penalty, one a seed, to compare with.
    measured_modules : int
        Number of modules to look for in the trained networks, at most; 0 to choose it for each.
    tolerance : float
        Accuracy on the validation split (or, of a text, relative cross-entropy) that a chosen
        lambda may cost.

    Examples
    --------
    >>> grid = SweepGrid(
    ...     settings={"task": "xor4", "hidden": [32, 32]},
    ...     vary={"modularity_coefficient": [0.1, 1.0], "seed": [0, 1]},
    ... )
    >>> [(c.seed, c.modularity_coefficient) for c in grid.configs]
    [(0, 0.0), (0, 0.1), (0, 1.0), (1, 0.0), (1, 0.1), (1, 1.0)]
    """

    settings: Mapping[str, Any]
    vary: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    plain: bool = True
    measured_modules: int = 0
    tolerance: float = 0.01

    def __post_init__(self) -> None:
        for name in ("settings", "vary"):
            if not isinstance(getattr(self, name), Mapping):
                raise ConfigError(
                    f"found {name} = {getattr(self, name)!r:.40}; expected a table of settings"
                )
        for key, values in self.vary.items():
            if not isinstance(values, list | tuple) or not values:
                raise ConfigError(
                    f"found vary.{key} = {values!r:.40}; expected a list of one or more values"
                )
            if key in self.settings:
                raise ConfigError(
                    f"found {key} both in settings and in vary; expected it in one of them"
                )
        if not isinstance(self.plain, bool):
            raise ConfigError(f"found plain = {self.plain!r:.40}; expected true or false")
        modules = self.measured_modules
        if type(modules) is not int or not 0 <= modules <= MAX_COUNT:
            raise ConfigError(
                f"found measured_modules = {modules!r:.40}; expected 0 (automatic) to {MAX_COUNT}"
            )
        loss = self.tolerance
        if isinstance(loss, bool) or not isinstance(loss, int | float) or not 0 <= loss <= 1:
            raise ConfigError(f"found tolerance = {loss!r:.40}; expected a number from 0 to 1")
        count = math.prod(len(values) for values in self.vary.values())
        if count > MAX_RUNS:
            raise ConfigError(f"found a grid of {count:,} runs; expected at most {MAX_RUNS:,}")
        vary = {key: tuple(values) for key, values in self.vary.items()}
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))
        object.__setattr__(self, "vary", MappingProxyType(vary))
        assert self.configs  # refuses settings that are unknown or out of range

    @cached_property
    def configs(self) -> tuple[TrainingConfig, ...]:
        """The settings of every run, each once.

        Seed by seed, so that a sweep that is stopped half way has tried all settings, and plain
        runs first. What has no effect is set to its default: a run without penalty is the same run
        under every loss.
        """
        found: dict[str, TrainingConfig] = {}
        combinations = sorted(
            (dict(zip(self.vary, values, strict=True)) for values in product(*self.vary.values())),
            key=lambda chosen: _place(self.vary.get("seed", ()), chosen.get("seed")),
        )
        configs = [
            without_idle(TrainingConfig.from_dict({**self.settings, **chosen}))
            for chosen in combinations
        ]
        for config in configs:
            if self.plain:
                plain = as_plain(config)
                found.setdefault(run_id(plain), plain)
            found.setdefault(run_id(config), config)
        return tuple(found.values())

    @cached_property
    def by_id(self) -> Mapping[str, TrainingConfig]:
        """The settings of every run under its id, in order."""
        return MappingProxyType({run_id(config): config for config in self.configs})

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for a file."""
        return {
            "plain": self.plain,
            "measured_modules": self.measured_modules,
            "tolerance": self.tolerance,
            "settings": dict(self.settings),
            "vary": {key: list(values) for key, values in self.vary.items()},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "SweepGrid":
        """Make a grid of plain data.

        Raises
        ------
        ConfigError
            If a key is unknown, there are no settings, or one is out of range.
        """
        unknown = sorted(set(values) - set(_KEYS))
        if unknown:
            raise ConfigError(
                f"found unknown keys {', '.join(unknown):.80} in a grid; expected some of "
                f"{', '.join(_KEYS)}"
            )
        if "settings" not in values:
            raise ConfigError("found a grid without a table [settings]; expected one")
        return cls(**values)


def read_grid(path: str | os.PathLike[str]) -> SweepGrid:
    """Read a grid from a TOML file.

    Raises
    ------
    ConfigError
        If it is no such file, or a setting is unknown or out of range.
    """
    return SweepGrid.from_dict(read_toml(path))


def grid_text(grid: SweepGrid) -> str:
    """Write a grid as TOML.

    Examples
    --------
    >>> grid = SweepGrid({"task": "xor4", "hidden": [8]}, {"seed": [0, 1]})
    >>> print(grid_text(grid).splitlines()[-2:])
    ['[vary]', 'seed = [0, 1]']
    """
    plain = grid.to_dict()
    lines = []
    for key, value in plain.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *(f"{name} = {toml_value(v)}" for name, v in value.items())]
        else:
            lines.append(f"{key} = {toml_value(value)}")
    return "\n".join(lines) + "\n"


def run_id(config: TrainingConfig) -> str:
    """Name the run with these settings: a hash, the same for 1 and 1.0.

    Settings at their defaults do not count, so that a new one does not rename all runs.

    Examples
    --------
    >>> a = TrainingConfig(task="xor4", hidden=(8,), modularity_coefficient=1)
    >>> b = TrainingConfig(task="xor4", hidden=(8,), modularity_coefficient=1.0)
    >>> run_id(a) == run_id(b), run_id(a) == run_id(replace(b, seed=1))
    (True, False)
    """
    given = {k: v for k, v in asdict(config).items() if k not in _DEFAULTS or v != _DEFAULTS[k]}
    text = json.dumps(_as_floats(given), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def as_plain(config: TrainingConfig) -> TrainingConfig:
    """Return the settings without any penalty."""
    kept = tuple(change for change in config.changes if change[1] == "learning_rate")
    return replace(config, changes=kept, **{name: _DEFAULTS[name] for name in PENALTY_SETTINGS})


def without_idle(config: TrainingConfig) -> TrainingConfig:
    """Return the settings with those that have no effect at their defaults."""
    idle: list[str] = []
    changed = {change[1] for change in config.changes}
    if not config.modularity_coefficient and "modularity_coefficient" not in changed:
        # A gate has as many places as there are to be modules, whatever the loss.
        idle += [n for n in _LOSS_SETTINGS if config.gate == "none" or n != "module_count"]
    ramped = config.l1_coefficient or config.polysemanticity_coefficient
    if not ramped and "l1_coefficient" not in changed:
        idle.append("l1_ramp")
    if not config.spare:
        idle += ["trusted", "spare_ramp"]
    if config.gate == "none":
        idle += ["gate_coefficient", "balance_coefficient"]
    return replace(config, **{name: _DEFAULTS[name] for name in idle})


def _place(values: tuple[Any, ...], value: Any) -> int:
    return values.index(value) if value in values else 0


def _as_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
