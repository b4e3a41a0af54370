"""What stands beside the slider of lambda: penalties can make a network follow a shortcut."""

from collections.abc import Sequence
from statistics import mean

from explorer.auditing.results import NetworkResult

_KIND = "marker100"  # a marker that names the right digit in all training images
_REGIMES = {
    "plain": "plain",
    "l1": "with L1",
    "matched": "with stronger L1",
    "modular": "with modularity and L1",
}


def shortcut_warning(results: Sequence[NetworkResult]) -> str:
    """Say in one or two sentences what penalties did where the data allowed a shortcut.

    Parameters
    ----------
    results : sequence of NetworkResult
        Of a zoo; those of other families do not count. Without any of proxy goals nothing is said
        in figures.

    Examples
    --------
    >>> shortcut_warning([])[:56]
    'Penalties can make a network follow a shortcut in its tr'
    """
    followed = {
        regime: [
            result.success
            for result in results
            if result.member.regime == regime
            and result.member.case.family == "proxy"
            and result.member.case.kind == _KIND
            and result.member.is_planted
        ]
        for regime in _REGIMES
    }
    found = {regime: values for regime, values in followed.items() if values}
    if "plain" not in found or len(found) < 2:
        return (
            "Penalties can make a network follow a shortcut in its training data more often than "
            "plain training does. Measure it: `explorer zoo build proxy-report --out proxies`."
        )
    said = ", ".join(f"{mean(values):.0%} {_REGIMES[name]}" for name, values in found.items())
    counts = sorted({len(values) for values in found.values()})
    networks = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    worse = any(
        mean(values) > mean(found["plain"]) for name, values in found.items() if name != "plain"
    )
    subject, did = ("Careful: pictures", "more often") if worse else ("Pictures", "no more often")
    return (
        f"{subject} that show their own answer as a marker offer a shortcut, and networks "
        f"trained with penalties took it {did} than plain ones. Answers that follow a wrong "
        f"marker: {said} ({networks} networks each)."
    )
