"""What several benchmarks of stories share."""

from dataclasses import replace

import pytest

from explorer.network.tasks import MinimalPairs, registry, task
from explorer.network.tasks.stories_pairs import winograd_pairs


def few(pairs: MinimalPairs, count: int = 16) -> MinimalPairs:
    return replace(
        pairs, right=pairs.right[:count], wrong=pairs.wrong[:count], lengths=pairs.lengths[:count]
    )


@pytest.fixture
def _short_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task with a few texts only: rows are about their settings here, not their figures."""
    made = task("stories")
    assert made.pairs is not None
    short = replace(
        made,
        make=lambda split: made.make(split)[slice(0, 40)],
        pairs=lambda split: tuple(few(pairs) for pairs in made.pairs(split)),
        winograd=lambda: few(winograd_pairs(), 32),
    )
    monkeypatch.setitem(registry._TASKS, "stories", short)
