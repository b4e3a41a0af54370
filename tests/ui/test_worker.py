"""The worker that asks language models: one at a time, and no failure unheard."""

import threading

import pytest

from explorer.errors import DescriberError
from explorer.ui.descriptions.worker import Worker, need


def done(job):
    assert job.ended.wait(10)
    return job


def test_a_job_tells_how_far_it_is_and_what_came_out():
    may_go_on = threading.Event()

    def opening(spec, progress):
        progress(0.5, "half")
        return spec

    def make(client, job):
        job.write("on ")
        assert may_go_on.wait(10)
        job.write("ones")
        return client

    worker = Worker(opening)
    job = worker.ask("a", "embedded", make)
    assert worker.ask("a", "embedded", make) is job  # under way: not asked twice
    may_go_on.set()
    assert done(job).phase == "done"
    assert (job.text, job.result, job.fraction) == ("on ones", "embedded", 0.5)
    assert worker.find("a") is job
    assert worker.ask("a", "embedded", make) is not job


def test_a_model_is_loaded_once_and_one_at_a_time():
    opened = []
    worker = Worker(lambda spec, progress: opened.append(spec) or spec)
    for number, spec in enumerate(["x", "x", "y", "x"]):
        done(worker.ask(str(number), spec, lambda client, job: client))
    assert opened == ["x", "y", "x"]
    assert worker.is_warm("x")
    assert not worker.is_warm("y")


def test_endpoints_are_asked_at_once():
    meeting = threading.Barrier(4)
    worker = Worker(lambda spec, progress: spec)
    jobs = [
        worker.ask(str(number), "endpoint:m", lambda client, job: meeting.wait(10))
        for number in range(4)
    ]
    assert sorted(done(job).result for job in jobs) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (DescriberError("found no package; expected it"), "found no package; expected it"),
        (MemoryError(), "the memory of this computer is full"),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_failures_are_told_and_the_next_job_runs(problem, said):
    def fail(*_):
        raise problem

    worker = Worker(fail)
    job = done(worker.ask("a", "embedded", lambda client, job: None))
    assert (job.phase, job.problem) == ("failed", said)
    worker = Worker(lambda spec, progress: spec)
    assert done(worker.ask("a", "m", fail)).problem == said
    assert done(worker.ask("b", "m", lambda client, job: 3)).result == 3


def test_old_jobs_are_forgotten():
    worker = Worker(lambda spec, progress: spec)
    for number in range(205):
        done(worker.ask(str(number), "m", lambda client, job: None))
    assert worker.find("0") is None
    assert worker.find("204") is not None


def test_a_client_is_needed():
    with pytest.raises(DescriberError, match="found no language model"):
        need(None)
