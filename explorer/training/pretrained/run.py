"""Continue training to the end in a folder, going on with a run that was stopped there."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from explorer.errors import TrainingDivergedError
from explorer.network.load import load
from explorer.network.threads import single_threaded
from explorer.training.pretrained.config import ContinuedConfig
from explorer.training.pretrained.keeping import ContinuedFolder
from explorer.training.pretrained.loop import ContinuedTraining, Measured
from explorer.training.pretrained.processes import OneProcess, Processes
from explorer.training.stopping import stop_noted

_SMALL = 5_000_000  # weights


def continue_training(
    config: ContinuedConfig,
    processes: Processes | None = None,
    progress: Callable[[Measured], Any] | None = None,
) -> Path:
    """Train a pretrained GPT on, with the share of weight between modules as a penalty.

    Ctrl+C (or SIGTERM) lets the step end and saves; the same call then goes on exactly from there.

    Parameters
    ----------
    config : ContinuedConfig
    processes : Processes, optional
        By default this one alone.
    progress : callable, optional
        Called in the first process with every row of the log.

    Returns
    -------
    Path
        The folder of the network, which ``explorer.load`` opens.

    Raises
    ------
    ConfigError, RunFolderError, FileFormatError, CheckpointError, TaskError
        If the settings, the folder, the network or its tokenizer will not do.
    TrainingDivergedError
        If a loss or gradient is no finite number; the run was then saved as it was before.
    KeyboardInterrupt
        If it was stopped.
    """
    own = processes or OneProcess()
    folder = ContinuedFolder(config.output)
    if own.is_first:
        folder.begin(config)
    own.mean([0.0])  # nobody reads on before the folder is there
    if folder.finished:
        return folder.network
    run = ContinuedTraining(config, load(config.network), own)
    folder.resume(run)

    def measure() -> None:
        row = run.measure()
        if own.is_first:
            folder.log(row)
            if progress is not None:
                progress(row)

    with stop_noted(lambda: setattr(run, "stop", True)), _threads_for(run):
        if run.steps_done == 0:
            measure()
        saved = time.monotonic()
        while not run.done:
            try:
                run.step()
            except TrainingDivergedError:
                if own.is_first:
                    folder.save(run)
                raise
            if run.done or run.steps_done % config.measure_every == 0:
                measure()
            late = time.monotonic() - saved >= config.save_seconds
            if own.is_first and (late or run.stopping or run.done):
                folder.save(run)
                saved = time.monotonic()
            if run.stopping and not run.done:
                raise KeyboardInterrupt(
                    f"stopped after step {run.steps_done} of {config.steps}, which was saved in "
                    f"{config.output}; the same command goes on from there"
                )
        if own.is_first:
            folder.finish(run)
    own.mean([0.0])  # nobody leaves before the network is there
    return folder.network


def _threads_for(run: ContinuedTraining) -> AbstractContextManager[None]:
    """One thread for a small network on a CPU: several would wait for each other."""
    weights = sum(weight.numel() for weight in run.parameters)
    small = run.processes.device.type == "cpu" and weights < _SMALL
    return single_threaded() if small else nullcontext()
