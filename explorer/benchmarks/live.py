"""What it costs to watch a run: training speed with and without, and what the browser shows."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.training.config import TrainingConfig

_BLOCK = 40  # steps that the watched and the unwatched run make in turn
_SETTINGS: dict[str, dict[str, Any]] = {
    "spiral": {"task": "spiral", "hidden": (32, 32), "module_count": 2},
    "pair": {"task": "pair", "hidden": (48, 48), "module_count": 2},
    "digits": {"task": "digits", "hidden": (64, 64), "module_count": 4},
}


@dataclass(frozen=True)
class LiveFigure:
    """One figure of the live page.

    Attributes
    ----------
    what : str
    value : float
    unit : str
    mark : str
        What it should be.
    met : bool
    """

    what: str
    value: float
    unit: str
    mark: str
    met: bool


def measure_live(steps: int = 4_000, seconds: float = 4.0) -> tuple[LiveFigure, ...]:
    """Measure live training: without a browser, then with one.

    Parameters
    ----------
    steps : int
        Of the runs whose speed is compared.
    seconds : float
        For which a browser watches.
    """
    from explorer.benchmarks.live_page import measure_page

    found = []
    for name in _SETTINGS:
        share = 100 * measure_publishing(live_config(name, steps))
        found.append(
            LiveFigure(
                f"{name}: speed while frames are sent, of that without (CPU time)",
                share,
                "%",
                ">= 95",
                share >= 95,
            )
        )
    return (*found, *measure_page(seconds))


def live_config(name: str, steps: int) -> TrainingConfig:
    """Settings of a run with the default loss, its penalty on from the start."""
    return TrainingConfig(
        **_SETTINGS[name],
        steps=steps,
        modularity_coefficient=1.0,
        l1_coefficient=3e-4,
        penalty_ramp=(0.0, 0.0),
        l1_ramp=(0.0, 0.0),
    )


def measure_publishing(config: TrainingConfig) -> float:
    """Training speed while frames are sent, as a share of the speed without.

    Two runs with the same settings make some steps each in turn, one of them watched, in CPU time
    of the thread that trains: other work on the machine then counts for neither. The pace of the
    frames is set by that time too, so 30 are sent for every second of the watched run.
    """
    import torch

    from explorer.network.threads import single_threaded
    from explorer.training.live.publisher import Publisher
    from explorer.training.live.worker import Messages, warm_up
    from explorer.training.loop import Training

    before = torch.get_num_threads()
    warm_up()
    away = 0.0  # CPU time of the run that is not watched
    sink = subprocess.Popen(
        ["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    assert sink.stdin is not None
    with sink, single_threaded():
        messages = Messages(sink.stdin.fileno())
        plain, watched = Training(config), Training(config)
        publisher = Publisher(watched, messages.send, lambda: time.thread_time() - away)
        publisher.show("running")
        times = [0.0, 0.0]

        def make_block(training: Training, after: Callable[[Any], None]) -> float:
            began = time.thread_time()
            for _ in range(min(_BLOCK, config.steps - training.steps_done)):
                after(training.step())
            return time.thread_time() - began

        while not plain.done:
            alone = make_block(plain, lambda step: None)
            away += alone
            times[0] += alone
            times[1] += make_block(watched, publisher.after)
    torch.set_num_threads(before)
    torch.set_flush_denormal(False)
    return times[0] / times[1]


def table(figures: tuple[LiveFigure, ...]) -> list[str]:
    """Lines of a Markdown table."""
    lines = ["| live page | measured | mark | |", "|---|---|---|---|"]
    for figure in figures:
        said = "met" if figure.met else "missed"
        lines.append(
            f"| {figure.what} | {figure.value:.3g} {figure.unit} | {figure.mark} | {said} |"
        )
    return lines
