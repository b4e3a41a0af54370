"""What the form holds: plain values on their way to a `TrainingConfig`, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from explorer.errors import ConfigError

if TYPE_CHECKING:
    from explorer.training.config import TrainingConfig

# Fields that have a widget; whatever else a preset sets is kept behind them.
FIELDS = (
    "task",
    "network",
    "hidden",
    "loss",
    "modularity_coefficient",
    "l1_coefficient",
    "polysemanticity_coefficient",
    "module_count",
    "spare",
    "trusted",
    "learning_rate",
    "steps",
    "batch_size",
    "seed",
    "width",
    "heads",
    "gate",
    "start",
)
_RAMPED = {
    "penalty_ramp": "the penalty",
    "l1_ramp": "the L1 term",
    "spare_ramp": "the core's part of the training data",
}
_CHANGED = {
    "modularity_coefficient": "λ",
    "l1_coefficient": "μ",
    "learning_rate": "the learning rate",
}
_MANY = 200  # characters of a list of widths
_WIDTHS = re.compile(r"([0-9]+([\s,;x×-]+[0-9]+)*,?)?")


def to_form(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in defaults and write widths as text.

    Examples
    --------
    >>> filled = to_form({"task": "pair", "hidden": (48, 48)})
    >>> filled["hidden"], filled["loss"], filled["learning_rate"]
    ('48, 48', 'layered', 0.003)
    """
    from dataclasses import fields

    from explorer.training.config import TrainingConfig

    defaults = {item.name: item.default for item in fields(TrainingConfig)}
    values = {name: settings.get(name, defaults[name]) for name in FIELDS}
    if not isinstance(settings["hidden"], str):
        values["hidden"] = ", ".join(str(width) for width in settings["hidden"])
    return values


def to_config(form: Mapping[str, Any], behind: Mapping[str, Any] | None = None) -> TrainingConfig:
    """Make settings of what the form holds; they are checked here and nowhere else.

    Parameters
    ----------
    form : mapping
        As ``to_form`` gives.
    behind : mapping, optional
        Settings without a widget.

    Raises
    ------
    ConfigError
        If a value is missing or out of range.

    Examples
    --------
    >>> to_config(to_form({"task": "pair", "hidden": (48, 48)})).hidden
    (48, 48)
    """
    from explorer.training.config import TrainingConfig

    values = {name: value for name, value in (behind or {}).items() if name not in FIELDS}
    for name in FIELDS:
        if form.get(name) is None:
            raise ConfigError(f"found no value for {name}; expected one")
        values[name] = form[name]
    values["hidden"] = read_widths(values["hidden"])
    return TrainingConfig.from_dict(values)


def settings_behind(settings: Mapping[str, Any]) -> str:
    """Say which settings without a widget are not the usual ones.

    Examples
    --------
    >>> settings_behind({"task": "pair", "penalty_ramp": (0.1, 0.4), "optimiser": "adamw"})
    'the penalty grows between 10 and 40 % of the steps; optimiser: adamw'
    >>> settings_behind({"changes": ((4000, "modularity_coefficient", 1.0),)})
    'λ becomes 1 after step 4,000'
    """
    from dataclasses import fields

    from explorer.training.config import TrainingConfig

    defaults = {item.name: item.default for item in fields(TrainingConfig)}
    said = []
    for name, value in settings.items():
        if name in FIELDS or value == defaults.get(name):
            continue
        if name == "changes":
            said += [
                f"{_CHANGED.get(what, what)} becomes {to:g} after step {step:,}"
                for step, what, to in value
            ]
        elif name in _RAMPED:
            low, high = (100 * share for share in value)
            when = f"grows between {low:g} and {high:g} % of the steps"
            if low == high:
                when = f"counts in full from {low:g} % of the steps on"
            said.append(f"{_RAMPED[name]} {when}")
        else:
            said.append(f"{name.replace('_', ' ')}: {value}")
    return "; ".join(said)


def read_widths(text: str) -> tuple[int, ...]:
    """Read widths that somebody typed.

    Raises
    ------
    ConfigError

    Examples
    --------
    >>> read_widths("48, 48"), read_widths("64-32"), read_widths("")
    ((48, 48), (64, 32), ())
    """
    if len(text) > _MANY or not _WIDTHS.fullmatch(text.strip()):
        raise ConfigError(
            f"found widths of hidden layers {text!r:.40}; expected whole numbers such as 48, 48"
        )
    return tuple(int(part) for part in re.findall(r"[0-9]+", text))
