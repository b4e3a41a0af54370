"""The comparison with and without the penalty for few features, on a small task."""

import math

from explorer.benchmarks.polysemanticity import measure_polysemanticity, table
from explorer.training.config import TrainingConfig

SMALL = {"xor4": TrainingConfig(task="xor4", hidden=(8, 8), steps=60, batch_size=16)}


def test_rows_of_a_small_comparison() -> None:
    seen: list[float] = []
    rows = list(measure_polysemanticity(SMALL, (0.0, 1.0), (0, 1), seen.append))
    assert [(row.task, row.strength, len(row.features)) for row in rows] == [
        ("xor4", 0.0, 2),
        ("xor4", 1.0, 2),
    ]
    assert seen == [0.25, 0.5, 0.75, 1.0]
    for row in rows:
        assert all(f >= 1 or math.isnan(f) for f in row.features)
        assert all(0 <= a <= 1 for a in row.accuracy)
        assert all(0 <= n <= 16 for n in row.neurons)
    lines = list(table(rows))
    assert len(lines) == 3
    assert lines[1].startswith("xor4")
