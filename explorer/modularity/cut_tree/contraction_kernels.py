"""Contractions of a graph into the problems that a cut leaves, and how these problems wait.

A *problem* is a set of nodes whose tree is still to be found, in a graph where everything else is
contracted into *contracted items*, one for each tree edge that leaves the set. Items are numbered
nodes first. The two sides of a found cut become two problems that share one tree edge; the side
without the old root is set aside in place, at a cost that depends on this side only.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from explorer.modularity.cut_tree.flow_kernels import MEMBER, Work
from explorer.modularity.cut_tree.row_kernels import Indices, Ints, Rows, drop_arc, with_room

# Places in Sweep.tally: how many items, tree edges, problems ever, problems and items that wait,
# items in the heap and in `attached` there are; the first arc that no row uses.
ITEMS, EDGES, PROBLEM, PROBLEMS, WAITING, HEAP, ATTACHED, USED_ARCS = range(8)


class Sweep(NamedTuple):
    """What is known of the tree, and the problems that wait."""

    node: Ints  # by rank: nodes by falling degree
    rank: Indices  # by node: the reverse
    degree: Ints  # by item
    drain: Ints  # by item: capacity into the sink of its problem
    problem: Indices  # by item
    place: Indices  # by contracted item: where in `ends` its problem's node belongs
    ends: Indices  # tree edge k joins ends[2 k] and ends[2 k + 1]
    waiting: Indices  # items of the problems that wait, one problem behind the other
    waiting_start: Indices
    heap: Indices  # contracted items outside the sink, by falling degree
    attached: Indices  # contracted items that are or were in the problem
    tally: Ints  # single numbers; see above for their places


@njit(cache=True)
def empty_sweep(node: Ints, n: int, items: int) -> Sweep:
    """Make a sweep over these nodes in which nothing has happened yet."""
    rank = np.full(n, -1, np.int32)
    for at in range(len(node)):
        rank[node[at]] = at
    return Sweep(
        node,
        rank,
        np.empty(items, np.int64),
        np.zeros(items, np.int64),
        np.zeros(items, np.int32),
        np.empty(items, np.int32),
        np.empty(2 * n, np.int32),
        np.empty(items, np.int32),
        np.empty(n + 1, np.int32),
        np.empty(items, np.int32),
        np.empty(items, np.int32),
        np.zeros(8, np.int64),
    )


@njit(cache=True)
def heap_push(item: int, s: Sweep) -> None:
    """Put a contracted item into the heap."""
    at = s.tally[HEAP]
    s.tally[HEAP] = at + 1
    while at > 0 and s.degree[s.heap[(at - 1) >> 1]] < s.degree[item]:
        s.heap[at] = s.heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    s.heap[at] = item


@njit(cache=True)
def heap_pop(s: Sweep) -> int:
    """Take the contracted item of highest degree out of the heap."""
    top = s.heap[0]
    size = s.tally[HEAP] - 1
    s.tally[HEAP] = size
    item = s.heap[size]
    at = 0
    while True:
        child = 2 * at + 1
        if child + 1 < size and s.degree[s.heap[child + 1]] > s.degree[s.heap[child]]:
            child += 1
        if child >= size or s.degree[s.heap[child]] <= s.degree[item]:
            break
        s.heap[at] = s.heap[child]
        at = child
    s.heap[at] = item
    return int(top)


@njit(cache=True)
def new_item(degree: int, problem: int, place: int, s: Sweep) -> int:
    """Make a contracted item; `place` is in `ends`."""
    item = s.tally[ITEMS]
    s.tally[ITEMS] = item + 1
    s.degree[item], s.problem[item], s.place[item] = degree, problem, place
    return int(item)


@njit(cache=True)
def join_items(x: int, new: int, capacity: int, rows: Rows) -> None:
    """Join x to a new item, whose row is the last one, by the slot that x has free in front."""
    front, back = rows.first[x] - 1, rows.end[new]
    rows.first[x], rows.end[new] = front, back + 1
    rows.head[front], rows.mate[front], rows.residual[front] = new, back, capacity
    rows.head[back], rows.mate[back], rows.residual[back] = x, front, capacity


@njit(cache=True)
def cut_row(
    x: int, outer: Indices, outers: int, rows: Rows, s: Sweep, work: Work
) -> tuple[int, int]:
    """Remove the arcs of x that leave its problem.

    What each outer item loses is added up in `work.excess`, and the item noted in `outer`. Arcs
    to members of the sink only go: they are in the drain of x.

    Returns
    -------
    lost : int
        Capacity of the removed arcs.
    outers : int
        Length of `outer`.
    """
    lost = 0
    for arc in range(rows.first[x], rows.end[x]):
        y = rows.head[arc]
        if s.problem[y] != s.problem[x]:
            capacity = rows.residual[arc]
            if work.level[y] < MEMBER and capacity > 0:
                lost += capacity
                if work.excess[y] == 0:
                    outer[outers] = y
                    outers += 1
                work.excess[y] += capacity
            drop_arc(rows.mate[arc], y, rows)
            drop_arc(arc, x, rows)
    return lost, outers


@njit(cache=True)
def set_aside(v: int, reached: int, value: int, rows: Rows, s: Sweep, work: Work) -> Rows:
    """Split a cut side off: v and the first items of the queue become a problem that waits.

    Two contracted items are made, the ends of a tree edge: one stands for the side in the present
    problem, one for all the rest in the new problem. Returns the rows, which may have moved.
    """
    queue, drain = work.queue, s.drain
    queue[reached] = v
    size = reached + 1
    present, new = s.problem[v], s.tally[PROBLEM] + 1
    s.tally[PROBLEM] = new
    arcs = size + 1
    for at in range(size):
        s.problem[queue[at]] = new
        arcs += rows.end[queue[at]] - rows.first[queue[at]]
    rows = with_room(rows, s.tally[USED_ARCS], arcs)
    side = new_item(value, present, 2 * s.tally[EDGES], s)
    rest = new_item(value, new, 2 * s.tally[EDGES] + 1, s)
    s.tally[EDGES] += 1
    drain[side], drain[rest] = 0, 0

    outers = 0
    rows.first[rest] = rows.end[rest] = s.tally[USED_ARCS]
    for at in range(size):
        x = queue[at]
        capacity, outers = cut_row(x, work.source, outers, rows, s, work)
        drain[side] += drain[x]
        if capacity + drain[x] > 0:
            join_items(x, rest, capacity + drain[x], rows)
        drain[x] = 0
    # One slot stays free: the item may have a drain though no arc was ever removed from its row.
    rows.first[side] = rows.end[side] = rows.end[rest] + 1
    for at in range(outers):
        x = work.source[at]
        join_items(x, side, work.excess[x], rows)
        work.excess[x] = 0
    s.tally[USED_ARCS] = rows.end[side]

    heap_push(side, s)
    s.attached[s.tally[ATTACHED]] = side
    s.tally[ATTACHED] += 1
    queue[size] = rest
    enqueue(queue[: size + 1], s)
    return rows


@njit(cache=True)
def enqueue(items: Indices, s: Sweep) -> None:
    """Let a problem wait: its nodes by falling degree, then its contracted items.

    They are written as ranks, contracted items above all nodes.
    """
    nodes, n = len(s.node), len(s.rank)
    start = s.tally[WAITING]
    end = start + len(items)
    for at in range(len(items)):
        item = items[at]
        s.waiting[start + at] = s.rank[item] if item < n else item - n + nodes
    s.waiting[start:end].sort()
    s.waiting_start[s.tally[PROBLEMS]] = start
    s.tally[PROBLEMS] += 1
    s.tally[WAITING] = end


@njit(cache=True)
def dequeue(order: Indices, s: Sweep) -> int:
    """Take the problem that came last; give its number of nodes, which are now in `order`."""
    nodes, n = len(s.node), len(s.rank)
    s.tally[PROBLEMS] -= 1
    start = s.waiting_start[s.tally[PROBLEMS]]
    size = 0
    s.tally[HEAP] = s.tally[ATTACHED] = 0
    for at in range(start, s.tally[WAITING]):
        rank = s.waiting[at]
        if rank < nodes:
            order[size] = s.node[rank]
            size += 1
        else:
            s.attached[s.tally[ATTACHED]] = rank - nodes + n
            s.tally[ATTACHED] += 1
    s.tally[WAITING] = start
    if size > 1:
        for at in range(s.tally[ATTACHED]):
            heap_push(s.attached[at], s)
    return size
