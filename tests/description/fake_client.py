"""A language model that says what a test put in its queue."""

import threading
from collections import deque
from collections.abc import Iterator

import numpy as np

from explorer.description.clients.base import Client
from explorer.errors import DescriberError


class FakeClient(Client):
    """Say the texts in turn; an exception among them is raised. Remembers what it was asked."""

    name = "Fake"
    id = "fake 1"

    def __init__(self, *texts, at_once=1):
        self.queue, self.asked, self.at_once = deque(texts), [], at_once
        self._lock = threading.Lock()

    def complete(self, prompt: str, limit: int) -> Iterator[str]:
        """Say the next text in pieces of five characters."""
        with self._lock:
            self.asked.append(prompt)
            if not self.queue:
                raise DescriberError("the queue is empty; expected a text")
            said = self.queue.popleft()
        if isinstance(said, BaseException):
            raise said
        for at in range(0, len(said), 5):
            yield said[at : at + 5]

    def log_probabilities(self, prompt, continuations):
        """More where more of the words stand in the prompt."""
        words = set(prompt.split())
        return np.array([float(sum(w in words for w in c.split())) for c in continuations])
