"""What single settings of a run are held to."""

from typing import Any

from explorer.errors import ConfigError


def check_number(name: str, value: object, low: float, high: float) -> None:
    """Refuse a setting that is no number in its range.

    Raises
    ------
    ConfigError
    """
    kind = "whole " if type(low) is int else ""
    number = int if kind else (int, float)
    if isinstance(value, bool) or not isinstance(value, number) or not low <= value <= high:
        raise ConfigError(
            f"found {name} = {value!r:.40}; expected a {kind}number from {low:g} to {high:g}"
        )


def check_text(name: str, value: object) -> None:
    """Refuse a setting that is no text, or that no file could hold.

    Raises
    ------
    ConfigError
    """
    if isinstance(value, str) and "\0" not in value:
        try:
            value.encode()
        except UnicodeEncodeError:
            pass
        else:
            return
    raise ConfigError(f"found {name} = {value!r:.40}; expected a name or a path")


def check_ramp(name: str, shares: tuple[Any, ...]) -> None:
    """Refuse what is no pair of rising shares of the steps.

    Raises
    ------
    ConfigError
    """
    numbers = all(isinstance(share, (int, float)) for share in shares)
    if len(shares) != 2 or not numbers or not 0.0 <= shares[0] <= shares[1] <= 1.0:
        raise ConfigError(
            f"found {name} = {shares}; expected two rising shares of the steps, such as (0.4, 0.7)"
        )
