"""What the default loss costs, whether a rescaling moves its score, and the automatic k."""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch

from explorer.benchmarks.training import TRIALS
from explorer.modularity.finding import choose_count
from explorer.modularity.layered import layered_modularity, maximise_layered_modularity
from explorer.network.architectures import MLP, with_weights
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import network_graph
from explorer.network.threads import single_threaded
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training, train

_BLOCK = 100  # steps timed together: one refresh of the structure each


@dataclass(frozen=True)
class Check:
    """One figure that should keep within a bound.

    Attributes
    ----------
    name : str
    value, bound : float
    kept : bool
    """

    name: str
    value: float
    bound: float
    kept: bool


def measure_checks(small: bool = False) -> tuple[Check, ...]:
    """Measure the cost of a step, invariance to rescaling, and automatic numbers of modules."""
    pair = replace(TRIALS["pair"].config, modularity_coefficient=1.0)
    cost = step_cost(pair, blocks=6 if small else 20)
    network = train(replace(pair, steps=1_500 if small else 4_000), "pair").network
    assert isinstance(network, MLP)
    checks = [
        Check("cost of a step with the default loss, plain = 1", cost, 1.5, cost <= 1.5),
    ]
    for weighting in ("activity", "path"):
        moved = rescaling_moves(Checkpoint("pair", network, "pair"), weighting)
        name = f"Q_B moved by rescaling neurons, {weighting}"
        checks.append(Check(name, moved, 0.01, moved < 0.01))
    for task, count in (("pair", 2), ("xor4", 4)):
        found = automatic_count(replace(TRIALS[task].config, modularity_coefficient=1.0))
        checks.append(Check(f"modules chosen while training {task}", found, count, found == count))
    found = choose_count(network_graph(three_parts(), "path"))
    checks.append(Check("modules chosen of three planted parts", found, 3, found == 3))
    return tuple(checks)


def step_cost(config: TrainingConfig, blocks: int = 20) -> float:
    """Processor time of a step with penalty and L1 over that of a plain step.

    Both runs take turns in one process, on one thread, a hundred steps at a time; the penalty is at
    full weight, and its structure is refreshed every so many steps as the settings say. Medians.
    """
    at_full = replace(config, steps=10**6, penalty_ramp=(0.0, 0.0), l1_ramp=(0.0, 0.0))
    plain = replace(at_full, modularity_coefficient=0.0, l1_coefficient=0.0)
    seconds: tuple[list[float], list[float]] = ([], [])
    with single_threaded():
        runs = Training(plain), Training(at_full)
        for block in range(blocks + 5):  # the first compile kernels and search for the partition
            for run, times in zip(runs, seconds, strict=True):
                start = time.process_time()
                for _ in range(_BLOCK):
                    run.step()
                if block >= 5:
                    times.append(time.process_time() - start)
    return statistics.median(seconds[1]) / statistics.median(seconds[0])


def rescaling_moves(checkpoint: Checkpoint, weighting: str, seed: int = 0) -> float:
    """Change of Q_B when hidden neurons are rescaled by factors of 1/30 to 30.

    What comes into a neuron is multiplied and what goes out divided by the same factor, which
    leaves the function of a ReLU network as it was. Modules are searched for anew, as many as the
    settings say (2 if they say nothing).
    """
    network = checkpoint.network
    assert isinstance(network, MLP)
    rng = np.random.default_rng(seed)
    weights = [weight.detach().clone() for weight in network.weights]
    biases = [bias.detach().clone() for bias in network.biases]
    for layer, width in enumerate(network.widths[1:-1]):
        factor = torch.from_numpy(np.exp(rng.uniform(-np.log(30), np.log(30), width))).float()
        weights[layer] *= factor[:, None]
        biases[layer] *= factor
        weights[layer + 1] /= factor
    scaled = Checkpoint("rescaled", with_weights(network, weights, biases), checkpoint.task_name)
    count = int(checkpoint.config.get("module_count", 2))
    values = []
    for made in (checkpoint, scaled):
        graph = network_graph(made, weighting)
        values.append(layered_modularity(graph, maximise_layered_modularity(graph, count)))
    return abs(values[1] - values[0])


def automatic_count(config: TrainingConfig) -> int:
    """Train with the number of modules left to the loss, until it has chosen, and return it."""
    with single_threaded():
        run = Training(replace(config, module_count=0))
        while not run.done and not run.loss.count:
            run.step()
    return run.loss.count


def three_parts(seed: int = 0) -> Checkpoint:
    """Make a network of three parts, with weights a tenth as large between them.

    Which neuron belongs where is drawn at random in every layer.
    """
    rng = np.random.default_rng(seed)
    network = MLP([24, 30, 30, 12])
    parts = [rng.permutation(np.arange(width) % 3) for width in network.widths]
    weights = [
        torch.from_numpy(
            rng.normal(size=(len(b), len(a))) * np.where(b[:, None] == a[None, :], 1.0, 0.1)
        ).float()
        for a, b in pairwise(parts)
    ]
    return Checkpoint("three parts", with_weights(network, weights))


def checks_table(checks: Sequence[Check]) -> Iterator[str]:
    """Lay checks out in lines."""
    for check in checks:
        verdict = "" if check.kept else "  MISSED"
        yield f"{check.name:50}{check.value:>9.4g}   bound {check.bound:g}{verdict}"
