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
from explorer.network.tasks.plane import is_plane, plane_grid, plane_reach
from explorer.network.tasks.registry import register, task, tasks, tasks_that_fit, user_tasks
from explorer.network.tasks.samples import task_from_pictures, task_from_rows, task_from_texts
from explorer.network.tasks.table import task_from_csv
from explorer.network.tasks.text import task_from_text

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
    "is_plane",
    "mean_losses",
    "metrics",
    "pair_margins",
    "plane_grid",
    "plane_reach",
    "register",
    "task",
    "task_from_csv",
    "task_from_pictures",
    "task_from_rows",
    "task_from_text",
    "task_from_texts",
    "task_loss",
    "tasks",
    "tasks_that_fit",
    "user_tasks",
]
