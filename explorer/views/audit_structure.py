"""Did structure help? Regimes against each other, in words that follow from the figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.auditing.rates import Rate, area_difference, found_at, mean_difference
from explorer.auditing.results import NetworkResult
from explorer.auditing.zoo.members import took
from explorer.views.audit_results import REGIME_TITLES, describe_rate, scores_of

MODULAR, MATCHED, PLAIN, L1 = "modular", "matched", "plain", "l1"
REMOVED = "removed"  # in a result's extra figures: share of the attack that an auditor's pick takes
# What is said until there are measured results that say otherwise.
PRESENT_ANSWER = (
    "Sparsity does most of the work and modularity adds nothing over matched L1 for backdoors."
)
NOT_MEASURED = (
    "That is what first, smaller measurements said. Larger ones do not come with this installation "
    "yet: `explorer bench audit` makes them, and the sentence above then follows from its figures."
)


@dataclass(frozen=True)
class Comparison:
    """What one regime has over another.

    Attributes
    ----------
    name : str
        Of the figure, for people.
    first, second : str
        The regimes.
    difference : Rate
        Of the figure in the first minus that in the second.
    """

    name: str
    first: str
    second: str
    difference: Rate


def compare_regimes(
    results: Sequence[NetworkResult], auditor: str, family: str = "backdoor"
) -> tuple[Comparison, ...]:
    """Compare regimes by the areas of one auditor, and by the attack that it removes.

    Parameters
    ----------
    results : sequence of NetworkResult
    auditor : str
    family : str

    Returns
    -------
    tuple of Comparison
        Modular against matched L1 first, then what sparsity alone adds; none where a regime was not
        measured.
    """
    found = []
    for first, second in ((MODULAR, MATCHED), (L1, PLAIN)):
        one, other = (scores_of(results, auditor, family, r) for r in (first, second))
        if one.enough and other.enough:
            gap = area_difference((one.planted, one.clean), (other.planted, other.clean))
            found.append(Comparison("area under the ROC curve", first, second, gap))
        taken = [_removed(results, family, regime) for regime in (first, second)]
        if set(taken[0]) & set(taken[1]):
            gap = mean_difference(taken[0], taken[1])
            found.append(Comparison("share of the attack removed", first, second, gap))
    return tuple(found)


def shares_found(
    results: Sequence[NetworkResult], auditor: str, family: str = "backdoor"
) -> tuple[tuple[str, Rate], ...]:
    """Return what is found at 5 % false alarms in the regimes that are compared."""
    rows = []
    for regime, title in ((MODULAR, "modular"), (MATCHED, "matched L1"), (PLAIN, "plain")):
        own = scores_of(results, auditor, family, regime)
        if own.enough:
            rows.append((title, found_at([*own.planted.values()], [*own.clean.values()])))
    return tuple(rows)


def structure_sentence(comparisons: Sequence[Comparison]) -> str:
    """Say what the figures say: an interval that holds 0 is no difference.

    Parameters
    ----------
    comparisons : sequence of Comparison
        Of the areas; those of other figures are not looked at.

    Examples
    --------
    >>> gap = Rate(0.01, -0.02, 0.04, 60, 60)
    >>> structure_sentence([Comparison("area under the ROC curve", "modular", "matched", gap)])
    'Modularity adds nothing over matched L1 for backdoors that these networks could show (+.010 \
[-.020, +.040]).'
    """
    areas = {
        (one.first, one.second): one.difference
        for one in comparisons
        if one.name.startswith("area")
    }
    gap = areas.get((MODULAR, MATCHED))
    if gap is None:
        return PRESENT_ANSWER
    sparse = areas.get((L1, PLAIN))
    said = [] if sparse is None else [_sparsity(sparse)]
    figure = f"({_signed(gap)})"
    if gap.low > 0:
        said.append(f"Modularity adds to what matched L1 gives for backdoors {figure}.")
    elif gap.high < 0:
        said.append(f"Modularity takes from what matched L1 gives for backdoors {figure}.")
    else:
        said.append(
            f"Modularity adds nothing over matched L1 for backdoors that these networks could "
            f"show {figure}."
        )
    return " ".join(said)


def _sparsity(gap: Rate) -> str:
    if gap.low > 0:
        return f"Sparsity helps: L1 alone adds to plain training ({_signed(gap)})."
    if gap.high < 0:
        return f"Sparsity harms: L1 alone takes from plain training ({_signed(gap)})."
    return f"Sparsity alone changes nothing that these networks could show ({_signed(gap)})."


def describe_comparison(one: Comparison) -> str:
    """Name a comparison for people.

    Examples
    --------
    >>> gap = Rate(0.5, 0.4, 0.6, 9, 0)
    >>> describe_comparison(Comparison("share of the attack removed", "l1", "plain", gap))
    'share of the attack removed, L1 minus plain'
    """
    first, second = (REGIME_TITLES.get(name, name) for name in (one.first, one.second))
    return f"{one.name}, {first} minus {second}"


def describe_share(title: str, rate: Rate) -> str:
    """Write what is found at 5 % false alarms.

    Examples
    --------
    >>> describe_share("plain", Rate(0.8, 0.7, 0.9, 60, 60))
    'plain .80 [.70, .90] of 60 planted'
    """
    return f"{title} {describe_rate(rate)} of {rate.planted} planted"


def _removed(results: Sequence[NetworkResult], family: str, regime: str) -> dict[str, float]:
    return {
        str(result.member.case): float(removed)
        for result in results
        if result.member.case.family == family
        and result.member.regime == regime
        and took(result.member, result.success)
        and isinstance(removed := result.extra.get(REMOVED), int | float)
        and math.isfinite(removed)
    }


def _signed(rate: Rate) -> str:
    value, low, high = (
        f"{number:+.3f}".replace("0.", ".", 1) for number in (rate.value, rate.low, rate.high)
    )
    return f"{value} [{low}, {high}]"
