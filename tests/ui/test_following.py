"""A page that follows a job answers clicks meanwhile, also while the job says nothing."""

import threading

from explorer.ui import text_cache
from explorer.ui.descriptions import batch, following
from explorer.ui.descriptions.process import Batch
from explorer.ui.descriptions.worker import Worker


class Place:
    """Counts how often it is shown on: only then does Streamlit look for clicks."""

    def __init__(self, enough):
        self.shown, self.enough = 0, enough

    def caption(self, text):
        """Let the job end once there were enough chances to click."""
        self.shown += 1
        if self.shown >= 4:
            self.enough.set()

    progress = html = error = caption

    def empty(self):
        """Forget."""


def test_a_silent_job_leaves_room_for_clicks(monkeypatch):
    enough = threading.Event()
    worker = Worker(lambda spec, progress: None)
    monkeypatch.setattr(text_cache, "worker", lambda: worker)
    monkeypatch.setattr(following.st, "rerun", lambda: None)
    job = worker.ask("slow", "endpoint:slow", lambda client, job: enough.wait(10))
    following.follow_job("slow", Place(enough), "Reading …")
    assert job.result is True


def test_the_pace_of_a_batch_counts_neither_opening_nor_what_was_kept(monkeypatch):
    class Folder:
        """A batch that began long ago."""

        def last(self):
            """Return what was started."""
            return Batch("xor4-modular", "activity", None, "embedded", "Gemma", 1, 0.0)

    now = iter([100.0, 101.0, 106.0, 109.0])
    monkeypatch.setattr(batch.st, "session_state", {})
    monkeypatch.setattr(batch.time, "monotonic", lambda: next(now))
    # Three were there at the first look; two more are seen six seconds later.
    assert [batch._pace(Folder(), done) for done in (0, 3, 3, 5, 5)] == [None, None, None, 3.0, 3.0]
