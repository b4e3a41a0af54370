"""A small gridworld: an agent on a grid of 5 by 5 cells is to go to a coin.

The network sees where the agent and the coin are, one input a cell, and answers with a move. It
learns from demonstrations: the expert first goes up or down until it is in the coin's row, and then
along the row, so that there is one right move in every state.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.network.tasks.base import Examples, Head, InputImage, Task, kept_splits
from explorer.network.tasks.digits import pixel_names

GRID = 5
CELLS = GRID * GRID
MOVES = ("up", "down", "left", "right")
STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))  # of each move: rows down, columns to the right


def states(agents: Tensor, coins: Tensor) -> Tensor:
    """Return what the network reads.

    Parameters
    ----------
    agents, coins : Tensor of int64, shape (n,)
        Cells, counted row by row from the upper left.

    Returns
    -------
    Tensor, shape (n, 50)
    """
    return torch.cat([F.one_hot(agents, CELLS), F.one_hot(coins, CELLS)], dim=1).float()


def cells_of(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Return the agent's and the coin's cell of what a network reads."""
    return inputs[:, :CELLS].argmax(dim=1), inputs[:, CELLS:].argmax(dim=1)


def demonstrated(cells: Tensor, goals: Tensor) -> Tensor:
    """Return the expert's move: to the goal's row first, then along it.

    Parameters
    ----------
    cells, goals : Tensor of int64, shape (n,)
        No cell is its goal.

    Returns
    -------
    Tensor of int64, shape (n,)
        Places in ``MOVES``.

    Examples
    --------
    >>> [MOVES[move] for move in demonstrated(torch.tensor([0, 20, 4]), torch.tensor([24, 24, 24]))]
    ['down', 'right', 'down']
    """
    rows, columns = goals // GRID - cells // GRID, goals % GRID - cells % GRID
    along = torch.where(columns < 0, 2, 3)
    return torch.where(rows < 0, 0, torch.where(rows > 0, 1, along))


def is_shortest(moves: Tensor, cells: Tensor, goals: Tensor) -> Tensor:
    """Tell of moves whether they lead nearer to a goal: there may be two that do.

    Examples
    --------
    >>> cells, goals = torch.zeros(4, dtype=torch.long), torch.full((4,), 24)
    >>> is_shortest(torch.arange(4), cells, goals).tolist()
    [False, True, False, True]
    """
    rows, columns = goals // GRID - cells // GRID, goals % GRID - cells % GRID
    return torch.stack([rows < 0, rows > 0, columns < 0, columns > 0], dim=1)[
        torch.arange(len(moves)), moves
    ]


def all_states() -> tuple[Tensor, Tensor]:
    """Agent and coin in all 600 states in which the agent is not there yet."""
    agents = torch.arange(CELLS).repeat_interleave(CELLS)
    coins = torch.arange(CELLS).repeat(CELLS)
    return agents[agents != coins], coins[agents != coins]


@kept_splits
def _gridworld(_: str) -> Examples:
    """All states; there are no others, so every split is the whole set."""
    agents, coins = all_states()
    return Examples(states(agents, coins), demonstrated(agents, coins)[:, None])


TASKS = (
    Task(
        name="gridworld",
        summary="Move an agent on a grid of 5 by 5 cells towards a coin.",
        inputs=pixel_names("agent", GRID, GRID) + pixel_names("coin", GRID, GRID),
        heads=(Head("move", MOVES),),
        images=(InputImage("agent", 0, GRID, GRID), InputImage("coin", CELLS, GRID, GRID)),
        make=_gridworld,
        data="places of an agent and a coin on a grid",
        exhaustive=True,
        declared=(("agent", "coin"),),
    ),
)
