"""Networks whose modules are described and scored: trained by recipe with seeds of their own."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from explorer.errors import SweepError
from explorer.modularity.finding import find_modules
from explorer.modularity.partition import Module, Partition
from explorer.network.checkpoint import Checkpoint, save
from explorer.network.graph import network_graph
from explorer.network.home import home
from explorer.network.load import load
from explorer.network.threads import single_threaded
from explorer.sweeps.executor import run_all
from explorer.sweeps.processes import WorkerProcesses
from explorer.training.config import TrainingConfig
from explorer.training.loop import train
from explorer.training.recipes import recipe

NETWORKS = ("digits-modular", "pair-modular")
MODULES = 10
FIRST_SEED = 30  # nothing was tuned on the seeds from here on


@dataclass(frozen=True, eq=False)
class Case:
    """A network and the partition whose modules are described.

    Attributes
    ----------
    task : str
    seed : int
    checkpoint : Checkpoint
    partition : Partition
    """

    task: str
    seed: int
    checkpoint: Checkpoint
    partition: Partition

    @property
    def modules(self) -> tuple[Module, ...]:
        """All modules."""
        return self.partition.modules


def make_case(checkpoint: Checkpoint, seed: int, modules: int = MODULES) -> Case:
    """Partition a network by the n-cut, the method that finds exactly as many modules as asked."""
    graph = network_graph(checkpoint)
    partition = find_modules(graph, modules, method="spectral_n_cut")
    return Case(str(checkpoint.task_name), seed, checkpoint, partition)


def trained_cases(
    seeds: Sequence[int],
    networks: Sequence[str] = NETWORKS,
    progress: Callable[[float], None] | None = None,
) -> tuple[Case, ...]:
    """Train networks by the bundled recipes, aimed at 10 modules, or fetch those of a former run.

    Parameters
    ----------
    seeds : sequence of int
    networks : sequence of str
        Recipes.
    progress : callable, optional
        Called with the share that is done.

    Raises
    ------
    SweepError
        If a run fails.
    """
    configs = [
        replace(recipe(name), seed=seed, module_count=MODULES)
        for name in networks
        for seed in seeds
    ]
    missing = [config for config in configs if not _place(config).exists()]
    with WorkerProcesses(min(2, max(1, len(missing)))) as processes:
        for done, outcome in enumerate(run_all(_train, missing, processes, ahead=2), start=1):
            if outcome.value is None:
                raise SweepError(
                    f"the run on {outcome.item.task} with seed {outcome.item.seed} failed: "
                    f"{outcome.failed}"
                )
            if progress is not None:
                progress(done / len(missing))
    return tuple(make_case(load(_place(config)), config.seed) for config in configs)


def _train(config: TrainingConfig) -> str:
    with single_threaded():
        checkpoint = train(config, f"{config.task}, seed {config.seed}")
    place = _place(config)
    place.parent.mkdir(parents=True, exist_ok=True)
    return str(save(checkpoint, place))


def _place(config: TrainingConfig) -> Path:
    key = hashlib.sha256(json.dumps(asdict(config), sort_keys=True).encode()).hexdigest()[:12]
    return home() / "benchmarks" / f"{config.task}-{config.seed}-{key}.safetensors"
