"""The training loop: a generator of frozen steps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.modularity.layered import maximise_layered_modularity
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Ints, NetworkGraph, network_graph
from explorer.network.tasks import accuracy
from explorer.network.threads import single_threaded
from explorer.network.weightings import Activity, activity_masses, measure_activity
from explorer.training.config import TrainingConfig, ramp
from explorer.training.losses import modularity_penalty, task_loss

_AVERAGE = 0.95  # of the moving averages of activity
_DECAY_SHARE = 0.2  # of the steps, at the end, over which the learning rate falls to 0


@dataclass(frozen=True)
class Step:
    """What one optimiser step saw.

    Attributes
    ----------
    number : int
        Counted from 1.
    task_loss : float
        On the batch, in nats.
    penalty : float
        1 - Q_B / (1 - 1/k), before it is weighted; NaN while it is switched off.
    network : nn.Module
        The network being trained: the same object at every step.
    """

    number: int
    task_loss: float
    penalty: float
    network: MLP


def training_steps(config: TrainingConfig) -> Iterator[Step]:
    """Train a network, one step at a time.

    With ``modularity_coefficient`` 0 the penalty is not computed at all, so that the run is
    bit-identical to plain training.

    Parameters
    ----------
    config : TrainingConfig

    Yields
    ------
    Step
    """
    from explorer.network.tasks import task as find_task

    task = find_task(config.task)
    data = task.split("train")
    generator = torch.Generator().manual_seed(config.seed)
    network = _initialised(config, len(task.inputs), len(task.outputs), generator)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    activity: Activity | None = None
    labels: Ints | None = None
    decay = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (1.0 - step / config.steps) / _DECAY_SHARE)
    )
    for step in range(config.steps):
        batch = torch.randint(len(data), (config.batch_size,), generator=generator)
        logits = network(data.inputs[batch])
        fit = task_loss(task, logits, data.targets[batch])
        loss = fit
        strength = ramp(step, config.steps, config.l1_ramp) * config.l1_coefficient
        if strength > 0:
            loss = loss + strength * sum(weight.abs().sum() for weight in network.weights)
        strength = ramp(step, config.steps, config.penalty_ramp) * config.modularity_coefficient
        penalty = None
        if strength > 0:
            activity = _averaged(activity, measure_activity(network, data.inputs[batch]))
            if labels is None or step % config.refresh == 0:
                labels = _partition(config, network, labels)
            masses = activity_masses(network.weights, activity)
            by_layer = torch.split(torch.from_numpy(labels), list(network.widths))
            penalty = modularity_penalty(masses, by_layer, config.module_count)
            loss = loss + strength * penalty
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        decay.step()
        yield Step(
            number=step + 1,
            task_loss=float(fit.detach()),
            penalty=float("nan") if penalty is None else float(penalty.detach()),
            network=network,
        )


def train(
    config: TrainingConfig, name: str, progress: Callable[[Step], None] | None = None
) -> Checkpoint:
    """Train to the end and measure the result.

    Parameters
    ----------
    config : TrainingConfig
    name : str
        Of the checkpoint.
    progress : callable, optional
        Called with every step.

    Returns
    -------
    Checkpoint
        With its accuracy on the validation and test splits, head by head, as metrics.
    """
    network = None
    # One thread: sums then add up in one order, whatever the machine, and small steps run faster.
    with single_threaded():
        for step in training_steps(config):
            network = step.network
            if progress is not None:
                progress(step)
        assert network is not None
        checkpoint = Checkpoint(name, network, config.task, config.to_dict())
        return Checkpoint(name, network, config.task, config.to_dict(), _metrics(checkpoint))


def _metrics(checkpoint: Checkpoint) -> dict[str, float]:
    task = checkpoint.task
    assert task is not None
    metrics = {}
    for split in ("validation", "test"):
        examples = task.split(split)
        with torch.no_grad():
            shares = accuracy(task, checkpoint.network(examples.inputs), examples.targets)
        metrics[f"{split}_accuracy"] = sum(shares) / len(shares)
        if len(shares) > 1:
            for head, share in zip(task.heads, shares, strict=True):
                metrics[f"{split}_accuracy_{head.name}"] = share
    return metrics


def _initialised(
    config: TrainingConfig, inputs: int, outputs: int, generator: torch.Generator
) -> MLP:
    network = MLP([inputs, *config.hidden, outputs])
    with torch.no_grad():
        for weight, bias in zip(network.weights, network.biases, strict=True):
            nn.init.kaiming_uniform_(weight, a=5**0.5, generator=generator)
            bound = weight.shape[1] ** -0.5
            bias.uniform_(-bound, bound, generator=generator)
    return network


def _averaged(before: Activity | None, now: Activity) -> Activity:
    if before is None:
        return now

    def mix(old: tuple[Tensor, ...], new: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(_AVERAGE * a + (1 - _AVERAGE) * b for a, b in zip(old, new, strict=True))

    return Activity(mix(before.mean, now.mean), mix(before.active_share, now.active_share))


def _partition(config: TrainingConfig, network: MLP, before: Ints | None) -> Ints:
    graph: NetworkGraph = network_graph(_snapshot(network, config.task))
    return maximise_layered_modularity(graph, config.module_count, before, config.seed)


def _snapshot(network: MLP, task_name: str) -> Checkpoint:
    copy = MLP(network.widths)
    copy.load_state_dict(network.state_dict())
    return Checkpoint("in training", copy, task_name)
