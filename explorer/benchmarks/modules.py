"""Which method finds the modules: on planted graphs, and on trained networks whose parts are known.

Agreement is the adjusted Rand index (ARI) of the modules found and the true ones: 1 where they are
the same, 0 on average for labels at random.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from explorer.benchmarks.known_modules import PLANTED, Case, trained_cases
from explorer.modularity.finding import METHODS, find_modules
from explorer.modularity.layered import layered_modularity
from explorer.modularity.nested import nested_modules
from explorer.modularity.partition import Partition
from explorer.modularity.quality import n_cut
from explorer.network.graph import Ints

NESTED = "nested"
_SEEDS = 5


@dataclass(frozen=True)
class MethodScore:
    """How one method does on one family of graphs.

    Attributes
    ----------
    graph : str
        Family of planted graphs, or name of a bundled network.
    method : str
    automatic : bool
        Whether the method chose the number of modules.
    agreement, worst_agreement : float or None
        ARI, mean and least over seeds; None where there is no truth.
    counts : tuple of int
        Number of modules found for each seed.
    layered_modularity, n_cut : float or None
        Of the partitions found, mean over seeds; None where n-cut is undefined (one module).
    milliseconds : float
        Median over seeds.
    """

    graph: str
    method: str
    automatic: bool
    agreement: float | None
    worst_agreement: float | None
    counts: tuple[int, ...]
    layered_modularity: float
    n_cut: float | None
    milliseconds: float


def measure_modules(seeds: int = _SEEDS) -> tuple[MethodScore, ...]:
    """Measure every method on all planted families and all bundled networks.

    Returns
    -------
    tuple of MethodScore
    """
    return measure_methods({**PLANTED, **trained_cases()}, seeds=seeds)


def measure_methods(
    families: Mapping[str, Callable[[int], Case]],
    methods: Sequence[str] = METHODS,
    seeds: int = _SEEDS,
) -> tuple[MethodScore, ...]:
    """Measure methods on families of graphs, with the number of modules given and chosen.

    Parameters
    ----------
    families : mapping of str to callable
        Each makes a case from a seed.
    methods : sequence of str
        As in ``find_modules``. Where a case has several levels, ``nested_modules`` is measured
        too.
    seeds : int

    Returns
    -------
    tuple of MethodScore
    """
    scores = []
    for name, make in families.items():
        cases = [make(seed) for seed in range(seeds)]
        for method in methods:
            for automatic in (False, True):
                scores.append(_measured(name, method, automatic, cases))
        if cases[0].counts is not None:
            scores.append(_measured(name, NESTED, False, cases))
    return tuple(scores)


def table(scores: Sequence[MethodScore]) -> Iterator[str]:
    """Lay scores out in lines: a line for every graph and way to choose k, a column a method.

    A cell holds the mean and the least ARI, the number of modules found, and milliseconds; where
    there is no truth, Q_B|n-cut stand in the place of the two ARIs. In the line of the mean,
    which stands for methods that were measured on all graphs, milliseconds are the median.
    """
    for automatic in (False, True):
        chosen = [score for score in scores if score.automatic is automatic]
        methods = list(dict.fromkeys(score.method for score in chosen))
        choice = "automatic" if automatic else "given"
        yield f"k {choice}: ARI mean/least (no truth: Q_B|n-cut), modules, ms"
        yield f"{'':30}" + "".join(f"{method:>23}" for method in methods)
        for graph in dict.fromkeys(score.graph for score in chosen):
            cells = {score.method: _cell(score) for score in chosen if score.graph == graph}
            yield f"{graph:30}" + "".join(f"{cells.get(method, ''):>23}" for method in methods)
        known = [score for score in chosen if score.agreement is not None]
        graphs = {score.graph for score in known}
        cells = {}
        for method in methods:
            own = [score for score in known if score.method == method]
            if len(own) == len(graphs):  # a mean over other graphs would compare with nothing
                cells[method] = _mean_cell(own)
        yield f"{'mean of ARI':30}" + "".join(f"{cells.get(method, ''):>23}" for method in methods)
        yield ""


def _cell(score: MethodScore) -> str:
    counts = f"{min(score.counts)}"
    if max(score.counts) > min(score.counts):
        counts += f"-{max(score.counts)}"
    if score.agreement is not None:
        figures = f"{score.agreement:.2f}/{score.worst_agreement:.2f}"
    else:
        cut = "-" if score.n_cut is None else f"{score.n_cut:.2f}"
        figures = f"{score.layered_modularity:.2f}|{cut}"
    return f"{figures} {counts:>4} {score.milliseconds:>5.0f}"


def _mean_cell(scores: Sequence[MethodScore]) -> str:
    if not scores:
        return ""
    mean = statistics.mean(score.agreement for score in scores if score.agreement is not None)
    return f"{mean:.3f} {statistics.median(score.milliseconds for score in scores):>15.0f}"


def _measured(name: str, method: str, automatic: bool, cases: Sequence[Case]) -> MethodScore:
    _find(cases[0], method, automatic, 0)  # the first run compiles and reads data
    partitions, times = [], []
    for seed, case in enumerate(cases):
        start = time.perf_counter()
        partitions.append(_find(case, method, automatic, seed))
        times.append(time.perf_counter() - start)
    pairs = list(zip(cases, partitions, strict=True))
    agreements = [
        agreement(case.labels, found.labels) for case, found in pairs if case.labels is not None
    ]
    cuts = [n_cut(found) for found in partitions if found.count > 1]
    return MethodScore(
        graph=name,
        method=method,
        automatic=automatic,
        agreement=statistics.mean(agreements) if agreements else None,
        worst_agreement=min(agreements) if agreements else None,
        counts=tuple(found.count for found in partitions),
        layered_modularity=statistics.mean(
            layered_modularity(case.graph, found.labels) for case, found in pairs
        ),
        n_cut=statistics.mean(cuts) if len(cuts) == len(cases) else None,
        milliseconds=1e3 * statistics.median(times),
    )


def _find(case: Case, method: str, automatic: bool, seed: int) -> Partition:
    if method == NESTED:
        return nested_modules(case.graph, case.counts or (case.count,), seed=seed).levels[0]
    return find_modules(case.graph, None if automatic else case.count, method=method, seed=seed)


def agreement(truth: Ints, labels: Ints) -> float:
    """ARI of two labellings over the nodes that have a label, 0 or more, in both.

    Examples
    --------
    >>> import numpy as np
    >>> agreement(np.array([0, 0, 1, 1, -1]), np.array([5, 5, 2, 2, 2]))
    1.0
    """
    from sklearn.metrics import adjusted_rand_score

    known = (truth >= 0) & (labels >= 0)
    return float(adjusted_rand_score(truth[known], labels[known]))
