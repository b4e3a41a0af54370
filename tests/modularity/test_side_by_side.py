"""Several things at a time: the same results, one share for all, and all stop together."""

import threading
import time

import pytest

from explorer.modularity import finding
from explorer.modularity.finding import choose_count
from explorer.modularity.planted import planted_flat
from explorer.modularity.side_by_side import side_by_side
from explorer.network import graph as graphs

THREADS = (1, 2)


@pytest.mark.parametrize("threads", THREADS)
def test_results_are_in_the_order_of_the_calls_and_the_share_is_that_of_all(threads):
    shares: list[float] = []

    def call(told, number):
        told(0.5)
        told(1.0)
        return number

    calls = [lambda told, n=n: call(told, n) for n in range(4)]
    assert side_by_side(calls, shares.append, threads) == [0, 1, 2, 3]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("threads", THREADS)
def test_what_fails_ends_the_others(threads):
    ended = []

    def go_on(told):
        try:
            while True:
                told(0.0)
                time.sleep(0.001)
        except BaseException:
            ended.append(threading.get_ident())
            raise

    def fail(told):
        raise ValueError("found nothing; expected something")

    with pytest.raises(ValueError, match="found nothing"):
        side_by_side([fail, go_on], threads=threads)
    assert len(ended) == (threads - 1)


@pytest.mark.parametrize("threads", THREADS)
def test_what_progress_raises_in_the_callers_thread_ends_all(threads):
    callers = set()

    def go_on(told):
        for _ in range(10_000):
            told(0.1)
            time.sleep(0.001)
        raise AssertionError("was not stopped")

    def stop(share):
        callers.add(threading.get_ident())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side([go_on, go_on, go_on], stop, threads)
    assert callers == {threading.get_ident()}


def test_a_large_graph_has_as_many_modules_with_one_thread_as_with_two(monkeypatch):
    """Planted: three. Both threads search, shuffle, and keep what is kept of large graphs."""
    monkeypatch.setattr(graphs, "LARGE", 10)
    used = []

    def with_one(calls, progress, threads):
        used.append(threads)
        return side_by_side(calls, progress, 1)

    count = choose_count(planted_flat(count=3, layers=3).graph)
    monkeypatch.setattr(finding, "side_by_side", with_one)
    assert choose_count(planted_flat(count=3, layers=3).graph) == count == 3
    assert set(used) == {2}
