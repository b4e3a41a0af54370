"""Greedy node moves for layered modularity, compiled."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from explorer.network.graph import Floats, Ints


@njit(cache=True, nogil=True)
def move_nodes(
    starts: Ints,
    neighbours: NDArray[np.int32],
    masses: Floats,
    slot_starts: Ints,
    slots: Ints,
    slot_degrees: Floats,
    slot_count: int,
    labels: Ints,
    module_count: int,
    order: Ints,
    sweeps: int,
) -> int:
    """Move single nodes to the module where they raise Q_B most, until none does.

    A *slot* is one side of a block of edges: slot 2b holds the sources of block b, slot 2b + 1
    its targets. The chance term of Q_B pairs what a node has in a slot with what its module has
    in the opposite one.

    Parameters
    ----------
    starts, neighbours, masses : arrays
        Symmetric adjacency in compressed rows: neighbours of v are at starts[v] .. starts[v + 1].
    slot_starts, slots, slot_degrees : arrays
        In the same way, the slots that v is in and the mass that it has there.
    slot_count : int
    labels : array of int, shape (nodes,)
        Changed in place; nodes labelled -1 stay so.
    module_count : int
        Labels are below this.
    order : array of int
        The order in which nodes are tried.
    sweeps : int
        At most so many rounds over all nodes.

    Returns
    -------
    int
        How many moves were made.
    """
    totals = np.zeros((slot_count, module_count))
    for v in range(len(labels)):
        if labels[v] >= 0:
            for at in range(slot_starts[v], slot_starts[v + 1]):
                totals[slots[at], labels[v]] += slot_degrees[at]
    gain = np.zeros(module_count)
    # Mass from a node to every module, and whether it still holds: it does until a neighbour moves.
    mass_to = np.zeros((len(labels), module_count))
    holds = np.zeros(len(labels), np.bool_)
    moves = 0
    for _ in range(sweeps):
        moves_before = moves
        for v in order:
            here = labels[v]
            if here < 0:
                continue
            if not holds[v]:
                holds[v] = True
                mass_to[v] = 0.0
                for at in range(starts[v], starts[v + 1]):
                    if labels[neighbours[at]] >= 0:
                        mass_to[v, labels[neighbours[at]]] += masses[at]
            gain[:] = mass_to[v]
            for at in range(slot_starts[v], slot_starts[v + 1]):
                for c in range(module_count):
                    gain[c] -= slot_degrees[at] * totals[slots[at] ^ 1, c]
            best = here
            for c in range(module_count):
                if gain[c] > gain[best] + 1e-12:  # ties stay: rounding must not make it cycle
                    best = c
            if best != here:
                labels[v] = best
                moves += 1
                for at in range(starts[v], starts[v + 1]):
                    holds[neighbours[at]] = False
                for at in range(slot_starts[v], slot_starts[v + 1]):
                    totals[slots[at], here] -= slot_degrees[at]
                    totals[slots[at], best] += slot_degrees[at]
        if moves == moves_before:
            break
    return moves
