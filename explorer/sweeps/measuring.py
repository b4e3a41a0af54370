"""Measure many networks: one row of figures each, on this machine or a cluster."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.modularity.cut_tree import gomory_hu_tree
from explorer.modularity.finding import find_modules
from explorer.modularity.layered import layered_modularity, maximise_layered_modularity
from explorer.modularity.null_models import compare_with_null, shuffled_graphs
from explorer.modularity.partition import Partition
from explorer.modularity.quality import inside_mass
from explorer.network.bundled import networks
from explorer.network.graph import network_graph
from explorer.network.load import load
from explorer.network.weightings import usual_weighting
from explorer.sweeps.executor import run_all
from explorer.sweeps.measuring_table import MeasuredNetwork, MeasuringTable

NULL_COUNT, FEW_NULLS = 20, 5
_LONGEST = 60  # of a shape, in characters


@dataclass(frozen=True)
class MeasuringSettings:
    """How networks are measured.

    Attributes
    ----------
    weighting : str or None
        None for the usual one of each network: activity where its task is known.
    modules : int or None
        At most so many; None to choose the number.
    keep : int, float or None
        Which edges to keep; see ``network_graph``.
    task : str or None
        What they do, where their files do not say.
    nulls : int or None
        Shuffled networks; None for 20, or 5 of a network with more than 10,000 nodes.
    """

    weighting: str | None = None
    modules: int | None = None
    keep: int | float | None = None
    task: str | None = None
    nulls: int | None = None

    @property
    def text(self) -> str:
        """All of it in a line, to tell whether a row was measured in the same way."""
        values = (self.weighting, self.modules, self.keep, self.task, self.nulls)
        return " ".join("-" if value is None else str(value) for value in values)


@dataclass(frozen=True)
class MeasuringJob:
    """A network to measure, as it travels to where that is done.

    Attributes
    ----------
    place : str
        As it was given, and as it stands in the table.
    settings : MeasuringSettings
    path : str
        The same from any folder: a worker of a cluster may have been started in another one. Empty
        where ``place`` will do.
    """

    place: str
    settings: MeasuringSettings
    path: str = ""


@dataclass(frozen=True)
class MeasuringProgress:
    """How far it has come.

    Attributes
    ----------
    done, failed, total : int
        Networks with figures, networks that cannot be opened or measured, and all.
    row : MeasuredNetwork or None
        Of the network that came up just now; None before the first.
    """

    done: int
    failed: int
    total: int
    row: MeasuredNetwork | None = None


def measure_networks(
    places: Sequence[str],
    table: MeasuringTable,
    executor: Executor,
    ahead: int | Callable[[], int],
    settings: MeasuringSettings | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[MeasuringProgress]:
    """Measure what is not measured yet, and keep each row as it comes.

    Networks that are in the table already, measured in the same way from a file that has not
    changed since, are not measured again; those that failed are.

    Parameters
    ----------
    places : sequence of str
        See ``find_places``.
    table : MeasuringTable
    executor : concurrent.futures.Executor
        Measures them; see ``explorer.sweeps.executor``. The caller shuts it down.
    ahead : int or callable
        How many to have under way at once.
    settings : MeasuringSettings, optional
    stop : callable, optional
        Asked several times a second whether to stop.

    Yields
    ------
    MeasuringProgress
        Once at the start, then after every network.

    Raises
    ------
    SweepError
        If the table cannot be written or is being written, or a cluster is gone.
    """
    how = settings or MeasuringSettings()
    with table.held():
        known = table.rows()
        table.tidy(places)  # a row may have been cut short
        jobs = []
        for place in places:
            row = known.get(place)
            same = row is not None and (row.settings, row.version) == (how.text, version_of(place))
            if row is None or row.failed or not same:
                jobs.append(MeasuringJob(place, how, path_of(place)))
        done, failed, total = len(places) - len(jobs), 0, len(places)
        yield MeasuringProgress(done, failed, total)
        for outcome in run_all(measure_network, jobs, executor, ahead, stop):
            place = outcome.item.place
            row = outcome.value or MeasuredNetwork(
                place, version_of(place), how.text, failed=outcome.failed or "it failed"
            )
            table.add(row)
            done, failed = done + (not row.failed), failed + bool(row.failed)
            yield MeasuringProgress(done, failed, total, row)
        table.tidy(places)


def measure_network(job: MeasuringJob) -> MeasuredNetwork:
    """Open a network, find its modules and hold them against chance: what a worker does.

    Raises
    ------
    ExplorerError
        If it cannot be opened or measured so.
    """
    started = time.perf_counter()
    how, path = job.settings, job.path or job.place
    checkpoint = load(path, how.task)
    weighting = how.weighting or usual_weighting(checkpoint.network, checkpoint.task is not None)
    graph = network_graph(checkpoint, weighting, how.keep)
    partition = find_modules(graph, how.modules)
    nulls = how.nulls or (FEW_NULLS if graph.is_large else NULL_COUNT)
    value = layered_modularity(graph, partition.labels)
    null = compare_with_null(value, np.array(_by_chance(partition, nulls)), "all")
    pruning = graph.pruning
    about = checkpoint.network.describe()
    shape = checkpoint.network.shape
    return MeasuredNetwork(
        place=job.place,
        version=version_of(path),
        settings=how.text,
        id=checkpoint.id,
        name=checkpoint.name,
        architecture=str(about.get("family") or about.get("kind") or ""),
        shape=shape
        if len(shape) <= _LONGEST
        else f"{len(checkpoint.network.neuron_layers)} layers",
        task=checkpoint.task_name or "",
        weighting=weighting,
        nodes=graph.node_count,
        edges=len(graph.edges[0]),
        all_edges=len(graph.edges[0]) if pruning is None else pruning.all_edges,
        keep="all" if pruning is None else str(pruning.keep),
        kept_mass=1.0 if pruning is None else pruning.mass,
        modules=partition.count,
        q_b=value,
        null_mean=null.mean,
        null_low=null.low,
        null_high=null.high,
        nulls=null.count,
        inside=inside_mass(partition),
        trivial_share=gomory_hu_tree(graph).trivial_share,
        seconds=round(time.perf_counter() - started, 2),
    )


def path_of(place: str) -> str:
    """Whole path of a file or folder; what is none, such as a bundled name, stays as it is."""
    there = place not in networks() and Path(place).exists()
    return str(Path(place).absolute()) if there else place


def version_of(place: str) -> str:
    """Tell a file from what it was before, by size and time; empty for what is no file."""
    path = Path(place)
    try:
        files = [path] if path.is_file() else [p for p in sorted(path.iterdir()) if p.is_file()]
        states = [file.stat() for file in files]
    except OSError:
        return ""
    if not states:
        return ""
    return f"{sum(s.st_size for s in states)}-{max(s.st_mtime_ns for s in states)}"


def _by_chance(partition: Partition, count: int) -> list[float]:
    """Q_B of what the same search finds in shuffled networks."""
    modules = max(partition.count, 1)
    return [
        layered_modularity(null, maximise_layered_modularity(null, modules))
        for null in shuffled_graphs(partition.graph, count)
    ]
