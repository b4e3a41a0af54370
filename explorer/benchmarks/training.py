"""Every loss on tasks whose parts are known: what accuracy it leaves, what modularity it gives.

For each loss, networks are trained at several lambda and seeds. *The rule*: the largest lambda is
taken at which the mean accuracy on the validation split lies within the task's tolerance of plain
training (half a point on pair, none on xor4, one point on digits), or the smallest lambda if none
does. Figures are those of the networks at that lambda, accuracy and interface on the test split,
which played no part in the choice. All losses get the same steps, batches, learning rate and L1
term as the default; plain training and the row ``l1`` get no other L1 term. On digits all runs,
plain ones too, have noise on their inputs, and all others cut the interfaces of their modules at
40 % of the steps: digits are one task, and a penalty that stays to the end costs it more.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from explorer.errors import SweepError
from explorer.modularity.finding import find_modules
from explorer.network.graph import network_graph
from explorer.observation.interface_size import interface_size
from explorer.sweeps.executor import run_all
from explorer.sweeps.figures import RunFigures, summarise
from explorer.sweeps.processes import WorkerProcesses
from explorer.training.config import LOSSES, TrainingConfig
from explorer.training.loop import train

PLAIN = "plain"
COLUMNS: Mapping[str, tuple[str, int]] = {  # of RunFigures: title and decimals
    "test_accuracy": ("accuracy", 3),
    "q_b": ("Q_B act", 3),
    "q_b_path": ("Q_B path", 3),
    "n_cut": ("n-cut", 3),
    "inside": ("inside", 3),
    "modules": ("modules", 1),
    "interface": ("interface", 0),
    "functional": ("functional", 2),
    "cut_balance": ("balance", 2),
    "cut_boundary": ("cut/vol", 3),
}


COEFFICIENTS = (0.1, 0.3, 1.0, 3.0)
SMALL_COEFFICIENTS = (0.3, 1.0)
SEEDS = (10, 11, 12)


@dataclass(frozen=True)
class Trial:
    """A task as it is trained here.

    Attributes
    ----------
    config : TrainingConfig
        With lambda 0; its L1 coefficient is that of every loss but plain and ``l1``.
    tolerance : float
        Accuracy that a loss may cost.
    coefficients : tuple of float
        The lambda to choose from.
    """

    config: TrainingConfig
    tolerance: float
    coefficients: tuple[float, ...] = COEFFICIENTS


@dataclass(frozen=True)
class LossRow:
    """What a loss does on a task.

    Attributes
    ----------
    task, loss : str
        ``plain`` stands for no loss.
    coefficient : float
        lambda, by the rule.
    within : bool
        Whether validation accuracy is within the tolerance at that lambda.
    figures : tuple of RunFigures
        One a seed.
    """

    task: str
    loss: str
    coefficient: float
    within: bool
    figures: tuple[RunFigures, ...]


_EARLY = (0.1, 0.4)  # the partition is found well this early
TRIALS: Mapping[str, Trial] = {
    "pair": Trial(
        TrainingConfig(
            task="pair",
            hidden=(48, 48),
            steps=4_000,
            l1_coefficient=1e-4,
            module_count=2,
            penalty_ramp=_EARLY,
        ),
        0.005,
    ),
    "xor4": Trial(
        TrainingConfig(
            task="xor4",
            hidden=(32, 32),
            steps=3_000,
            l1_coefficient=3e-4,
            module_count=4,
            penalty_ramp=_EARLY,
        ),
        0.0,
    ),
    "digits": Trial(
        TrainingConfig(
            task="digits",
            hidden=(64, 64),
            steps=6_000,
            batch_size=512,
            input_noise=0.2,
            l1_coefficient=5e-5,
            module_count=4,
            penalty_ramp=(0.07, 0.27),
            l1_ramp=(0.07, 0.27),
            cut_at=0.4,
            interface_limit=110,
            changes=((2_400, "modularity_coefficient", 0.0), (2_400, "l1_coefficient", 0.0)),
        ),
        0.01,
        (0.1, 0.2, 0.4),
    ),
}
# The share of weight between bins alone is made for GPTs; one giant bin would be its optimum.
COMPARED = tuple(loss for loss in LOSSES if loss not in ("between_bins", "closed_writes"))


def measure_training(
    small: bool = False,
    workers: int | None = None,
    trials: Mapping[str, Trial] = TRIALS,
    losses: Sequence[str] = COMPARED,
    progress: Callable[[float], None] | None = None,
    seeds: Sequence[int] = SEEDS,
) -> tuple[LossRow, ...]:
    """Train and measure every loss on every task.

    Parameters
    ----------
    small : bool
        The first seed and two lambda, for a quick look.
    workers : int, optional
        Processes, of one thread each; by default one for every core.
    trials : mapping of str to Trial
    losses : sequence of str
    progress : callable, optional
        Called with the share that is done.
    seeds : sequence of int

    Returns
    -------
    tuple of LossRow
        Task after task, plain training first.

    Raises
    ------
    SweepError
        If a run fails.
    """
    if small:
        trials = {n: replace(t, coefficients=SMALL_COEFFICIENTS) for n, t in trials.items()}
        seeds = seeds[:1]
    configs = [
        replace(config, seed=seed)
        for trial in trials.values()
        for config in _configs(trial.config, losses, trial.coefficients)
        for seed in seeds
    ]
    with WorkerProcesses(workers) as processes:
        found = _measured(configs, processes, processes.count, progress)
    rows = []
    for trial in trials.values():
        plain, *others = _configs(trial.config, losses, trial.coefficients)
        at_plain = tuple(found[replace(plain, seed=seed)] for seed in seeds)
        rows.append(LossRow(plain.task, PLAIN, 0.0, True, at_plain))
        for loss in losses:
            tried = {
                config.modularity_coefficient: tuple(
                    found[replace(config, seed=seed)] for seed in seeds
                )
                for config in others
                if config.loss == loss
            }
            coefficient, within = chosen_coefficient(tried, at_plain, trial.tolerance)
            rows.append(LossRow(plain.task, loss, coefficient, within, tried[coefficient]))
    return tuple(rows)


def chosen_coefficient(
    tried: Mapping[float, Sequence[RunFigures]], plain: Sequence[RunFigures], tolerance: float
) -> tuple[float, bool]:
    """Apply the rule: the largest lambda within the tolerance, else the smallest.

    Parameters
    ----------
    tried : mapping of float to sequence of RunFigures
        The networks trained at each lambda.
    plain : sequence of RunFigures
    tolerance : float

    Returns
    -------
    float
        lambda.
    bool
        Whether it is within the tolerance.
    """
    least = _validation(plain) - tolerance - 1e-9  # rounding must not decide
    good = [coefficient for coefficient, runs in tried.items() if _validation(runs) >= least]
    return (max(good), True) if good else (min(tried), False)


def measure_run(config: TrainingConfig) -> RunFigures:
    """Train a network and measure it; the interface on the test split."""
    checkpoint = train(config, config.task)
    found = summarise(checkpoint, config.module_count)
    partition = find_modules(network_graph(checkpoint), config.module_count)
    return replace(found, interface=interface_size(partition, "test").kept)


def table(rows: Sequence[LossRow]) -> Iterator[str]:
    """Lay rows out in lines: mean and, below it, range over seeds; a star where it costs too much.

    Interface is the number of weights between modules that must stay; balance and cut/vol are those
    of the most balanced cut in the neurons' cut tree, - where every cut isolates a neuron.
    """
    for task in dict.fromkeys(row.task for row in rows):
        own = [row for row in rows if row.task == task]
        yield f"{task}, {len(own[0].figures)} seeds: mean, and least to most below"
        yield f"{'loss':21}{'lambda':>7}" + "".join(f"{t:>14}" for t, _ in COLUMNS.values())
        for row in own:
            star = "" if row.within else "*"
            cells = [_cells(row.figures, name) for name in COLUMNS]
            yield f"{row.loss + star:21}{row.coefficient:>7g}" + "".join(
                f"{c[0]:>14}" for c in cells
            )
            if len(row.figures) > 1:
                yield f"{'':28}" + "".join(f"{c[1]:>14}" for c in cells)
        yield ""


def _configs(
    base: TrainingConfig, losses: Sequence[str], coefficients: Sequence[float]
) -> list[TrainingConfig]:
    plain = replace(base, l1_coefficient=0.0)
    return [
        plain,
        *(
            replace(plain if loss == "l1" else base, loss=loss, modularity_coefficient=coefficient)
            for loss in losses
            for coefficient in coefficients
        ),
    ]


def _measured(
    configs: Sequence[TrainingConfig],
    executor: Executor,
    count: int,
    progress: Callable[[float], None] | None,
) -> dict[TrainingConfig, RunFigures]:
    found: dict[TrainingConfig, RunFigures] = {}
    for outcome in run_all(measure_run, configs, executor, ahead=count):
        if outcome.value is None:
            raise SweepError(
                f"the run {outcome.item.loss} on {outcome.item.task} with lambda "
                f"{outcome.item.modularity_coefficient:g} failed: {outcome.failed}"
            )
        found[outcome.item] = outcome.value
        if progress is not None:
            progress(len(found) / len(configs))
    return found


def _validation(runs: Sequence[RunFigures]) -> float:
    return statistics.mean(run.validation_accuracy or 0.0 for run in runs)


def _cells(runs: Sequence[RunFigures], name: str) -> tuple[str, str]:
    values = [value for run in runs if (value := getattr(run, name)) is not None]
    if not values:
        return "-", "-"
    digits = COLUMNS[name][1]
    spread = f"{min(values):.{digits}f}-{max(values):.{digits}f}"
    return f"{statistics.mean(values):.{digits}f}", spread
