"""The maximum flow from one node into the contracted sink, or a certificate that spares it.

All arcs of the node v are saturated at once, so that the flow is that of the *excess* at v's
neighbours; it never returns to v. Whatever excess cannot reach the sink marks a cut smaller than
{v}: of the arcs that leave v and what the excess can reach, all are full, and none that enters
carries flow.
"""

from numba import njit

from explorer.modularity.cut_tree.flow_kernels import (
    MEMBER,
    STAMP,
    Work,
    block_layers,
    layer,
    push,
    spend_drain,
    undo_flow,
)
from explorer.modularity.cut_tree.row_kernels import Ints, Rows


@njit(cache=True)
def is_certified(v: int, rows: Rows, drain: Ints) -> bool:
    """Tell whether every neighbour can pass on all that v can send to it."""
    head, residual = rows.head, rows.residual
    for arc in range(rows.first[v], rows.end[v]):  # noqa: SIM110  (numba has no generators here)
        if drain[head[arc]] < residual[arc]:
            return False
    return True


@njit(cache=True)
def saturate(v: int, rows: Rows, drain: Ints, work: Work) -> int:
    """Send all that v can send to its neighbours, and on into the sink where that is open.

    Returns
    -------
    int
        The number of neighbours that keep some excess, now in `work.source`.
    """
    head, residual, level, source, excess = (
        rows.head, rows.residual, work.level, work.source, work.excess
    )  # fmt: skip
    full_drain, drained, count = work.full_drain, work.drained, work.tally
    sources = 0
    for arc in range(rows.first[v], rows.end[v]):
        x, amount = head[arc], residual[arc]
        if level[x] == MEMBER:
            continue
        direct = min(amount, drain[x])
        if direct > 0:
            spend_drain(x, direct, drain, full_drain, drained, count)
        if amount > direct:
            excess[x] = amount - direct
            source[sources] = x
            sources += 1
    return sources


@njit(cache=True)
def push_two_hops(v: int, sources: int, rows: Rows, drain: Ints, work: Work) -> tuple[int, int]:
    """Send excess into the sink by way of one more item; give the sources and the excess left."""
    head, mate, residual, logged, changed = (
        rows.head, rows.mate, rows.residual, rows.logged, rows.changed
    )  # fmt: skip
    level, full_drain, drained, count = work.level, work.full_drain, work.drained, work.tally
    kept, total = 0, 0
    for at in range(sources):
        s = work.source[at]
        excess = work.excess[s]
        for arc in range(rows.first[s], rows.end[s]):
            x = head[arc]
            amount = min(excess, residual[arc], drain[x])
            if amount > 0 and x != v and level[x] < MEMBER:
                push(arc, amount, residual, mate, logged, changed, count)
                spend_drain(x, amount, drain, full_drain, drained, count)
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
def flow_to_sink(v: int, rows: Rows, drain: Ints, work: Work) -> tuple[int, int]:
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
        top = work.tally[STAMP] + 1
        reached, found = layer(v, sources, left, rows, drain, work)
        if found == 0:
            break
        left -= block_layers(top, reached, rows, drain, work)
    for at in range(sources):
        work.excess[work.source[at]] = 0
    undo_flow(rows, drain, work)
    return left, reached
