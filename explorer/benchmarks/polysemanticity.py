"""What the penalty for few features gives and what it costs, on pair and digits."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.network.threads import single_threaded
from explorer.observation.polysemanticity import neuron_features
from explorer.training.config import TrainingConfig
from explorer.training.loop import train

STRENGTHS = (0.0, 0.1, 0.3, 1.0)
SEEDS = (10, 11, 12)
CONFIGS: Mapping[str, TrainingConfig] = {
    "pair": TrainingConfig(task="pair", hidden=(48, 48), steps=4_000),
    "digits": TrainingConfig(task="digits", hidden=(64, 64), steps=4_000, batch_size=512),
}


@dataclass(frozen=True)
class FeatureRow:
    """Networks of one task, trained with one strength of the penalty.

    Attributes
    ----------
    task : str
    strength : float
        nu.
    features : tuple of float
        Mean over hidden neurons of the effective number of unrelated features, one a seed, on the
        explain split.
    neurons : tuple of int
        Hidden neurons that have such a number.
    accuracy : tuple of float
        On the test split.
    seconds : tuple of float
        Of training.
    """

    task: str
    strength: float
    features: tuple[float, ...]
    neurons: tuple[int, ...]
    accuracy: tuple[float, ...]
    seconds: tuple[float, ...]


def measure_polysemanticity(
    configs: Mapping[str, TrainingConfig] = CONFIGS,
    strengths: Sequence[float] = STRENGTHS,
    seeds: Sequence[int] = SEEDS,
    progress: Callable[[float], None] | None = None,
) -> Iterator[FeatureRow]:
    """Train with and without the penalty, and count features and right answers.

    Parameters
    ----------
    configs : mapping of str to TrainingConfig
    strengths : sequence of float
    seeds : sequence of int
    progress : callable, optional
        Called with the share that is done.

    Yields
    ------
    FeatureRow
    """
    total, done = len(configs) * len(strengths) * len(seeds), 0
    for name, config in configs.items():
        for strength in strengths:
            found = []
            for seed in seeds:
                wanted = replace(config, seed=seed, polysemanticity_coefficient=strength)
                start = time.perf_counter()
                checkpoint = train(wanted, name)
                seconds = time.perf_counter() - start
                with single_threaded():
                    features = neuron_features(checkpoint)
                known = features[np.isfinite(features)]
                mean = float(known.mean()) if len(known) else float("nan")
                found.append((mean, len(known), checkpoint.metrics["test_accuracy"], seconds))
                done += 1
                if progress is not None:
                    progress(done / total)
            yield FeatureRow(name, strength, *zip(*found, strict=True))


def table(rows: Sequence[FeatureRow]) -> Iterator[str]:
    """Lay rows out in lines: mean, and least to most over the seeds."""
    heads = f"{'task':8}{'nu':>5}  {'features a neuron':20}{'neurons':>8}"
    yield f"{heads}  {'accuracy':22}{'seconds':>8}"
    for row in rows:
        yield (
            f"{row.task:8}{row.strength:>5g}  {_spread(row.features, 2):20}"
            f"{statistics.mean(row.neurons):>8.0f}  {_spread(row.accuracy, 3):22}"
            f"{statistics.mean(row.seconds):>8.1f}"
        )


def _spread(values: Sequence[float], digits: int) -> str:
    mean = statistics.mean(values)
    return f"{mean:.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"
