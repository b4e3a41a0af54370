"""A checkpoint: a trained network together with what is known of how it came to be."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from explorer.errors import TaskError
from explorer.network.architectures import Network
from explorer.network.atomic import write_atomically
from explorer.network.content_hash import content_hash
from explorer.network.tasks import Task, task

METADATA_KEY = "modular-network-explorer"
METADATA_VERSION = 1


@dataclass(frozen=True)
class Origin:
    """Where a network came from.

    Attributes
    ----------
    format : str
        For people; see ``WeightFile.format``, or ``nn.Module``.
    place : str
        Path or hub id; empty for what was never a file.
    tokenizer : str or None
        Folder of its tokenizer.
    notes : tuple of str
        Sentences that people must know of the network, such as what its file did not say.
    """

    format: str
    place: str = ""
    tokenizer: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """A network in eval mode and what its file says about it.

    Attributes
    ----------
    name : str
        Name for people: that of a bundled network, or of the file.
    network : Network
        In eval mode; never changed in place (see ``Network.with_matrices``).
    task_name : str or None
        Key of the task, None where it is not known.
    config : mapping
        How the network was trained, as recorded; empty where it is not known.
    metrics : mapping
        Figures as recorded at the end of training.
    origin : Origin or None
        Where it was opened from; no part of the id.
    id : str
        Hash of architecture, weights and task; the same content has the same id, whatever file it
        came from.
    """

    name: str
    network: Network
    task_name: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    origin: Origin | None = field(default=None, compare=False)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        content = content_hash(self.network, self.task_name, self.name)
        if self.task_name is not None and not task(self.task_name).fits(self.network):
            wanted = task(self.task_name)
            has = "a vocabulary of {} tokens" if wanted.is_text else "{} inputs and {} outputs"
            raise TaskError(
                f"found a network of {self.network.input_size} inputs and "
                f"{self.network.output_size} outputs; the task {self.task_name} has "
                + has.format(len(wanted.tokens or wanted.inputs), len(wanted.outputs))
            )
        self.network.eval().requires_grad_(False)
        object.__setattr__(self, "config", MappingProxyType(dict(self.config)))
        object.__setattr__(self, "metrics", MappingProxyType(dict(self.metrics)))
        object.__setattr__(self, "id", content)

    @property
    def task(self) -> Task | None:
        """The task, or None where it is not known."""
        return None if self.task_name is None else task(self.task_name)

    def with_task(self, task_name: str) -> "Checkpoint":
        """Return the same network, said to do another task.

        Raises
        ------
        TaskError
            If there is no such task or its inputs and outputs do not fit.
        """
        return Checkpoint(
            self.name, self.network, task_name, self.config, self.metrics, self.origin
        )


def save(checkpoint: Checkpoint, path: str | os.PathLike[str]) -> Path:
    """Write a checkpoint as a safetensors file that describes itself.

    The file appears whole or not at all: it is written beside its place and then moved there.

    Parameters
    ----------
    checkpoint : Checkpoint
    path : path

    Returns
    -------
    Path
    """
    from safetensors.torch import save as to_bytes

    target = Path(path)
    about = {
        "version": METADATA_VERSION,
        "name": checkpoint.name,
        "architecture": checkpoint.network.describe(),
        "task": checkpoint.task_name,
        "config": dict(checkpoint.config),
        "metrics": dict(checkpoint.metrics),
    }
    tensors = {name: t.contiguous() for name, t in checkpoint.network.state_dict().items()}
    payload = to_bytes(tensors, metadata={METADATA_KEY: json.dumps(about, sort_keys=True)})
    write_atomically(target, payload)
    return target
