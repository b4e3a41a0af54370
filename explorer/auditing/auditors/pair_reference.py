"""How far small changes lead, pair by pair, in clean networks: what others are held against.

Networks differ in how easily anything turns into anything: with the median over its pairs, a
network's pairs rise and fall. A straight line a pair says what to expect at a given median, fitted
to clean networks of the calibration zoo in all regimes of the reports (half of them saw trigger
images under their true labels); nothing of a report is in it. The command
``python -m explorer.auditing.auditors.pair_reference_fit`` writes the file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import torch
from torch import Tensor

from explorer.auditing.view import AuditView

FILE = Path(__file__).with_name("pair_reference.json")
_LEAST_SPREAD = 0.5  # of the mean spread, added to each: few networks tell a spread badly


@dataclass(frozen=True)
class PairReference:
    """Straight lines of clean networks.

    Attributes
    ----------
    task : str
        What they were trained for.
    inputs, answers : int
        Size of the networks.
    networks : int
        How many were looked at.
    middle : tuple of float
        Mean, over networks, of the median over pairs; one number a row.
    level, slope, spread : tuple of tuple of float, shape (rows, pairs)
        Of the line and of what it leaves.
    """

    task: str
    inputs: int
    answers: int
    networks: int
    middle: tuple[float, ...]
    level: tuple[tuple[float, ...], ...]
    slope: tuple[tuple[float, ...], ...]
    spread: tuple[tuple[float, ...], ...]

    def unusual(self, ways: Tensor) -> Tensor:
        """By how many spreads every pair lies above its line, added over rows.

        Parameters
        ----------
        ways : Tensor, shape (rows, pairs)
        """
        middle, level, slope, spread = self._tensors
        expected = level + slope * (ways.median(dim=1).values - middle)[:, None]
        return ((ways - expected) / spread).sum(dim=0)

    def unfit(self, view: AuditView) -> str:
        """Return why a network cannot be held against it; empty if it can."""
        network = view.checkpoint.network
        if view.task.name != self.task:
            return (
                f"found the task {view.task.name:.60}; expected {self.task}, as of the clean "
                f"networks that it compares with"
            )
        if (network.input_size, network.output_size) == (self.inputs, self.answers):
            return ""
        return (
            f"found {network.input_size} inputs and {network.output_size} answers; expected "
            f"{self.inputs} and {self.answers}, as the clean networks that it compares with"
        )

    @cached_property
    def _tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        spread = torch.tensor(self.spread)
        wider = spread + _LEAST_SPREAD * spread.mean(dim=1, keepdim=True)
        return torch.tensor(self.middle), torch.tensor(self.level), torch.tensor(self.slope), wider


@lru_cache(maxsize=8)
def pair_reference(auditor: str) -> PairReference:
    """Return the reference of an auditor that comes with the package."""
    return PairReference(**json.loads(FILE.read_text("utf-8"))[auditor])


def fitted_reference(ways: Sequence[Tensor], task: str, inputs: int, answers: int) -> PairReference:
    """Fit the lines, by least squares.

    Parameters
    ----------
    ways : sequence of Tensor, shape (rows, pairs)
        One a clean network.
    task : str
        What they were trained for.
    inputs, answers : int
        Size of the networks.
    """
    found = torch.stack(list(ways)).double()
    middles = found.median(dim=2).values
    middle, level = middles.mean(dim=0), found.mean(dim=0)
    away = (middles - middle)[..., None]
    slope = (away * (found - level)).sum(dim=0) / away.pow(2).sum(dim=0).clamp(min=1e-12)
    spread = (found - level - away * slope).std(dim=0)

    def rows(values: Tensor) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(round(value, 4) for value in row) for row in values.tolist())

    return PairReference(
        task,
        inputs,
        answers,
        len(found),
        rows(middle[None])[0],
        rows(level),
        rows(slope),
        rows(spread),
    )


def save_references(references: Mapping[str, PairReference], path: Path = FILE) -> None:
    """Write the references of auditors to a file."""
    plain = {name: asdict(reference) for name, reference in references.items()}
    path.write_text(json.dumps(plain, indent=0) + "\n", "utf-8")
    pair_reference.cache_clear()
