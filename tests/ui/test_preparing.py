"""A large network is prepared beside its pages: it can be stopped, and goes on where it was."""

from pathlib import Path

import pytest
import torch

from explorer.network import pruning
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.store import keep
from explorer.ui import cache
from explorer.ui.jobs import Job
from explorer.ui.opening import preparing
from explorer.ui.view_state import View


def test_a_search_that_is_stopped_keeps_the_graph(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    monkeypatch.setattr(pruning, "MAX_EDGES", 500)
    torch.manual_seed(0)
    view = View(network=keep(Checkpoint("large", MLP([20, 16, 16, 16, 5]))))
    told: list[tuple[float, str]] = []
    advance = Job.advance

    def stopped_while_looking(job: Job, share: float, words: str = "") -> None:
        told.append((share, words))
        if words.startswith("Looking") and share > 0.25:
            job.stopping.set()
        advance(job, share, words)

    monkeypatch.setattr(Job, "advance", stopped_while_looking)
    job = preparing._ask(view, "first")
    assert job.ended.wait(60)
    assert (job.result, job.problem) == (None, "")
    assert 0.25 < job.fraction < 0.3  # at once, and not when all is over
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    monkeypatch.setattr(Job, "advance", advance)
    monkeypatch.setattr("explorer.network.graph.network_graph", None)  # is not made again
    job = preparing._ask(view, "second")
    assert job.ended.wait(60)
    graph, found = job.result
    assert graph is found.graph is cache.weighed(view.network, None)
    cache._weighed().clear()
