"""The rows of the word GPT, run for a few steps only."""

from dataclasses import replace

import pytest

from explorer.benchmarks.stories import PATHS, ROWS, configs, measure_stories, table
from explorer.training.config import TrainingConfig
from explorer.ui.train.presets import PRESETS


@pytest.mark.slow
@pytest.mark.usefixtures("_short_stories")
def test_every_row_is_trained_and_measured() -> None:
    scores = list(measure_stories(seeds=(3,), steps=8))
    assert [score.row for score in scores] == [*ROWS, *PATHS]
    for score in scores:
        assert score.between == pytest.approx(73_728, rel=0.4)
        assert 0 <= score.interface <= score.between
        assert 0.2 < score.inside < 1
        assert score.winograd.count == 32
        assert (score.purity is None) == (score.row in ("plain", "bins", *PATHS))
    by_row = {score.row: score for score in scores}
    assert by_row["taught"].purity == 1.0
    assert by_row["shuffled labels"].purity < 0.6
    assert not by_row["taught"].matched
    lines = list(table(scores))
    assert len(lines) == 1 + len(scores)
    assert len({line[:27].strip() for line in lines}) == len(lines)


def test_rows_differ_in_what_they_are_about_only() -> None:
    made = configs(7)
    assert {config.seed for config in made.values()} == {7}
    assert {config.steps for config in made.values()} == {2_000}
    shared = {(c.heads, c.learning_rate, c.batch_size, c.optimiser) for c in made.values()}
    assert len(shared) == 1
    taught = replace(made["taught"], gate="shuffled")
    assert taught == made["shuffled labels"]
    assert made["plain"].modularity_coefficient == 0
    assert [made[row].gate for row in ROWS] == ["none", "none", "labels", "clusters", "shuffled"]


def test_the_run_that_the_page_offers_is_that_of_the_taught_row() -> None:
    offered = TrainingConfig(**PRESETS["stories"].settings)
    assert offered == configs(offered.seed)["taught"]
