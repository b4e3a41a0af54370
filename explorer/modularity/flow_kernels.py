"""The maximum flow from one node to a contracted sink, by local search.

The sink is never stored: `drain[x]` is the capacity from x into it. All arcs of the node v are
saturated at once, so that the flow is that of the *excess* at v's neighbours; it never returns to
v. Whatever excess cannot reach the sink marks a cut smaller than {v}.

Residuals and drains are restored after each flow. The two residuals of an edge always add up to
twice its capacity, so that a log of the changed arcs is enough and no capacities are kept.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from explorer.modularity.row_kernels import Rows

# Places in Work.count.
ARCS, DRAINS, STAMP = 0, 1, 2


class Work(NamedTuple):
    """Scratch of the flow search, by item unless said otherwise."""

    level: NDArray[np.int64]  # of the layered search; below the stamp: not reached
    cursor: NDArray[np.int64]  # the next arc to try
    excess: NDArray[np.int64]  # flow that arrived and has not left
    queue: NDArray[np.int32]  # in the order of the search
    path: NDArray[np.int64]  # arcs from a source to the item that is visited
    source: NDArray[np.int32]  # items with excess
    drained: NDArray[np.int32]  # items whose drain was used
    full_drain: NDArray[np.int64]  # what it had been, -1 if it was not used
    count: NDArray[np.int64]  # arcs logged, drains logged, stamp of the next search


@njit(cache=True)
def is_certified(v: int, rows: Rows, drain: NDArray[np.int64]) -> bool:
    """Tell whether every neighbour can pass on all that v can send to it."""
    head, residual = rows.head, rows.residual
    for arc in range(rows.first[v], rows.end[v]):
        if drain[head[arc]] < residual[arc]:
            return False
    return True


@njit(cache=True)
def spend_drain(x: int, amount: int, drain: NDArray[np.int64], work: Work) -> None:
    """Send flow from x into the sink."""
    if work.full_drain[x] < 0:
        work.full_drain[x] = drain[x]
        work.drained[work.count[DRAINS]] = x
        work.count[DRAINS] += 1
    drain[x] -= amount


@njit(cache=True)
def push(arc: int, amount: int, rows: Rows, work: Work) -> None:
    """Send flow along an arc."""
    mate = rows.mate[arc]
    low = min(arc, mate)
    if rows.logged[low] == 0:
        rows.logged[low] = 1
        rows.changed[work.count[ARCS]] = low
        work.count[ARCS] += 1
    rows.residual[arc] -= amount
    rows.residual[mate] += amount


@njit(cache=True)
def undo_flow(rows: Rows, drain: NDArray[np.int64], work: Work) -> None:
    """Restore all residuals and drains."""
    for at in range(work.count[ARCS]):
        arc = rows.changed[at]
        mate = rows.mate[arc]
        capacity = (rows.residual[arc] + rows.residual[mate]) >> 1
        rows.residual[arc] = rows.residual[mate] = capacity
        rows.logged[arc] = 0
    for at in range(work.count[DRAINS]):
        x = work.drained[at]
        drain[x] = work.full_drain[x]
        work.full_drain[x] = -1
    work.count[ARCS] = work.count[DRAINS] = 0


@njit(cache=True)
def saturate(v: int, rows: Rows, drain: NDArray[np.int64], work: Work) -> int:
    """Send all that v can send to its neighbours, and on into the sink where that is open.

    Returns
    -------
    int
        The number of neighbours that keep some excess, now in `work.source`.
    """
    sources = 0
    for arc in range(rows.first[v], rows.end[v]):
        x, amount = rows.head[arc], rows.residual[arc]
        direct = min(amount, drain[x])
        if direct > 0:
            spend_drain(x, direct, drain, work)
        if amount > direct:
            work.excess[x] = amount - direct
            work.source[sources] = x
            sources += 1
    return sources


@njit(cache=True)
def push_two_hops(
    v: int, sources: int, rows: Rows, drain: NDArray[np.int64], work: Work
) -> tuple[int, int]:
    """Send excess into the sink by way of one more item; give the sources and the excess left."""
    head, residual = rows.head, rows.residual
    kept, total = 0, 0
    for at in range(sources):
        s = work.source[at]
        excess = work.excess[s]
        for arc in range(rows.first[s], rows.end[s]):
            x = head[arc]
            amount = min(excess, residual[arc], drain[x])
            if amount > 0 and x != v:
                push(arc, amount, rows, work)
                spend_drain(x, amount, drain, work)
                excess -= amount
                if excess == 0:
                    break
        work.excess[s] = excess
        if excess > 0:
            work.source[kept] = s
            kept += 1
            total += excess
    return kept, total


@njit(cache=True)
def layer(
    v: int, sources: int, wanted: int, rows: Rows, drain: NDArray[np.int64], work: Work
) -> tuple[int, int]:
    """Search from the sources in layers until the open drains found add up to what is wanted.

    Stopping there, and not at the end of a layer, keeps the search local. An item that was found
    but not expanded has its cursor at the end of its row.

    Returns
    -------
    reached : int
        Length of `work.queue`.
    found : int
        Sum of the open drains; if it is 0, the queue is all that the excess can reach.
    """
    first, end, head, residual = rows.first, rows.end, rows.head, rows.residual
    level, cursor, queue = work.level, work.cursor, work.queue
    stamp = work.count[STAMP]
    level[v] = stamp
    reached, found = 0, 0
    for at in range(sources):
        s = work.source[at]
        if work.excess[s] > 0:
            level[s], cursor[s] = stamp + 1, end[s]
            queue[reached] = s
            reached += 1
    at = 0
    while at < reached and found < wanted:
        x = queue[at]
        cursor[x] = first[x]
        below = level[x] + 1
        for arc in range(first[x], end[x]):
            y = head[arc]
            if level[y] < stamp and residual[arc] > 0:
                level[y], cursor[y] = below, end[y]
                queue[reached] = y
                reached += 1
                found += drain[y]
                if found >= wanted:
                    break
        at += 1
    # Nothing is deeper than the last of the queue.
    work.count[STAMP] = level[queue[reached - 1]] + 1
    return reached, found


@njit(cache=True)
def augment(depth: int, s: int, last: int, rows: Rows, drain: NDArray[np.int64], work: Work) -> int:
    """Send what fits along the path from s to the item `last`; give the new depth of the path."""
    amount = min(work.excess[s], drain[last])
    for at in range(depth):
        amount = min(amount, rows.residual[work.path[at]])
    spend_drain(last, amount, drain, work)
    work.excess[s] -= amount
    kept = depth
    for at in range(depth - 1, -1, -1):
        push(work.path[at], amount, rows, work)
        if rows.residual[work.path[at]] == 0:
            kept = at
    return kept


@njit(cache=True)
def block_layers(sources: int, rows: Rows, drain: NDArray[np.int64], work: Work) -> int:
    """Send flow down the layers until every path is blocked; give the excess that is left."""
    end, head, residual = rows.end, rows.head, rows.residual
    level, cursor, path = work.level, work.cursor, work.path
    left = 0
    for at in range(sources):
        s = work.source[at]
        x, depth = s, 0
        while work.excess[s] > 0:
            if drain[x] > 0:
                depth = augment(depth, s, x, rows, drain, work)
                x = s if depth == 0 else head[path[depth - 1]]
                continue
            arc = cursor[x]
            below = level[x] + 1
            while arc < end[x] and not (level[head[arc]] == below and residual[arc] > 0):
                arc += 1
            cursor[x] = arc
            if arc < end[x]:
                path[depth] = arc
                depth += 1
                x = head[arc]
            elif depth == 0:
                break
            else:
                depth -= 1
                x = s if depth == 0 else head[path[depth - 1]]
                cursor[x] += 1
        left += work.excess[s]
    return left


@njit(cache=True)
def flow_to_sink(v: int, rows: Rows, drain: NDArray[np.int64], work: Work) -> tuple[int, int]:
    """Send as much as possible from v into the sink, and restore the residuals.

    Returns
    -------
    left : int
        By how much the flow is short of what v can send.
    reached : int
        If `left` > 0, v and the first so many items of `work.queue` are the smallest minimum
        cut between v and the sink.
    """
    sources = saturate(v, rows, drain, work)
    sources, left = push_two_hops(v, sources, rows, drain, work)
    reached = 0
    while left > 0:
        reached, found = layer(v, sources, left, rows, drain, work)
        if found == 0:
            break
        left = block_layers(sources, rows, drain, work)
    for at in range(sources):
        work.excess[work.source[at]] = 0
    undo_flow(rows, drain, work)
    return left, reached
