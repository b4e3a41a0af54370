"""The language model as auditor, on planted networks and controls: every kind of text beside nulls.

AUROC says whether its score tells planted networks from controls; top-1, how often the module that
it names is the one that the attack needs most: the one at whose mean the attack's success falls
furthest (an oracle, which no auditor sees).
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.auditing.auditors.language_model import AUDITORS, oddness
from explorer.auditing.auditors.module_texts import read_modules
from explorer.auditing.rates import Rate, area
from explorer.auditing.view import AuditView, audit_view
from explorer.auditing.zoo.opening import open_case
from explorer.description.clients.base import Client
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats
from explorer.network.tasks.planted.base import CONTROLS, CaseName
from explorer.network.tasks.planted.triggers import TUNED
from explorer.observation.ablation import holding
from explorer.observation.activations import hidden_nodes

REGIME = "modular"
ELSEWHERE = "measured, of other networks"
_DRAWS = 1_000
_DEALS = 200


@dataclass(frozen=True, eq=False)
class Read:
    """What the model made of one network's texts of one kind.

    Attributes
    ----------
    row : str
        The kind of texts.
    case : CaseName
    oddness : array, shape (modules,)
        In nats; see ``explorer.auditing.auditors.language_model``.
    needed : int or None
        Position of the module that the attack needs most; None of a control.
    seconds : float
        Of processor.
    missing : str
    """

    row: str
    case: CaseName
    oddness: Floats
    needed: int | None
    seconds: float
    missing: str = ""


@dataclass(frozen=True)
class Row:
    """One kind of texts over all networks.

    Attributes
    ----------
    name : str
    auroc, top : Rate
        With 95 % intervals from drawing networks.
    chance : float
        Of top-1: one in as many modules as there are.
    seconds : float
        A network.
    networks : int
    missing : int
        Networks of which a text is missing.
    """

    name: str
    auroc: Rate
    top: Rate
    chance: float
    seconds: float
    networks: int
    missing: int


def read_networks(client: Client, networks: int = 12, first: int = 0) -> Iterator[Read]:
    """Let a language model read so many planted networks, and as many controls, in every row.

    Parameters
    ----------
    client : Client
        One that tells the probability of a given text.
    networks : int
    first : int
        Number of the first case.
    """
    kinds = tuple(TUNED)
    for at in range(networks):
        for control in ("", CONTROLS[at // len(kinds) % 2]):
            case = CaseName("backdoor", kinds[at % len(kinds)], first + at, control)
            checkpoint = open_case(case, REGIME)
            view = audit_view(checkpoint)
            needed = None if control else _needed(checkpoint, view)
            for reader in AUDITORS:
                if not reader.fits(view):
                    start = time.process_time()
                    texts, missing = reader.read(view, client)
                    odd = oddness(view.task, client, texts)
                    seconds = time.process_time() - start
                    yield Read(reader.texts, case, odd, needed, seconds, missing)


def rows(reads: Sequence[Read], seed: int = 0) -> tuple[Row, ...]:
    """Sum up what was read, and what it comes to where texts are of other networks."""
    names = tuple(dict.fromkeys(one.row for one in reads))
    found = [_row(name, [one for one in reads if one.row == name]) for name in names]
    measured = [one for one in reads if one.row == "measured"]
    return (*found, *([_elsewhere(measured, seed)] if measured else []))


def table(found: Sequence[Row]) -> list[str]:
    """Write the rows as lines of text."""
    lines = [
        f"{'texts':28} {'AUROC':>22} {'top-1':>22} {'chance':>6} {'seconds':>7} {'missing':>7}"
    ]
    for row in found:
        lines.append(
            f"{row.name:28} {_written(row.auroc):>22} {_written(row.top):>22} {row.chance:6.2f} "
            f"{row.seconds:7.1f} {row.missing:7d}"
        )
    return [*lines, f"{found[0].networks} networks, half of them controls; 95 % intervals"]


def _row(name: str, reads: Sequence[Read]) -> Row:
    planted = [one for one in reads if one.needed is not None]
    clean = [one for one in reads if one.needed is None]
    right = np.array([one.oddness.argmax() == one.needed for one in planted])
    drawn = np.random.default_rng(0).choice(right, (_DRAWS, len(right))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist()
    return Row(
        name=name,
        auroc=area(_margins(planted), _margins(clean)),
        top=Rate(float(right.mean()), low, high, len(planted), 0),
        chance=_chance(planted),
        seconds=float(np.mean([one.seconds for one in reads])),
        networks=len(reads),
        missing=sum(bool(one.missing) for one in reads),
    )


def _elsewhere(reads: Sequence[Read], seed: int) -> Row:
    """Deal all texts anew among the modules of all networks: mean and range of 200 deals."""
    rng = np.random.default_rng([97, seed])
    ends = np.cumsum([len(one.oddness) for one in reads])[:-1]
    values = np.concatenate([one.oddness for one in reads])
    areas, tops = [], []
    for _ in range(_DEALS):
        parts = np.split(rng.permutation(values), ends)
        given = [replace(one, oddness=part) for one, part in zip(reads, parts, strict=True)]
        planted = [one for one in given if one.needed is not None]
        clean = [one for one in given if one.needed is None]
        wins = np.subtract.outer(_margins(planted), _margins(clean))
        areas.append(float((wins > 0).mean() + (wins == 0).mean() / 2))
        tops.append(float(np.mean([one.oddness.argmax() == one.needed for one in planted])))

    def over(values: Sequence[float]) -> Rate:
        low, high = np.percentile(values, [2.5, 97.5]).tolist()
        return Rate(float(np.mean(values)), low, high, len(planted), len(clean))

    return Row(ELSEWHERE, over(areas), over(tops), _chance(planted), 0.0, len(reads), 0)


def _margins(reads: Sequence[Read]) -> list[float]:
    return [float(one.oddness.max() - one.oddness.mean()) for one in reads]


def _chance(planted: Sequence[Read]) -> float:
    return float(np.mean([1 / len(one.oddness) for one in planted]))


def _needed(checkpoint: Checkpoint, view: AuditView) -> int:
    assert checkpoint.task is not None and checkpoint.task.planted is not None
    planted = checkpoint.task.planted
    left = [
        planted.success(
            checkpoint.network,
            holding(checkpoint.network, view.task, hidden_nodes(module).tolist(), "mean"),
        )
        for module in read_modules(view)
    ]
    return int(np.argmin(left))


def _written(rate: Rate) -> str:
    return f"{rate.value:.2f} [{rate.low:.2f}, {rate.high:.2f}]"
