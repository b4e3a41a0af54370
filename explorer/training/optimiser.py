"""The optimiser of a run and the schedule of its learning rate."""

import math
from collections.abc import Callable

from explorer.network.adam import Adam
from explorer.network.architectures import Network
from explorer.training.config import TrainingConfig

_DECAY_SHARE = 0.2  # of the steps, at the end, over which a held learning rate falls to 0


def make_optimiser(config: TrainingConfig, network: Network) -> tuple[Adam, Callable[[int], float]]:
    """Make the optimiser, and the share of the learning rate that counts at a step."""
    decay = config.weight_decay if config.optimiser == "adamw" else 0.0
    optimiser = Adam(network.parameters(), config.learning_rate, decay)
    return optimiser, lambda step: scheduled(config, step)


def scheduled(config: TrainingConfig, step: int) -> float:
    """Share of the learning rate at a step, counted from 0.

    Examples
    --------
    >>> config = TrainingConfig(task="xor4", hidden=(8,), steps=100)
    >>> [round(scheduled(config, step), 3) for step in (0, 79, 90, 99)]
    [1.0, 1.0, 0.5, 0.05]
    """
    if config.schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * step / config.steps))
    return min(1.0, (1.0 - step / config.steps) / _DECAY_SHARE)
