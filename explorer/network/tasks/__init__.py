"""Tasks: the data that a network was trained on, what its inputs and outputs mean, its splits."""

from explorer.network.tasks.base import (
    SPLITS,
    Examples,
    Head,
    InputImage,
    MinimalPairs,
    Task,
)
from explorer.network.tasks.measures import (
    Ability,
    abilities,
    accuracy,
    mean_losses,
    metrics,
    pair_margins,
    task_loss,
)
from explorer.network.tasks.registry import task, tasks, tasks_that_fit

__all__ = [
    "SPLITS",
    "Ability",
    "Examples",
    "Head",
    "InputImage",
    "MinimalPairs",
    "Task",
    "abilities",
    "accuracy",
    "mean_losses",
    "metrics",
    "pair_margins",
    "task",
    "task_loss",
    "tasks",
    "tasks_that_fit",
]
