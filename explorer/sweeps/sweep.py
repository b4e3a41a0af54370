"""Run a grid: train every network of it, somewhere, and keep what came out."""

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from explorer.network.checkpoint import save
from explorer.sweeps.executor import run_all
from explorer.sweeps.figures import RunFigures, summarise
from explorer.sweeps.folder import RunRecord, SweepFolder
from explorer.sweeps.grid import SweepGrid, run_id
from explorer.training.config import TrainingConfig
from explorer.training.loop import train


@dataclass(frozen=True)
class Job:
    """One run, as it travels to where it is made.

    Attributes
    ----------
    config : TrainingConfig
    modules : int
        Number of modules to look for in the network, at most; 0 to choose it.
    """

    config: TrainingConfig
    modules: int = 0


@dataclass(frozen=True)
class Progress:
    """How far a sweep has come.

    Attributes
    ----------
    done, failed, total : int
        Runs with figures, runs that failed, and all runs of the grid.
    record : RunRecord or None
        The run that came to its end just now; None before the first.
    """

    done: int
    failed: int
    total: int
    record: RunRecord | None = None

    @property
    def complete(self) -> bool:
        """Whether every run has figures."""
        return self.done == self.total


def run_sweep(
    grid: SweepGrid,
    folder: SweepFolder,
    executor: Executor,
    ahead: int | Callable[[], int],
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Progress]:
    """Train what of a grid is not done yet, and keep each run in the folder as it comes.

    Runs that failed before are tried again.

    Parameters
    ----------
    grid : SweepGrid
    folder : SweepFolder
        May hold runs of an earlier grid: those that are in this one too are taken as they are.
    executor : concurrent.futures.Executor
        Trains the networks; see ``explorer.sweeps.executor``. The caller shuts it down.
    ahead : int or callable
        How many runs to have under way at once.
    stop : callable, optional
        Asked several times a second whether to stop. So does a file ``stop`` in the folder.

    Yields
    ------
    Progress
        Once at the start, then after every run.

    Raises
    ------
    SweepError
        If another process runs this sweep, the folder cannot be written or a cluster is gone.
    """
    with folder.held():
        folder.write_grid(grid)
        found = {id_: r for id_, r in folder.records(grid).items() if r.figures is not None}
        jobs = [
            Job(config, grid.measured_modules)
            for id_, config in grid.by_id.items()
            if id_ not in found
        ]
        done, failed, total = len(found), 0, len(grid.by_id)
        yield Progress(done, failed, total)
        outcomes = run_all(
            run_job, jobs, executor, ahead, stop=lambda: stop() or folder.asked_to_stop
        )
        for outcome in outcomes:
            if outcome.value is None:
                record = RunRecord(
                    outcome.item.config, failed=outcome.failed, modules=grid.measured_modules
                )
                folder.add(record)
                failed += 1
            else:
                figures, network = outcome.value
                record = RunRecord(outcome.item.config, figures, modules=grid.measured_modules)
                folder.add(record, network)
                done += 1
            yield Progress(done, failed, total, record)


def run_job(job: Job) -> tuple[RunFigures, bytes]:
    """Train a network and measure it: what a worker does.

    Returns
    -------
    RunFigures
    bytes
        The network, as a safetensors file.

    Raises
    ------
    TrainingDivergedError
    """
    started = time.perf_counter()
    checkpoint = train(job.config, run_name(job.config))
    seconds = time.perf_counter() - started
    figures = summarise(checkpoint, job.modules or None, round(seconds, 2))
    with tempfile.TemporaryDirectory() as place:
        return figures, save(checkpoint, Path(place) / "network.safetensors").read_bytes()


def run_name(config: TrainingConfig) -> str:
    """Name the network of a run for people.

    Examples
    --------
    >>> run_name(TrainingConfig(task="pair", hidden=(48, 48), modularity_coefficient=3.0, seed=1))
    'pair layered 3 seed 1 (8f46)'
    """
    what = f"{config.loss} {config.modularity_coefficient:g}"
    if not config.modularity_coefficient:
        alone = "plain" if config.gate == "none" else f"gate {config.gate}"
        what = f"l1 {config.l1_coefficient:g}" if config.l1_coefficient else alone
    return f"{config.task} {what} seed {config.seed} ({run_id(config)[:4]})"
