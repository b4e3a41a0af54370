"""One process, or several that train one network together.

With several, every process has the whole network and reads its own part of a step's text; their
gradients are averaged (distributed data parallel). That is left to ``accelerate``; one process
needs nothing but torch.
"""

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from explorer.errors import ConfigError

# How launchers say how many processes there are: torchrun and accelerate, then those of MPI.
_SIZES = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")


class Processes(ABC):
    """What the training loop asks of the processes that run it.

    Attributes
    ----------
    rank : int
        Which process this is, from 0; the first one alone finds modules and writes files.
    count : int
    device : torch.device
    """

    rank: int
    count: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    @abstractmethod
    def prepare(self, network: nn.Module) -> nn.Module:
        """Wrap a network so that backward passes average gradients over processes."""

    @abstractmethod
    def gathering(self, model: nn.Module, last: bool) -> AbstractContextManager[Any]:
        """Context of a forward and backward pass; gradients are averaged in the last of a step."""

    @abstractmethod
    def mean(self, values: Sequence[float]) -> list[float]:
        """Average numbers over processes."""

    @abstractmethod
    def from_first(self, value: Any) -> Any:
        """What the first process has, on all of them."""

    @abstractmethod
    def close(self) -> None:
        """Part from the others."""


class OneProcess(Processes):
    """A process of its own, on the GPU if there is one."""

    def __init__(self) -> None:
        self.rank, self.count = 0, 1
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def prepare(self, network: nn.Module) -> nn.Module:
        """The network as it is."""
        return network

    def gathering(self, model: nn.Module, last: bool) -> AbstractContextManager[Any]:
        """Nothing to gather."""
        return nullcontext()

    def mean(self, values: Sequence[float]) -> list[float]:
        """The numbers as they are."""
        return list(values)

    def from_first(self, value: Any) -> Any:
        """The value as it is."""
        return value

    def close(self) -> None:
        """Nothing to part from."""


class SeveralProcesses(Processes):
    """Processes that ``torchrun`` or ``accelerate launch --multi_gpu`` started, a device each."""

    def __init__(self) -> None:
        from accelerate import Accelerator

        # Numbers of the graph stay in float32: the loop itself decides what runs in bfloat16.
        self.accelerator = Accelerator(mixed_precision="no", cpu=not torch.cuda.is_available())
        kind = self.accelerator.distributed_type.value
        if kind not in ("MULTI_GPU", "MULTI_CPU"):
            raise ConfigError(
                f"found processes of the kind {kind}; expected plain data-parallel ones (torchrun, "
                f"or accelerate launch without DeepSpeed or FSDP): modules need whole weights"
            )
        self.rank = self.accelerator.process_index
        self.count = self.accelerator.num_processes
        self.device = self.accelerator.device

    def prepare(self, network: nn.Module) -> nn.Module:
        """The network in torch's DistributedDataParallel."""
        prepared: nn.Module = self.accelerator.prepare(network)
        return prepared

    def gathering(self, model: nn.Module, last: bool) -> AbstractContextManager[Any]:
        """Gradients are only averaged in the last pass of a step."""
        averaged: AbstractContextManager[Any] = self.accelerator.no_sync(model)
        return nullcontext() if last else averaged

    def mean(self, values: Sequence[float]) -> list[float]:
        """Average numbers over processes."""
        own = torch.tensor(list(values), dtype=torch.float64, device=self.device)
        found: Tensor = self.accelerator.reduce(own, "mean")
        return [float(value) for value in found]

    def from_first(self, value: Any) -> Any:
        """What the first process has, on all of them."""
        from accelerate.utils import broadcast_object_list

        return broadcast_object_list([value if self.is_first else None])[0]

    def close(self) -> None:
        """End the group of processes."""
        self.accelerator.end_training()


def open_processes() -> Processes:
    """Join the processes that this one was started with.

    Raises
    ------
    ConfigError
        If there are several and accelerate is not installed.
    """
    count = _count()
    if count <= 1:
        return OneProcess()
    if find_spec("accelerate") is None:
        raise ConfigError(
            f"found {count} processes, but accelerate is not installed; expected it (pip install "
            f"'modular-network-explorer[distributed]'), or one process"
        )
    return SeveralProcesses()


def leave(status: int) -> NoReturn:
    """End this process with an exit status.

    One of several ends without taking the interpreter apart. On a CPU a thread of gloo may be about
    to let go of a tensor of the last sum over processes; where it finds the interpreter half gone,
    the process aborts and its launcher calls a finished run failed
    (https://github.com/pytorch/pytorch/pull/179291).
    """
    if _count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _count() -> int:
    """Number of processes that this one was started with, by the launcher's variables."""
    said = (os.environ.get(name, "") for name in _SIZES)
    return max((int(text) for text in said if text.isdecimal() and len(text) < 9), default=1)
