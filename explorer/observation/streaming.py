"""Run a network on data a few examples at a time, and know beforehand whether that takes long."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from explorer.network.architectures import Activity, Network, activity_of
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, Ints
from explorer.network.tasks import Examples, Task
from explorer.network.weightings import reach
from explorer.observation.stored_values import Writer

Progress = Callable[[float], None]
FEW = 32  # examples that a network is run on again and again, where one run takes long


def observed(task: Task, split: str) -> Tensor:
    """Inputs of a split that a network is watched on: all, or of a text the first so many."""
    inputs = task.split(split).inputs
    return inputs[: task.texts] if task.is_text else inputs


def at_once(network: Network, inputs: Tensor) -> int:
    """How many of these inputs to run at a time."""
    return network.examples_at_once(inputs.shape[1] if network.example_axes > 1 else 1)


def takes_long(checkpoint: Checkpoint, split: str = "explain") -> bool:
    """Tell whether the network of somebody's own data is too large to run it all at once.

    Then what needs further runs (ablations, promoted outputs) is left to be asked for, and runs on
    32 examples.
    """
    task = checkpoint.task
    if task is None or not task.opened:
        return False
    inputs = observed(task, split)
    return at_once(checkpoint.network, inputs) < len(inputs)


def few_examples(checkpoint: Checkpoint, split: str) -> Examples:
    """Examples of a split to measure an intervention on: all, or 32 where a run takes long."""
    task = checkpoint.task
    assert task is not None
    examples = task.split(split)
    return examples[few_rows(checkpoint, split)] if takes_long(checkpoint, split) else examples


def few_rows(checkpoint: Checkpoint, split: str) -> Tensor:
    """Places of 32 examples that lie evenly over a split."""
    assert checkpoint.task is not None
    count = len(checkpoint.task.split(split))
    wanted = min(count, FEW)
    return torch.arange(wanted) * count // wanted


def batches(
    network: Network, inputs: Tensor, progress: Progress | None = None, inside: bool = False
) -> Iterator[tuple[slice, Tensor]]:
    """Cut inputs into parts that fit in memory; report how many were used after each.

    With ``inside``, for runs that leave out the logits.
    """
    positions = inputs.shape[1] if network.example_axes > 1 else 1
    size = network.examples_inside(positions) if inside else network.examples_at_once(positions)
    for start in range(0, len(inputs), size):
        part = inputs[start : start + size]
        yield slice(start, start + len(part)), part
        if progress is not None:
            progress((start + len(part)) / len(inputs))


def part_of(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Report on a part of the work: its shares as shares of the whole."""
    return None if progress is None else lambda share: progress(start + share * (end - start))


@torch.no_grad()
def write_activations(
    network: Network,
    task: Task,
    inputs: Tensor,
    writer: Writer,
    progress: Progress | None = None,
) -> tuple[dict[str, Floats], Activity]:
    """Run a network on inputs and write what all neurons do on every row.

    Rows of marks (see ``Task.marks``) are written as 0.

    Returns
    -------
    dict of str to array, shape (nodes,)
        ``reach`` (see ``Recording``) and ``active``: share of the rows on which a node is not 0.
    Activity
        What happened at the network's sites, on average.
    """
    sizes = [layer.size for layer in network.neuron_layers]
    active = [torch.zeros(size, dtype=torch.float64) for size in sizes]
    rows, parts = 0, []
    for _, batch in batches(network, inputs, progress, inside=True):
        trace = network.inside(batch)
        mark = torch.isin(batch, torch.tensor(task.marks)).flatten() if task.marks else None
        parts.append((len(batch), activity_of(trace, None if mark is None else ~mark)))
        for layer, activations in enumerate(trace.layers):
            values = one_number(activations, network.example_axes)
            if mark is not None and bool(mark.any()):
                values = values.masked_fill(mark[:, None], 0.0)
            writer.write(layer, rows, values)
            active[layer] += values.count_nonzero(dim=0)
        rows += len(values)
    activity = _mean_of(parts)
    if network.is_chain:
        norms = torch.cat(reach(network.magnitudes(), activity))
    else:
        norms = weight_out(network)
    arrays = {
        "reach": norms.double().numpy(),
        "active": (torch.cat(active) / max(rows, 1)).numpy(),
    }
    return arrays, activity


def _mean_of(parts: list[tuple[int, Activity]]) -> Activity:
    """Average over batches, each weighed by its examples."""
    whole = sum(count for count, _ in parts)

    def mean(tensors: Sequence[Tensor]) -> Tensor:
        weighed = [count * one for (count, _), one in zip(parts, tensors, strict=True)]
        return torch.stack(weighed).sum(dim=0) / whole

    each = [one for _, one in parts]
    sites = range(len(each[0].mean))
    return Activity(
        tuple(mean([one.mean[site] for one in each]) for site in sites),
        tuple(mean([one.active_share[site] for one in each]) for site in sites),
    )


def one_number(activations: Tensor, example_axes: int) -> Tensor:
    """Activations of a layer as (rows, neurons)."""
    rows = activations.flatten(0, example_axes - 1)
    return rows if rows.dim() == 2 else rows.pow(2).flatten(1, -2).mean(dim=1).sqrt()


def weight_out(network: Network) -> Tensor:
    """Sum of |weights| out of every neuron, link by link."""
    layers = [torch.zeros(layer.size) for layer in network.neuron_layers]
    with torch.no_grad():
        for link, magnitude in enumerate(link_magnitudes(network)):
            source = network.links[link][0]
            layers[source] = layers[source] + magnitude.sum(dim=0)
    return torch.cat(layers)


def link_magnitudes(network: Network) -> Iterator[Tensor]:
    """Sizes of the edges of every link, one after the other where the network streams."""
    if network.streams:
        for link in range(len(network.links)):
            yield network.link_magnitude(link)
    else:
        yield from network.magnitudes()


def rows_of(chosen: Tensor, length: int) -> Ints:
    """Rows of some texts, of so many tokens each; of other data, rows are examples."""
    found: Ints = (chosen.numpy()[:, None] * length + np.arange(length)).reshape(-1)
    return found
