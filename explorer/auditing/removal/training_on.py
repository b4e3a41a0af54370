"""Train on other data than the task's own, in the one training loop."""

from dataclasses import replace

import torch

from explorer.auditing.view import joined
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Examples, Task
from explorer.network.threads import single_threaded
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training


def train_on(config: TrainingConfig, examples: Examples, name: str = "trained") -> Checkpoint:
    """Train to the end on given examples in the place of the task's training split.

    Parameters
    ----------
    config : TrainingConfig
        Also says for which task, so that the checkpoint knows it.
    examples : Examples
    name : str
        Of the checkpoint.

    Examples
    --------
    >>> from explorer.network.tasks import task
    >>> config = TrainingConfig(task="xor4", hidden=(8,), steps=5)
    >>> train_on(config, task("xor4").split("validation")[:50]).task_name
    'xor4'
    """
    with single_threaded():
        training = Training(config)
        training.task = with_training_data(training.task, examples)
        while not training.done:
            training.step()
        return training.checkpoint(name)


def with_training_data(task: Task, examples: Examples) -> Task:
    """Return a task that has these examples in its training split, and the rest as it was."""

    def split(part: str) -> Examples:
        return examples if part == "train" else task.split(part)

    return replace(task, make=split, draw=None)


@torch.no_grad()
def agreeing(checkpoint: Checkpoint, examples: Examples) -> Examples:
    """Return the examples of which a network of one head answers as their labels say."""
    answers = checkpoint.network(examples.inputs).argmax(dim=1)
    return examples[answers == examples.targets[:, 0]]


def filtered(config: TrainingConfig, untrusted: Examples, trusted: Examples) -> Checkpoint:
    """Train a filter on trusted examples, drop what it contradicts, and train on what is left.

    No structure is used: the rival that any structure has to beat. What is left is trained on
    together with the trusted examples.
    """
    judge = train_on(config, trusted, "filter")
    return train_on(config, joined([agreeing(judge, untrusted), trusted]), "filtered")
