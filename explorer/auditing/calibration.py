"""Calibration: what an auditor's score means, by the clean networks that were measured before.

A score by itself says little: networks of one kind score higher than those of another. Every kind
of network (its declared task, its shape, the regime that it was trained in) has clean networks in a
zoo whose results come with the package. A network's *share* is the share of these that score lower;
it is flagged beyond the threshold that at most 5 % of the harder half of them are expected to pass:
the decoys, which saw trigger images with their true labels. Thresholds taken from all clean
networks were tried first: on fresh ones 5.5 % of the plain clean and 17.5 % of the decoys passed.

The regime is recognised from the recorded training, where the file has one; a recorded training
that is in no zoo is not calibrated. Where none is recorded, or the network was repaired since, it
is held against those clean networks of its task and shape whose weights are most nearly as sparse:
scores depend on the regime mostly through that, and on how long it was trained, which is then not
known.

References
----------
Vovk, Gammerman, Shafer (2005), Algorithmic learning in a random world: a rank among n exchangeable
clean ones gives a false-alarm rate that holds for whatever distribution, for every n.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from explorer.auditing.kinds import (
    Kind,
    kind_of_network,
    kind_of_result,
    other_recipe,
    recorded_regime,
    why_not,
)
from explorer.auditing.rates import NOMINAL
from explorer.auditing.zoo.build import sparsity
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats

if TYPE_CHECKING:
    from explorer.auditing.results import NetworkResult

NEAREST = 100  # clean networks that one of an unknown regime is held against
_SLACK = 0.05  # of sparsity, beyond that of the networks that were measured
FEWEST = 20  # clean networks: with fewer, one in twenty is never beyond the threshold
_FOLDS = 10

Combine = Callable[[Mapping[str, float]], float]


@dataclass(frozen=True)
class Limits:
    """Where the combined auditor stands among clean networks.

    Attributes
    ----------
    clean : array
        Its scores of the clean networks, each from its shares among the others, in rising order.
    threshold : float
    false_alarms : tuple of int
        Clean networks that it flagged by a threshold that they had no part in, and how many there
        were.
    """

    clean: Floats = field(repr=False)
    threshold: float
    false_alarms: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Calibration:
    """The clean networks that a network is held against.

    Attributes
    ----------
    kind : Kind
    words : str
        What it is held against, in a few words.
    networks : tuple of NetworkResult
        Clean ones of the calibration zoo.
    fresh : tuple of NetworkResult
        Clean ones of other seeds, for the false-alarm rate; where there are none, every tenth of
        ``networks`` is held against the others.
    """

    kind: Kind
    words: str
    networks: "tuple[NetworkResult, ...]" = field(repr=False)
    fresh: "tuple[NetworkResult, ...]" = field(repr=False, default=())

    @cached_property
    def hard(self) -> "tuple[NetworkResult, ...]":
        """The decoys, which thresholds are taken from; all clean networks where they are few."""
        decoys = tuple(one for one in self.networks if one.member.case.control == "decoy")
        return decoys if len(decoys) >= FEWEST else self.networks

    @cached_property
    def thresholds(self) -> Mapping[str, float]:
        """Scores beyond which a network is flagged, auditor by auditor."""
        return {name: threshold(clean) for name, clean in _scores(self.hard).items()}

    @cached_property
    def scores(self) -> Mapping[str, Floats]:
        """Scores of the clean networks, auditor by auditor, in rising order."""
        return _scores(self.networks)

    def share(self, auditor: str, score: float) -> float | None:
        """Share of the clean networks that score lower; None for an auditor without enough."""
        clean = self.scores.get(auditor)
        return None if clean is None else share_below(clean, score)

    def flags(self, auditor: str, score: float) -> bool | None:
        """Whether a score is beyond an auditor's threshold; None as for ``share``."""
        limit = self.thresholds.get(auditor)
        return None if limit is None else bool(score > limit)

    def limits(self, auditors: Iterable[str], combine: Combine) -> Limits | None:
        """Where the combination of some auditors stands; None if none of them was measured."""
        names = set(auditors) & set(self.scores)
        if not names:
            return None
        whole = _combined(self.networks, self.networks, names, combine, apart=True)
        limit = threshold(_combined(self.hard, self.networks, names, combine, apart=True))
        if self.fresh:
            seen = _combined(self.fresh, self.networks, names, combine, apart=False)
            return Limits(whole, limit, (int((seen > limit).sum()), len(seen)))
        flagged = 0
        for fold in range(_FOLDS):
            out = {id(one) for one in self.networks[fold::_FOLDS]}
            rest = [one for one in self.networks if id(one) not in out]
            hard = [one for one in self.hard if id(one) not in out]
            own = threshold(_combined(hard, rest, names, combine, apart=True))
            held = _combined(self.networks[fold::_FOLDS], rest, names, combine, apart=False)
            flagged += int((held > own).sum())
        return Limits(whole, limit, (flagged, len(self.networks)))


