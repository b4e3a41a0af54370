"""Fine-tuning: a few steps of plain training on examples that are trusted."""

from collections.abc import Callable

import torch

from explorer.auditing.history import Repair, with_history
from explorer.errors import AuditError, TrainingDivergedError
from explorer.network.adam import Adam
from explorer.network.architectures import Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Examples, Task, task_loss
from explorer.network.threads import single_threaded

BATCH = 64
MAX_STEPS = 100_000


def fine_tune(
    checkpoint: Checkpoint,
    examples: Examples,
    steps: int = 200,
    learning_rate: float = 1e-3,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Checkpoint:
    """Train a network further on given examples: Adam on the task loss, and no penalty.

    Neurons that an intervention set to 0, or held at a constant, stay so: nothing flows into them
    or out of them, so that their weights have no gradient.

    Parameters
    ----------
    checkpoint : Checkpoint
    examples : Examples
        Of its task, with labels that are right.
    steps : int
        Each on a batch of 64, drawn with replacement.
    learning_rate : float
    seed : int
        Of the batches.
    progress : callable, optional
        Called with the share that is done.
    stop : callable, optional
        Asked after every step; when it says so, the network as it is by then is returned.

    Returns
    -------
    Checkpoint
        A new one, which records what was done (see ``explorer.auditing.history``).

    Raises
    ------
    AuditError
        If the network has no task, the examples do not fit it, or a setting is out of range.
    TrainingDivergedError
        If the loss is no finite number any more.

    References
    ----------
    Kingma and Ba (2015), Adam, arXiv:1412.6980.

    Examples
    --------
    >>> from explorer.network.load import load
    >>> checkpoint = load("xor4-modular")
    >>> tuned = fine_tune(checkpoint, checkpoint.task.split("validation"), steps=3)
    >>> tuned.config["repairs"][-1]["steps"], tuned.id != checkpoint.id
    (3, True)
    """
    task = checked(checkpoint, examples, steps, learning_rate)
    network = checkpoint.network.copy()
    done = tune(network, task, examples, steps, learning_rate, seed, progress, stop)
    repair = Repair(
        "fine-tune",
        checkpoint.id,
        steps=done,
        examples=len(examples),
        learning_rate=learning_rate,
        seed=seed,
    )
    return with_history(checkpoint, network, repair)


def tune(
    network: Network,
    task: Task,
    examples: Examples,
    steps: int,
    learning_rate: float,
    seed: int,
    progress: Callable[[float], None] | None,
    stop: Callable[[], bool] | None,
) -> int:
    """Train a network in place, for ``fine_tune``, and return how many steps were made.

    Raises
    ------
    TrainingDivergedError
        If the loss is no finite number any more.
    """
    generator = torch.Generator().manual_seed(seed)
    network.train().requires_grad_(True)
    optimiser = Adam(network.parameters(), learning_rate)
    made = 0
    with single_threaded(), torch.enable_grad():
        while made < steps and not (stop is not None and stop()):
            batch = examples[torch.randint(len(examples), (BATCH,), generator=generator)]
            loss = task_loss(task, network(batch.inputs), batch)
            if not bool(loss.isfinite()):
                raise TrainingDivergedError(
                    f"the loss was {float(loss.detach())} at step {made + 1} of fine-tuning; "
                    f"expected a finite number: a smaller learning rate may help"
                )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            made += 1
            if progress is not None:
                progress(made / steps)
    network.eval().requires_grad_(False)
    return made


def checked(checkpoint: Checkpoint, examples: Examples, steps: int, learning_rate: float) -> Task:
    """Return the task of a network that is to be trained on examples.

    Raises
    ------
    AuditError
        If it has none, the examples do not fit it, or a setting is out of range.
    """
    task = checkpoint.task
    if task is None:
        raise AuditError(
            f"{checkpoint.name} has no task, so there is nothing to train it on; expected one of "
            f"the tasks, as in load(..., task='digits')"
        )
    if not len(examples):
        raise AuditError("found no examples to train on; expected at least one")
    wanted = examples.inputs.shape[1] if task.is_text else len(task.inputs)
    heads = wanted if task.is_text else len(task.heads)
    found = (examples.inputs.shape[1], examples.targets.shape[1])
    if found != (wanted, heads):
        raise AuditError(
            f"found examples of {found[0]} inputs and {found[1]} answers; the task {task.name} "
            f"has {wanted} and {heads}"
        )
    if not 0 <= steps <= MAX_STEPS:
        raise AuditError(f"found {steps} steps; expected 0 to {MAX_STEPS:,}")
    if not 0 < learning_rate <= 1:
        raise AuditError(f"found a learning rate of {learning_rate}; expected above 0, up to 1")
    return task
