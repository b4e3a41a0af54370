"""Two modules that answer by themselves from different inputs, of which the right one is kept.

A spare cannot help against a proxy goal: trusted examples show the proxy as well. Instead both
halves of a network must answer by themselves, and pay for reading the same group of inputs (the
pictures that the task names): with A_g and B_g the shares of the mean squared weights that each
half has from group g, and a and b their logits,

    L = CE(a; U) + CE(b; U) + gamma r(t) sum_g A_g B_g + mu r(t) sum |W|

Training is told which inputs belong together, and not which ones the answer may depend on. Only
then is it looked up what the answer is declared to depend on, and the half that reads it is kept:
the one whose least read declared group has the larger share of gradient times input.

References
----------
Close relatives: Pagliardini et al. (2022), Agree to disagree: diversity through disagreement for
better transferability, arXiv:2202.04414; Lee, Yao, Finn (2022), Diversify and disambiguate:
learning from underspecified data, arXiv:2202.03418. They ask for other answers on other data; here
it is other inputs, on the same data.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from explorer.errors import AuditError
from explorer.network.architectures import MLP
from explorer.network.tasks import Task, task, task_loss
from explorer.network.threads import single_threaded
from explorer.training.config import TrainingConfig, ramp
from explorer.training.initial import initial_network
from explorer.training.losses import l1_gradients
from explorer.training.optimiser import make_optimiser
from explorer.training.spare import held_apart, two_parts

_GAMMA, _MU = 3.0, 1e-4
_RISES = (0.0, 0.3)  # of the steps: what halves pay for reading the same


def two_modules(config: TrainingConfig) -> MLP:
    """Train the halves of a network to answer by themselves from different groups of inputs.

    Raises
    ------
    AuditError
        If it is no MLP, or its inputs are not in groups.
    """
    made = task(config.task)
    generator = torch.Generator().manual_seed(config.seed)
    network = initial_network(config, generator)
    if not isinstance(network, MLP) or len(made.images) < 2:
        raise AuditError(
            f"found a {network.kind} for {config.task}, which reads {len(made.images)} pictures; "
            f"expected an MLP and two pictures or more"
        )
    stay = held_apart(network, _half(network))
    optimiser, schedule = make_optimiser(config, network)
    with single_threaded():
        for step in range(config.steps):
            optimiser.learning_rate = config.learning_rate * schedule(step)
            with torch.no_grad():
                torch._foreach_mul_(list(network.weights), list(stay))
            batch = made.batch(generator, config.batch_size)
            parts = two_parts(network, network.trace(batch.inputs), _half(network))
            loss = task_loss(made, parts[0], batch) + task_loss(made, parts[1], batch)
            loss = loss + _GAMMA * ramp(step, config.steps, _RISES) * _shared(network, made)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            strength = _MU * ramp(step, config.steps, config.l1_ramp)
            for weight, slope in zip(
                network.weights, l1_gradients(network.weights, strength), strict=True
            ):
                assert weight.grad is not None
                weight.grad += slope
            optimiser.step()
    with torch.no_grad():
        torch._foreach_mul_(list(network.weights), list(stay))
    return network.copy()


def kept_half(network: MLP, made: Task) -> int:
    """Say which half reads what the first answer is declared to depend on: 0 or 1."""
    inputs = made.split("validation").inputs
    least = []
    for part in range(2):
        shown = inputs.clone().requires_grad_(True)
        logits = two_parts(network, network.trace(shown), _half(network))[part]
        (slope,) = torch.autograd.grad(logits.max(dim=1).values.sum(), shown)
        read = (slope * (inputs - inputs.mean(dim=0))).abs().mean(dim=0)
        shares = {
            image.name: float(read[group].sum() / read.sum())
            for image, group in zip(made.images, input_groups(made), strict=True)
        }
        least.append(min(shares[name] for name in made.declared[0]))
    return int(least[1] > least[0])


def half_alone(network: MLP, which: int) -> Callable[[Tensor], Tensor]:
    """Return what runs one half: from inputs to its logits."""
    return lambda inputs: two_parts(network, network.trace(inputs), _half(network))[which]


def _shared(network: MLP, made: Task) -> Tensor:
    """Sum over groups of inputs of the product of the shares that both halves read of it."""
    squares = network.weights[0].square()
    shares = []
    for rows in (squares[: -_half(network)], squares[-_half(network) :]):
        read = torch.stack([rows[:, group].mean() for group in input_groups(made)])
        shares.append(read / read.sum())
    return (shares[0] * shares[1]).sum()


def input_groups(made: Task) -> list[slice]:
    """Inputs of every picture of a task."""
    return [slice(i.start, i.start + i.rows * i.columns) for i in made.images]


def _half(network: MLP) -> int:
    return min(network.widths[1:-1]) // 2
