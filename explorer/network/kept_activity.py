"""What a network does on somebody's own data, on average: measured once and kept in a file."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import torch

from explorer.network.architectures import Activity
from explorer.network.atomic import write_atomically
from explorer.network.checkpoint import Checkpoint
from explorer.network.home import home
from explorer.network.weightings import measure_activity

KEPT = 50  # files of some hundred kilobytes; what was not used for longest is dropped


def activity_on_data(
    checkpoint: Checkpoint, progress: Callable[[float], None] | None = None
) -> Activity:
    """Measure what happens at a network's sites on the explain split of its task.

    On somebody's own data (see ``Task.opened``) it is kept, and read the next time.

    Parameters
    ----------
    checkpoint : Checkpoint
        With a task.
    progress : callable, optional
        Called with the share that is done; what it raises stops the run, and nothing is kept.
    """
    task = checkpoint.task
    assert task is not None
    found = _kept(checkpoint) if task.opened else None
    if found is None:
        inputs = task.split("explain").inputs
        inputs = inputs[: task.texts] if task.is_text else inputs
        found = measure_activity(checkpoint.network, inputs, progress, task.marks)
        if task.opened:
            keep_activity(checkpoint, found)
    return found


def keep_activity(checkpoint: Checkpoint, activity: Activity) -> None:
    """Keep what was measured; where the disk is full or cannot be written, do without."""
    from safetensors.torch import save

    tensors = {f"mean {n}": tensor.contiguous() for n, tensor in enumerate(activity.mean)}
    tensors |= {f"share {n}": tensor.contiguous() for n, tensor in enumerate(activity.active_share)}
    path = _path(checkpoint)
    with contextlib.suppress(OSError):
        write_atomically(path, save(tensors))
        kept = sorted(path.parent.glob("*-sites.safetensors"), key=lambda one: one.stat().st_mtime)
        for old in kept[:-KEPT]:
            old.unlink(missing_ok=True)


def _kept(checkpoint: Checkpoint) -> Activity | None:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(_path(checkpoint).read_bytes())
        count = len(tensors) // 2
        found = Activity(
            tuple(tensors[f"mean {n}"] for n in range(count)),
            tuple(tensors[f"share {n}"] for n in range(count)),
        )
    except (OSError, SafetensorError, KeyError):
        return None
    whole = all(bool(torch.isfinite(t).all()) for t in (*found.mean, *found.active_share))
    return found if whole and count else None


def _path(checkpoint: Checkpoint) -> Path:
    name = f"{checkpoint.id}-{checkpoint.task_name}-sites.safetensors"
    return home() / "activations" / name