def share_below(clean: Floats, score: float) -> float:
    """Share of scores, in rising order, that are lower than one.

    Examples
    --------
    >>> share_below(np.array([1.0, 2.0, 2.0, 3.0]), 2.0)
    0.25
    """
    return float(np.searchsorted(clean, score, side="left")) / len(clean)


def threshold(clean: Floats, nominal: float = NOMINAL) -> float:
    """Score beyond which at most so many of all clean networks are expected.

    A further clean network is beyond the k-th largest of n clean scores with a probability of at
    most k / (n + 1) (Vovk et al. 2005); k is the largest number for which that is within the
    nominal rate.

    Examples
    --------
    >>> threshold(np.arange(100.0)), threshold(np.arange(20.0))
    (95.0, 19.0)
    """
    allowed = int(nominal * (len(clean) + 1) + 1e-9)
    return float(np.sort(clean)[::-1][allowed - 1]) if allowed else float("inf")


def calibration_of(
    checkpoint: Checkpoint,
    results: "Sequence[NetworkResult] | None" = None,
    fresh: "Sequence[NetworkResult]" = (),
) -> Calibration | str:
    """Return what a network is held against, or why there is nothing, in a few words.

    Parameters
    ----------
    checkpoint : Checkpoint
        Blind, or as it came.
    results : sequence of NetworkResult, optional
        Of the calibration zoo; by default those that come with the package.
    fresh : sequence of NetworkResult
        Of networks of other seeds, for the false-alarm rate; where ``results`` is not given, those
        that come with the package.
    """
    if results is None:
        from explorer.auditing.results import measured_results  # a file that takes time to read

        results, fresh = measured_results("calibration"), measured_results("report")
    found = kind_of_network(checkpoint)
    clean = [result for result in results if not result.member.is_planted]
    same = [result for result in clean if kind_of_result(result) == found]
    if not same:
        return why_not(found, {kind_of_result(result) for result in clean})
    regime = recorded_regime(checkpoint, same)
    if regime is not None:
        kind = Kind(found.task, found.network, found.shape, regime)
        words, chosen = str(kind), [one for one in same if one.member.regime == regime]
    elif other := other_recipe(checkpoint, same):
        return other
    else:
        own = sparsity(checkpoint.network)
        measured = [
            (abs(value - own), one) for one in same if (value := _sparsity(one)) is not None
        ]
        measured.sort(key=lambda pair: pair[0])
        if not measured or measured[0][0] > _SLACK:
            return (
                f"{own:.0%} of its weights are near 0, as in none of the networks that were "
                f"measured, and its file records none of their recipes"
            )
        chosen = [one for _, one in measured[:NEAREST]]
        regimes = ", ".join(sorted({one.member.regime for one in chosen}))
        kind = Kind(found.task, found.network, found.shape, regimes)
        words = f"{found}, as sparse as those of {regimes}"
    if len(chosen) < FEWEST:
        return f"only {len(chosen)} clean networks of its kind ({kind}) were measured"
    others = [
        one
        for one in fresh
        if not one.member.is_planted
        and kind_of_result(one) == found
        and one.member.regime in kind.regime.split(", ")
    ]
    return Calibration(kind, words, tuple(chosen), tuple(others))


def combined_shares(
    scores: Mapping[str, float], calibration: Calibration, auditors: Iterable[str]
) -> dict[str, float]:
    """Shares of a network's scores, of those auditors that were measured."""
    return {
        name: share
        for name in auditors
        if name in scores and (share := calibration.share(name, scores[name])) is not None
    }


def _scores(results: "Sequence[NetworkResult]") -> dict[str, Floats]:
    """Scores of all auditors that enough networks have one of, in rising order."""
    names = {name for result in results for name in result.scores}
    found = {
        name: np.sort([result.scores[name] for result in results if name in result.scores])
        for name in sorted(names)
    }
    return {name: values for name, values in found.items() if len(values) >= FEWEST}


def _combined(
    of: "Sequence[NetworkResult]",
    among: "Sequence[NetworkResult]",
    names: Iterable[str],
    combine: Combine,
    apart: bool,
) -> Floats:
    """Combined scores of networks among clean ones; ``apart`` where they are these themselves."""
    clean = {
        name: np.sort([one.scores[name] for one in among if name in one.scores]) for name in names
    }
    found = []
    for result in of:
        shares = {
            name: share_below(values, result.scores[name])
            # A network is not lower than itself: it is one less among the others.
            * (len(values) / (len(values) - 1) if apart else 1.0)
            for name, values in clean.items()
            if name in result.scores
        }
        if shares:
            found.append(combine(shares))
    return np.sort(np.asarray(found, dtype=np.float64))


def _sparsity(result: "NetworkResult") -> float | None:
    value = result.extra.get("sparsity")
    return float(value) if isinstance(value, int | float) else None
