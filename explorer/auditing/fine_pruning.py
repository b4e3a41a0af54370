"""Fine-pruning: neurons that clean examples hardly use go, then the rest is fine-tuned.

The published rival of looking at modules and dormant neurons: it takes clean examples and nothing
else.

References
----------
Liu, Dolan-Gavitt, Garg (2018), Fine-pruning: defending against backdooring attacks on deep neural
networks, arXiv:1805.12185.
"""

from collections.abc import Callable

import torch

from explorer.auditing.fine_tuning import checked, tune
from explorer.auditing.history import Repair, with_history
from explorer.auditing.intervention import Intervention
from explorer.auditing.repairing import repaired
from explorer.errors import AuditError
from explorer.network.architectures import Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Examples, Task, accuracy
from explorer.observation.streaming import one_number

LIMIT = 0.04


def fine_prune(
    checkpoint: Checkpoint,
    examples: Examples,
    limit: float = LIMIT,
    steps: int = 200,
    learning_rate: float = 1e-3,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Checkpoint:
    """Prune the least active neurons of the last hidden layer, then fine-tune.

    Neurons are set to 0 one after the other, those of the smallest mean activation on the examples
    first, as long as accuracy on the same examples has fallen by no more than the limit.

    Parameters
    ----------
    checkpoint : Checkpoint
    examples : Examples
        Clean ones with labels that are right: to choose neurons, to measure accuracy, and to
        fine-tune on.
    limit : float
        Accuracy that pruning may cost, from 0 to 1.
    steps, learning_rate, seed, progress, stop
        Of the fine-tuning; see ``explorer.auditing.fine_tuning.fine_tune``.

    Returns
    -------
    Checkpoint
        A new one, which records which neurons were pruned.

    Raises
    ------
    AuditError
        If the network has no task or no hidden layer, the examples do not fit it, or a setting is
        out of range.

    References
    ----------
    Liu, Dolan-Gavitt, Garg (2018), arXiv:1805.12185.
    """
    task = checked(checkpoint, examples, steps, learning_rate)
    if not 0 <= limit <= 1:
        raise AuditError(f"found a limit of {limit}; expected from 0 to 1")
    nodes = prunable(checkpoint.network, task, examples, limit)
    network = (
        repaired(checkpoint, Intervention(nodes, "zero")).network if nodes else checkpoint.network
    ).copy()
    done = tune(network, task, examples, steps, learning_rate, seed, progress, stop)
    repair = Repair(
        "fine-prune",
        checkpoint.id,
        nodes,
        steps=done,
        examples=len(examples),
        learning_rate=learning_rate,
        seed=seed,
    )
    return with_history(checkpoint, network, repair)


@torch.no_grad()
def prunable(
    network: Network, task: Task, examples: Examples, limit: float = LIMIT
) -> tuple[int, ...]:
    """Neurons of the last hidden layer that can go, the least active first.

    Raises
    ------
    AuditError
        If the network has no hidden layer.
    """
    layers = network.neuron_layers
    hidden = [index for index, layer in enumerate(layers) if layer.role == "hidden"]
    if not hidden:
        raise AuditError("found a network without a hidden layer; expected one to prune")
    last = hidden[-1]
    first = sum(layer.size for layer in layers[:last])
    activity = one_number(network.trace(examples.inputs).layers[last], network.example_axes)
    order = activity.mean(dim=0).argsort(stable=True)
    before = _accuracy(network, task, examples, last, order[:0])
    kept = 0
    for count in range(1, len(order)):
        if before - _accuracy(network, task, examples, last, order[:count]) > limit:
            break
        kept = count
    return tuple(int(first + node) for node in order[:kept])


def _accuracy(
    network: Network, task: Task, examples: Examples, layer: int, off: torch.Tensor
) -> float:
    def edit(at: int, activations: torch.Tensor) -> torch.Tensor:
        if at != layer:
            return activations
        changed = activations.clone()
        changed[..., off] = 0.0
        return changed

    logits = network(examples.inputs, edit)
    if task.is_text:
        return float((logits.argmax(dim=-1) == examples.targets).double().mean())
    shares = accuracy(task, logits, examples.targets)
    return sum(shares) / len(shares)
