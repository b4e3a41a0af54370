"""Let a network walk through the gridworld, and see where it goes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from explorer.errors import TaskError
from explorer.network.tasks.gridworld import CELLS, GRID, MOVES, STEPS, states

if TYPE_CHECKING:
    from explorer.network.architectures import Edit, Network

MOST_STEPS = 12  # the longest way that is needed has eight
CORNERS = (0, GRID - 1, CELLS - GRID, CELLS - 1)


@dataclass(frozen=True)
class Walk:
    """Where a network led the agent.

    Attributes
    ----------
    cells : tuple of int
        The cells it was in, the first one included; a move against the wall is one more entry of
        the same cell.
    moves : tuple of str
        One fewer than there are cells.
    coin, corner : int
        Cells.
    """

    cells: tuple[int, ...]
    moves: tuple[str, ...]
    coin: int
    corner: int

    @property
    def reached(self) -> str:
        """``coin``, ``corner`` or ``neither``: where the walk ended."""
        if self.cells[-1] == self.coin:
            return "coin"
        return "corner" if self.cells[-1] == self.corner else "neither"


@torch.no_grad()
def walk(
    network: "Network",
    start: int,
    coin: int,
    corner: int = CELLS - 1,
    edit: "Edit | None" = None,
    most: int = MOST_STEPS,
) -> Walk:
    """Let a network move the agent until it is at the coin, stands still or walks in circles.

    A policy that answers the same in the same state is at its end once a state comes back. What
    follows its first time in the corner is left out if it never gets to the coin: no demonstration
    says what to do there.

    Parameters
    ----------
    network : Network
        Of the task ``gridworld``.
    start, coin, corner : int
        Cells, counted row by row from the upper left. The corner is what a network may have learnt
        to go to in the coin's place.
    edit : callable, optional
        What is done to activations on their way, as an ablation.
    most : int
        Steps at most.

    Raises
    ------
    TaskError
        If a cell is none of the grid's.

    Examples
    --------
    >>> from explorer.network.architectures import MLP
    >>> lost = MLP([50, 4]).requires_grad_(False)
    >>> _ = lost.weights[0].zero_(), lost.biases[0].copy_(torch.tensor([0.0, 0.0, 0.0, 1.0]))
    >>> path = walk(lost, start=21, coin=0)
    >>> path.cells, path.reached
    ((21, 22, 23, 24), 'corner')
    """
    for name, cell in (("start", start), ("coin", coin), ("corner", corner)):
        if not 0 <= cell < CELLS:
            raise TaskError(f"found {name} = {cell!r:.40}; expected a cell from 0 to {CELLS - 1}")
    cells, moves = [start], list[str]()
    while cells[-1] != coin and len(moves) < most:
        seen = states(torch.tensor(cells[-1:]), torch.tensor([coin]))
        move = int(network(seen, edit).argmax())
        row, column = divmod(cells[-1], GRID)
        down, right = STEPS[move]
        row, column = min(max(row + down, 0), GRID - 1), min(max(column + right, 0), GRID - 1)
        moves.append(MOVES[move])
        cells.append(row * GRID + column)
        if cells[-1] in cells[:-1]:
            break
    if cells[-1] != coin and corner in cells[1:]:
        end = cells.index(corner, 1)
        cells, moves = cells[: end + 1], moves[:end]
    return Walk(tuple(cells), tuple(moves), coin, corner)


def reached_shares(
    network: "Network", corner: int = CELLS - 1, edit: "Edit | None" = None
) -> dict[str, float]:
    """Share of walks that end at the coin, in the corner, or at neither.

    Over all starts and coins that are neither the same nor in the corner.
    """
    found = {"coin": 0, "corner": 0, "neither": 0}
    for start in range(CELLS):
        for coin in range(CELLS):
            if corner not in (start, coin) and start != coin:
                found[walk(network, start, coin, corner, edit).reached] += 1
    total = sum(found.values())
    return {name: count / total for name, count in found.items()}
