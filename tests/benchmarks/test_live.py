"""The figures of the live page are measured, and shown with what they should be."""

import os
import subprocess
import sys

import pytest

from explorer.benchmarks import live, processes


@pytest.mark.parametrize("name", ["spiral", "digits"])
def test_watching_costs_little(name):
    assert 0.8 < live.measure_publishing(live.live_config(name, 600)) < 1.1


def test_the_table_says_what_was_missed():
    figures = (
        live.LiveFigure("frames", 29.8, "/s", ">= 28", True),
        live.LiveFigure("gap", 90.0, "ms", "<= 70", False),
    )
    assert live.table(figures)[2:] == [
        "| frames | 29.8 /s | >= 28 | met |",
        "| gap | 90 ms | <= 70 | missed |",
    ]


def test_processes_are_found_and_seen_to_end():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in processes.children(os.getpid())
        assert processes.alive(child.pid)
        child.stdin.close()
        child.wait()
        assert not processes.alive(child.pid)
        assert processes.cpu_seconds(child.pid) == 0.0
    with pytest.raises(ProcessLookupError):
        processes.server_on(1)
