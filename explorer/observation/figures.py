"""How exactly figures are kept: so that what only rounding errors tell apart is the same."""


def figure(value: float) -> float:
    """Round a share of counts to 4 decimals: it is exact wherever it is made."""
    return round(float(value), 4) + 0.0  # no negative zero


def small_figure(value: float) -> float:
    """Round what was summed in single precision to 3 decimals.

    Examples
    --------
    >>> small_figure(0.12345), small_figure(-1e-9)
    (0.123, 0.0)
    """
    return round(float(value), 3) + 0.0
