"""Flow from several sources into a contracted sink, in a search by layers that stays local.

The sink is never stored: `drain[x]` is the capacity from x into it. Arcs to its members stay in
the rows, and are passed over. Residuals and drains are restored after each flow: the two residuals
of an edge always add up to twice its capacity, so that a log of the changed arcs is enough.

The innermost functions take arrays and not the tuples that hold them, and are inlined: each time
that an array is taken out of a tuple or handed to a function costs two atomic counts, which had
been half of the time.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from explorer.modularity.cut_tree.row_kernels import Indices, Ints, Rows

# What `level` and `drain` are for members of the sink: the search never enters them, and no
# certificate fails on them.
MEMBER = 2**62
CLOSED = 2**61

# Places in Work.tally.
ARCS, DRAINS, STAMP = 0, 1, 2


class Work(NamedTuple):
    """Scratch of the flow search, by item unless said otherwise."""

    level: Ints  # of the layered search; below the stamp: not reached
    entry: Indices  # the arc by which the search found it
    cursor: Ints  # the next arc to try on the way back
    excess: Ints  # flow that arrived and has not left
    queue: Indices  # in the order of the search
    path: Ints  # arcs from an open drain back to the item that is visited, each as it flows
    source: Indices  # items with excess
    drained: Indices  # items whose drain was used
    full_drain: Ints  # what it had been, -1 if it was not used
    tally: Ints  # arcs logged, drains logged, stamp of the next search


@njit(cache=True)
def empty_work(items: int) -> Work:
    """Make the scratch for so many items."""
    return Work(
        np.full(items, -1, np.int64),
        np.empty(items, np.int32),
        np.empty(items, np.int64),
        np.zeros(items, np.int64),
        np.empty(items + 2, np.int32),
        np.empty(items, np.int64),
        np.empty(items, np.int32),
        np.empty(items, np.int32),
        np.full(items, -1, np.int64),
        np.zeros(3, np.int64),
    )


@njit(cache=True, inline="always")
def spend_drain(
    x: int, amount: int, drain: Ints, full_drain: Ints, drained: Indices, count: Ints
) -> None:
    """Send flow from x into the sink."""
    if full_drain[x] < 0:
        full_drain[x] = drain[x]
        drained[count[DRAINS]] = x
        count[DRAINS] += 1
    drain[x] -= amount


@njit(cache=True, inline="always")
def push(
    arc: int,
    amount: int,
    residual: Ints,
    mate: Indices,
    logged: NDArray[np.uint8],
    changed: Indices,
    count: Ints,
) -> None:
    """Send flow along an arc."""
    back = mate[arc]
    low = min(arc, back)
    if logged[low] == 0:
        logged[low] = 1
        changed[count[ARCS]] = low
        count[ARCS] += 1
    residual[arc] -= amount
    residual[back] += amount


@njit(cache=True)
def undo_flow(rows: Rows, drain: Ints, work: Work) -> None:
    """Restore all residuals and drains."""
    mate, residual, changed, logged = rows.mate, rows.residual, rows.changed, rows.logged
    for at in range(work.tally[ARCS]):
        arc = changed[at]
        back = mate[arc]
        capacity = (residual[arc] + residual[back]) >> 1
        residual[arc] = residual[back] = capacity
        logged[arc] = 0
    drained, full_drain = work.drained, work.full_drain
    for at in range(work.tally[DRAINS]):
        x = drained[at]
        drain[x] = full_drain[x]
        full_drain[x] = -1
    work.tally[ARCS] = work.tally[DRAINS] = 0


@njit(cache=True)
def layer(
    v: int, sources: int, wanted: int, rows: Rows, drain: Ints, work: Work
) -> tuple[int, int]:
    """Search from the sources in layers until the open drains found add up to what is wanted.

    Stopping there, and not at the end of a layer, keeps the search local.

    Returns
    -------
    reached : int
        Length of `work.queue`.
    found : int
        Sum of the open drains; if it is 0, the queue is all that the excess can reach.
    """
    first, end, head, residual = rows.first, rows.end, rows.head, rows.residual
    level, cursor, entry, queue = work.level, work.cursor, work.entry, work.queue
    stamp = work.tally[STAMP]
    level[v] = stamp
    reached, found = 0, 0
    for at in range(sources):
        s = work.source[at]
        if work.excess[s] > 0:
            level[s] = stamp + 1
            queue[reached] = s
            reached += 1
    at = 0
    while at < reached and found < wanted:
        x = queue[at]
        below = level[x] + 1
        for arc in range(first[x], end[x]):
            y = head[arc]
            if level[y] < stamp and residual[arc] > 0:
                level[y], cursor[y], entry[y] = below, first[y], arc
                queue[reached] = y
                reached += 1
                if drain[y] > 0:
                    found += drain[y]
                    if found >= wanted:
                        break
        at += 1
    # Nothing is deeper than the last of the queue.
    work.tally[STAMP] = level[queue[reached - 1]] + 1
    return reached, found


@njit(cache=True, inline="always")
def way_back(
    x: int,
    end: int,
    head: Indices,
    mate: Indices,
    residual: Ints,
    level: Ints,
    entry: Indices,
    cursor: Ints,
) -> int:
    """Give an open arc into x from the layer above, -1 if there is none; the search's own first."""
    above = level[x] - 1
    arc = entry[x]
    if residual[arc] > 0 and level[head[mate[arc]]] == above:
        return int(arc)
    for at in range(cursor[x], end):
        if level[head[at]] == above and residual[mate[at]] > 0:
            cursor[x] = at
            return int(mate[at])
    cursor[x] = end
    return -1


@njit(cache=True)
def block_layers(top: int, reached: int, rows: Rows, drain: Ints, work: Work) -> int:
    """Send flow down the layers until every path is blocked; give how much.

    Paths are sought from the open drains back to the sources: every item that was found has a way
    back, whereas most have no way on.

    Parameters
    ----------
    top : int
        Level of the sources.
    """
    # Taken out of the tuples once: each time costs two atomic counts.
    end, head, mate, residual, logged, changed = (
        rows.end, rows.head, rows.mate, rows.residual, rows.logged, rows.changed
    )  # fmt: skip
    level, entry, cursor, path, queue = (
        work.level, work.entry, work.cursor, work.path, work.queue
    )  # fmt: skip
    excess, full_drain, drained, count = work.excess, work.full_drain, work.drained, work.tally
    total = 0
    for start in range(reached):
        y = queue[start]
        x, depth = y, 0
        while drain[y] > 0:
            if excess[x] > 0:
                amount = min(excess[x], drain[y])
                for at in range(depth):
                    amount = min(amount, residual[path[at]])
                spend_drain(y, amount, drain, full_drain, drained, count)
                excess[x] -= amount
                total += amount
                for at in range(depth - 1, -1, -1):
                    arc = path[at]
                    push(arc, amount, residual, mate, logged, changed, count)
                    if residual[arc] == 0:
                        depth = at
                x = y if depth == 0 else head[mate[path[depth - 1]]]
                continue
            if level[x] > top:
                arc = way_back(x, end[x], head, mate, residual, level, entry, cursor)
                if arc >= 0:
                    path[depth] = arc
                    depth += 1
                    x = head[mate[arc]]
                    continue
            level[x] = top - 1  # blocked: out of every layer
            if depth == 0:
                break
            depth -= 1
            x = head[path[depth]]
    return total
