"""Continued training: plain staged code, one step after the other."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.errors import ConfigError, TrainingDivergedError
from explorer.network.adam import Adam
from explorer.network.architectures import Activity
from explorer.network.checkpoint import Checkpoint
from explorer.network.weightings import measure_activity
from explorer.training.config import ramp
from explorer.training.losses.base import Penalty, add_gradients
from explorer.training.pretrained.config import ContinuedConfig, rate_share
from explorer.training.pretrained.modules_found import (
    FoundModules,
    graph_now,
    moved,
    read_labels,
)
from explorer.training.pretrained.processes import OneProcess, Processes
from explorer.training.pretrained.starting import trainable
from explorer.training.pretrained.windows import read_text

_LARGEST_LOSS = 1e6  # nats: who is further off never comes back
_PROBE = 16  # windows that activity is averaged over
_TRAINED, _PROBED = 0, 1  # streams of random windows


@dataclass(frozen=True)
class Measured:
    """Figures of the network as it was before a step; a row of the log.

    Attributes
    ----------
    step : int
    train_loss : float
        Cross-entropy in nats a token, averaged over the steps since the last row.
    held_out_loss : float
        The same on held-out text.
    inside : float
        Share of weight inside modules, over links.
    q_b : float
        Layered modularity of the modules.
    modules : int
    strength : float
        What the penalty is weighted with.
    learning_rate : float
    """

    step: int
    train_loss: float
    held_out_loss: float
    inside: float
    q_b: float
    modules: int
    strength: float
    learning_rate: float


class ContinuedTraining:
    """A run: everything that changes from step to step.

    Parameters
    ----------
    config : ContinuedConfig
    checkpoint : Checkpoint
        The network to go on with. It is not changed.
    processes : Processes, optional
        By default this one alone.

    Raises
    ------
    ConfigError
        If the network reads no text or names no next token, or the text does not suit it.
    """

    def __init__(
        self, config: ContinuedConfig, checkpoint: Checkpoint, processes: Processes | None = None
    ) -> None:
        self.config, self.processes = config, processes or OneProcess()
        self.base = checkpoint
        self.network = trainable(checkpoint).to(self.processes.device)
        if config.length > self.network.most_positions:
            raise ConfigError(
                f"found length = {config.length:,}; expected at most the "
                f"{self.network.most_positions:,} tokens that {checkpoint.name} has places for"
            )
        self.text = read_text(config.text, checkpoint, config.held_out, config.length)
        self.model = self.processes.prepare(self.network)
        self.parameters = list(self.network.parameters())
        self.optimiser = Adam(self.parameters, config.learning_rate, config.weight_decay)
        self.modules = FoundModules(config, self.network)
        if config.partition:
            self.modules.given(read_labels(config.partition))
        self.activity: Activity | None = None
        self.steps_done = 0
        self.stop = False  # whether this process was asked to stop
        self.stopping = False  # whether any was, by the last step
        self.found_at = -1  # the step before which modules were found last
        self.seen: list[float] = []  # losses since the last measurement

    @property
    def done(self) -> bool:
        """Whether all steps were made."""
        return self.steps_done >= self.config.steps

    @property
    def strength(self) -> float:
        """What the penalty is weighted with at the next step: lambda r(t)."""
        share = ramp(self.steps_done, self.config.steps, self.config.penalty_ramp)
        return self.config.modularity_coefficient * share

    @property
    def learning_rate(self) -> float:
        """That of the next step."""
        return self.config.learning_rate * rate_share(self.config, self.steps_done)

    def step(self) -> float:
        """Read a batch and let the optimiser make one step; return the loss, without the penalty.

        Raises
        ------
        TrainingDivergedError
            If a loss or gradient is no finite number, or beyond all measure. The optimiser has
            then not made the step.
        """
        self.prepare_modules()
        self.optimiser.learning_rate = self.learning_rate
        self.optimiser.zero_grad()
        windows = self._own_windows()
        total = 0.0
        for index, part in enumerate(windows):
            last = index == len(windows) - 1
            with self.processes.gathering(self.model, last):
                with self._computing():
                    logits = self.model(part[:, :-1])
                loss = next_token_loss(logits, part[:, 1:]) / len(windows)
                loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
        penalty = self._add_penalty() if self.strength > 0 else 0.0
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.config.clip)
        total, asked = self.processes.mean([total, float(self.stop)])
        self.stopping = asked > 0
        self._check_finite(total, penalty, float(norm))
        self.optimiser.step()
        self.steps_done += 1
        self.seen.append(total)
        return total

    def prepare_modules(self) -> None:
        """Find the modules anew where that is due; the first process does it for all.

        That is at the start, every ``refresh`` steps, and at the end for the last figures.
        """
        every = self.config.refresh
        due = self.done or (every and self.steps_done % every == 0)
        if self.found_at >= 0 and (not due or self.found_at == self.steps_done):
            return
        self.found_at = self.steps_done
        found: tuple[Any, Any] = ({}, None)
        if self.processes.is_first:
            activity = self._measured_activity()
            if not self.config.partition:
                graph = graph_now(self.network, self.config.graph, activity)
                self.modules.refresh(graph)
            found = (self.modules.state(), moved(activity, torch.device("cpu")))
        state, activity = self.processes.from_first(found)
        self.modules.restore(state)
        self.activity = moved(activity, self.processes.device)

    def measure(self) -> Measured:
        """Take the figures of the network as it is now; all processes must ask for them."""
        self.prepare_modules()
        windows = self.text.measured(self.config.measured_windows, self.config.length)
        own = windows[self.processes.rank :: self.processes.count].to(self.processes.device)
        total, count = 0.0, 0
        with torch.no_grad(), self._computing():
            for part in torch.split(own, self.config.batch_size):
                loss = next_token_loss(self.network(part[:, :-1]), part[:, 1:])
                total, count = total + float(loss) * len(part), count + len(part)
        total, mean_count = self.processes.mean([total, float(count)])
        inside, q_b = self.modules.figures(self.network, self.activity)
        seen, self.seen = self.seen, []
        return Measured(
            step=self.steps_done,
            train_loss=float(np.mean(seen)) if seen else float("nan"),
            held_out_loss=total / mean_count,
            inside=inside,
            q_b=q_b,
            modules=self.modules.count,
            strength=self.strength,
            learning_rate=0.0 if self.done else self.learning_rate,
        )

    def _own_windows(self) -> tuple[Tensor, ...]:
        """Windows of this step that are this process's, one batch for every time it reads."""
        config, processes = self.config, self.processes
        times, size = config.accumulate, config.batch_size
        count = times * processes.count * size
        drawn = self.text.batch((config.seed, self.steps_done, _TRAINED), count, config.length)
        shares = drawn.reshape(times, processes.count, size, -1)[:, processes.rank]
        return tuple(shares.to(processes.device))

    def _measured_activity(self) -> Activity | None:
        if self.config.graph != "activity":
            return None
        key = (self.config.seed, self.steps_done, _PROBED)
        windows = self.text.batch(key, _PROBE, self.config.length)[:, :-1]
        return measure_activity(self.network, windows.to(self.processes.device))

    def _add_penalty(self) -> float:
        """Add the gradient of the penalty; it is the same on all processes."""
        penalty = self.modules.of_network(self.network, self.activity, self.strength)
        add_gradients(_at_weights(penalty, self.parameters))
        return penalty.value

    def _computing(self) -> AbstractContextManager[Any]:
        if self.config.precision == "float32":
            return nullcontext()
        return torch.autocast(self.processes.device.type, torch.bfloat16)

    def _check_finite(self, loss: float, penalty: float, norm: float) -> None:
        if abs(loss) < _LARGEST_LOSS and np.isfinite(penalty) and np.isfinite(norm):
            return
        raise TrainingDivergedError(
            f"at step {self.steps_done + 1} the loss was {loss:.3g}, the penalty {penalty:.3g} and "
            f"the gradient {norm:.3g} long ({self._where()}); expected finite numbers: a smaller "
            f"learning rate or lambda may help, or a longer warm-up. The network was left as it "
            f"was after step {self.steps_done}"
        )

    def _where(self) -> str:
        for name, weight in self.network.named_parameters():
            if not bool(weight.isfinite().all()):
                return f"{name} is the first tensor with weights that are not finite"
        for name, weight in self.network.named_parameters():
            if weight.grad is not None and not bool(weight.grad.isfinite().all()):
                return f"{name} is the first tensor with a gradient that is not finite"
        return "all weights and gradients are finite"


def next_token_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy in nats a token."""
    return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())


def _at_weights(penalty: Penalty, weights: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Carry the gradient of a penalty back to the weights.

    Not by a backward pass: that would set off the averaging of gradients between processes.
    """
    inner = [k for k, tensor in enumerate(penalty.tensors) if not tensor.is_leaf]
    pairs = [
        (tensor, gradient)
        for tensor, gradient in zip(penalty.tensors, penalty.gradients, strict=True)
        if tensor.is_leaf
    ]
    if inner:
        tensors = [penalty.tensors[k] for k in inner]
        slopes = [penalty.gradients[k] for k in inner]
        found = torch.autograd.grad(tensors, weights, slopes, allow_unused=True)
        pairs += [(w, s) for w, s in zip(weights, found, strict=True) if s is not None]
    return pairs
