"""What neurons and modules do on examples."""

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from explorer.errors import TaskError
from explorer.modularity.partition import Module
from explorer.network.architectures import activity_of
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, Ints
from explorer.network.home import home
from explorer.network.kept_activity import keep_activity
from explorer.network.tasks import Task
from explorer.network.weightings import reach
from explorer.observation.stored_values import KEPT, StoredValues, Writer, open_stored
from explorer.observation.streaming import (
    Progress,
    observed,
    one_number,
    weight_out,
    write_activations,
)

SPLIT = "explain"

_lock = threading.Lock()
_open: dict[tuple[str, str], "Recording"] = {}  # files of recordings that were checked already


@dataclass(frozen=True)
class Recording:
    """Activations of all neurons on the examples of one split.

    Attributes
    ----------
    values : array, shape (rows, nodes), or StoredValues
        One row an example; of a text, one a token, example after example. Neurons after their ReLU,
        and logits, in the order of the graph's nodes. A channel or head, which holds several
        numbers, by their root mean square. Of somebody's own data they lie in a file, in half
        precision.
    reach : array, shape (nodes,)
        Path norm from a neuron to the outputs, hidden neurons counted by how often they are active;
        of a network that is no chain, the sum of |weights| out of a neuron.
    checkpoint_id : str
    active : array, shape (nodes,), or None
        See ``active_share``; None where it is not known beforehand.
    """

    values: Floats | StoredValues
    reach: Floats
    checkpoint_id: str
    active: Floats | None = None

    def weighed(self, nodes: Ints) -> Floats:
        """Sum over some nodes of |activation| times reach, on every row."""
        if isinstance(self.values, StoredValues):
            return self.values.weighed(nodes, self.reach[nodes])
        return np.asarray(np.abs(self.values[:, nodes]) @ self.reach[nodes])

    def active_share(self) -> Floats:
        """Share of the rows on which a node is not 0, of every node."""
        if self.active is not None:
            return self.active
        assert not isinstance(self.values, StoredValues)
        return np.asarray((self.values != 0).mean(axis=0))


def task_of(checkpoint: Checkpoint) -> Task:
    """Return the task of a checkpoint.

    Raises
    ------
    TaskError
        If it has none, so that there is no data to run it on.
    """
    if checkpoint.task is None:
        raise TaskError(
            f"{checkpoint.name} has no task, so there is no data to run it on; expected one of "
            f"the tasks, as in load(..., task='digits')"
        )
    return checkpoint.task


def record_activations(
    checkpoint: Checkpoint, split: str = SPLIT, progress: Progress | None = None
) -> Recording:
    """Run a network on one split of its task.

    What a network does on somebody's own data (see ``Task.opened``) is kept in a file: the first
    call runs the network a few examples at a time, all others read the file.

    Parameters
    ----------
    checkpoint : Checkpoint
    split : str
    progress : callable, optional
        Called with the share that is done; what it raises stops the run, and nothing is kept.

    Returns
    -------
    Recording

    Raises
    ------
    TaskError
        If the checkpoint has no task, or the file cannot be written.
    """
    task, network = task_of(checkpoint), checkpoint.network
    if task.opened:
        return _kept(checkpoint, split, progress)
    trace = network.trace(observed(task, split))
    columns = [one_number(layer, network.example_axes) for layer in trace.layers]
    if network.is_chain:
        norms = torch.cat(reach(network.magnitudes(), activity_of(trace)))
    else:
        norms = weight_out(network)
    return Recording(
        values=torch.cat(columns, dim=1).double().numpy(),
        reach=norms.double().numpy(),
        checkpoint_id=checkpoint.id,
    )


def is_recorded(checkpoint: Checkpoint, split: str = SPLIT) -> bool:
    """Tell whether a recording of somebody's own data is kept, so that there is no need to run."""
    path = _path(checkpoint, split)
    return path.is_file() and path.with_suffix(".json").is_file()


def _path(checkpoint: Checkpoint, split: str) -> Path:
    name = f"{checkpoint.id}-{checkpoint.task_name}-{split}.npy"
    return home() / "activations" / name


def _kept(checkpoint: Checkpoint, split: str, progress: Progress | None) -> Recording:
    path = _path(checkpoint, split)
    key = (str(path), checkpoint.id)
    with _lock:
        found = _open.get(key)
        if found is not None and path.is_file():
            return found
    task, network = task_of(checkpoint), checkpoint.network
    inputs = observed(task, split)
    sizes = [layer.size for layer in network.neuron_layers]
    rows = inputs.numel() if task.is_text else len(inputs)
    stored = open_stored(path, sizes, rows)
    if stored is None:
        _record(checkpoint, split, inputs, path, rows, progress)
        stored = open_stored(path, sizes, rows)
    if stored is None:
        raise TaskError(
            f"found the activations of {checkpoint.name} damaged in {path.parent} as soon as they "
            f"were written; expected a disk that keeps what is written"
        )
    values, _, arrays = stored
    made = Recording(values, arrays["reach"], checkpoint.id, arrays["active"])
    with _lock:
        _open[key] = made
        while len(_open) > KEPT:
            del _open[next(iter(_open))]
    return made


def _record(
    checkpoint: Checkpoint,
    split: str,
    inputs: Tensor,
    path: Path,
    rows: int,
    progress: Progress | None,
) -> None:
    task, network = task_of(checkpoint), checkpoint.network
    sizes = [layer.size for layer in network.neuron_layers]
    try:
        writer = Writer(path, sizes, rows)
        try:
            arrays, activity = write_activations(network, task, inputs, writer, progress)
            writer.finish({"checkpoint": checkpoint.id, "task": task.name}, arrays)
        except BaseException:
            writer.abandon()
            raise
        if split == SPLIT:  # the graph weighted by activity needs no further run
            keep_activity(checkpoint, activity)
    except OSError as problem:
        raise TaskError(
            f"found no way to keep activations in {path.parent} ({problem.strerror}); expected a "
            f"folder that can be written and a disk with {2 * rows * sum(sizes) / 1e6:,.0f} MB left"
        ) from problem


def hidden_nodes(module: Module) -> Ints:
    """Nodes of a module that are hidden neurons."""
    graph = module.partition.graph
    nodes = np.asarray(module.nodes, dtype=np.int64)
    hidden = np.array([layer.role == "hidden" for layer in graph.layers])
    return nodes[hidden[graph.layer_of[nodes]]] if len(nodes) else nodes


def module_activity(module: Module, recording: Recording) -> Floats | None:
    """How active a module is on every example; 1 is its average.

    The sum over its hidden neurons of |activation| times reach (the path norm to the outputs),
    divided by the mean over the examples: a neuron counts by what it can do to the outputs, and a
    rescaling that leaves the network's function as it was changes nothing.

    Returns
    -------
    array, shape (examples,), or None
        None if the module has no hidden neuron or is silent on every example.
    """
    nodes = hidden_nodes(module)
    total = recording.weighed(nodes)
    mean = float(total.mean()) if len(nodes) else 0.0
    return total / mean if mean > 0 else None
