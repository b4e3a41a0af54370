"""Shows a run while it trains, and costs it next to nothing.

Frames go out 30 times a second; what else they carry (figures, partition, tree, pictures) is
computed as often as its small share of the time allows.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.training.live import wire
from explorer.training.live.drawing import Drawer
from explorer.training.live.figures import Observer
from explorer.training.live.pace import Pace
from explorer.training.loop import Step, Training

FRAMES = 30.0  # a second
_PATIENCE = 0.25  # seconds for which one thing may hold up the training
_PER_EDGE = 1e-6  # seconds that a search for modules is thought to take


class Publisher:
    """Sends what there is to see of a run.

    Parameters
    ----------
    training : Training
    send : callable
        Takes a message as ``wire`` describes it, and whether it must arrive.
    clock : callable
        Seconds.
    """

    def __init__(
        self,
        training: Training,
        send: Callable[[bytes, bool], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.training, self.send, self._clock = training, send, clock
        self.observer, self.drawer = Observer(training), Drawer(training)
        self.status = "starting"
        self._sequence = 0
        self._step: Step | None = None
        self._frame = Pace(FRAMES, 0.02, clock=clock)
        self._grid = Pace(FRAMES, 0.008, clock=clock)
        self._figures = Pace(15, 0.008, clock=clock)
        cost = self.observer.edge_count * _PER_EDGE
        self._labels = Pace(1, 0.004, cost, _PATIENCE, clock=clock)
        self._tree = Pace(1, 0.003, cost, _PATIENCE, clock=clock)
        self._pictures = Pace(5, 0.006, clock=clock)
        self._text = Pace(8, 0.012, clock=clock)
        self._seen: dict[str, Any] = {}
        self._trivial_share = math.nan
        self._times: deque[tuple[float, int]] = deque()

    def about(self) -> dict[str, Any]:
        """Everything about the run that does not change."""
        return {**self.drawer.about(), "searches": self._labels.possible}

    def after(self, step: Step) -> None:
        """Show the run after a step, if it is time."""
        self._step = step
        now = self._clock()
        if not self._frame.due(now):
            return
        self._observe(now)
        with self._frame:
            self._send_frame(now)

    def show(self, status: str) -> None:
        """Show the run as it is now, with all that can be shown, at once."""
        if status != self.status:
            self._times.clear()
        self.status = status
        for pace in (self._grid, self._figures, self._labels, self._tree, self._pictures):
            pace.hurry()
        now = self._clock()
        self._observe(now)
        self._send_frame(now)

    def tick(self) -> None:
        """Show a setting that changed while the run is paused."""
        self._send_frame(self._clock())

    def _observe(self, now: float) -> None:
        # The partition first, then the figures of it.
        penalised = self._step is not None and self._step.strength > 0
        moved = self.observer.take_labels(penalised)
        if not penalised and self._labels.due(now):
            with self._labels:
                moved = self.observer.search_labels() or moved
        if moved:
            self._figures.hurry()
            self._pictures.hurry()
        if self._figures.due(now):
            with self._figures:
                found = self.observer.figures()
            self._seen.update(vars(found))
        if self._tree.due(now):
            with self._tree:
                self._trivial_share = self.observer.trivial_share()
        if self.drawer.is_plane and self._grid.due(now):
            with self._grid:
                self._seen["grid"] = self.drawer.grid()
        if self.drawer.writes and self._text.due(now):
            with self._text:
                self.drawer.write()
        if self._pictures.due(now):
            with self._pictures:
                self._send_pictures()

    def _send_frame(self, now: float) -> None:
        training, step, labels = self.training, self._step, self.observer.labels
        self._times.append((now, training.steps_done))
        while len(self._times) > 2 and now - self._times[0][0] > 1.0:
            self._times.popleft()
        (then, before), (_, after) = self._times[0], self._times[-1]
        self._sequence += 1
        values = dict(
            self._seen,
            modules=0 if labels is None else min(int(labels.max()) + 1, wire.MAX_MODULES),
            found=self.observer.count,
            side=wire.SIDE if "grid" in self._seen else 0,
            sequence=self._sequence,
            step=training.steps_done,
            steps=training.config.steps,
            modularity_coefficient=training.setting("modularity_coefficient"),
            l1_coefficient=training.setting("l1_coefficient"),
            learning_rate=training.setting("learning_rate")
            * training.schedule(min(training.steps_done, training.config.steps - 1)),
            trivial_share=self._trivial_share,
            steps_per_second=(after - before) / (now - then) if now > then else math.nan,
            revision=self.observer.revision,
        )
        if step is not None:
            values |= {
                "task_loss": step.task_loss,
                "penalty": step.penalty,
                "strength": step.strength,
            }
        self.send(wire.build_frame(self.status, **values), False)

    def _send_pictures(self) -> None:
        chosen, pixels = self.drawer.pictures()
        labels = self.observer.labels
        sizes = tuple(layer.size for layer in self.training.network.neuron_layers)
        shown = np.full(sum(sizes), -1) if labels is None else labels
        pictures = wire.Pictures(
            self.drawer.form,
            self.training.steps_done,
            sizes,
            shown.astype(np.int8),
            chosen,
            pixels,
            self.drawer.more(),
        )
        self.send(wire.build_pictures(pictures), False)
