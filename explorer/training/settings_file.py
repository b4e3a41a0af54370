"""Settings of a run as a TOML file that people write and read."""

import json
import os
import tomllib
from pathlib import Path
from typing import Any

from explorer.errors import ConfigError
from explorer.training.config import TrainingConfig

_MAX_BYTES = 1_000_000


def read_settings(path: str | os.PathLike[str]) -> TrainingConfig:
    """Read the settings of a run from a TOML file.

    Raises
    ------
    ConfigError
        If it is no such file, or a setting is unknown or out of range.
    """
    return TrainingConfig.from_dict(read_toml(path))


def read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a TOML file of settings.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    name = Path(path).name
    try:
        data = Path(path).read_bytes()
    except OSError as problem:
        raise ConfigError(
            f"{str(path)!r:.200} cannot be read ({problem.strerror}); expected a TOML file of "
            f"settings"
        ) from problem
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"{name} has {len(data):,} bytes; expected a TOML file of settings")
    try:
        found = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        said = " ".join(str(problem).split())
        raise ConfigError(
            f"{name} is no TOML file ({said:.90}); expected lines such as task = 'pair'"
        ) from problem
    if _has_huge_number(found):
        raise ConfigError(f"{name} holds a whole number beyond 64 bits; expected smaller ones")
    return found


def settings_text(config: TrainingConfig) -> str:
    """Write settings as TOML.

    Examples
    --------
    >>> print(settings_text(TrainingConfig(task="xor4", hidden=(32, 32))).splitlines()[1])
    hidden = [32, 32]
    """
    return "".join(f"{key} = {toml_value(value)}\n" for key, value in config.to_dict().items())


def toml_value(value: Any) -> str:
    """Write a string, a number, true or false, or a list of them as TOML.

    They look the same in JSON, but for what JSON escapes in pairs.

    Examples
    --------
    >>> toml_value(["my net", 1.5, True])
    '["my net", 1.5, true]'
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _has_huge_number(value: Any) -> bool:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return any(_has_huge_number(item) for item in inner)
    return isinstance(value, int) and value.bit_length() > 64
