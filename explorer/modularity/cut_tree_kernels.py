"""The sweep that grows a cut tree; the argument is in :mod:`explorer.modularity.cut_tree_engine`.

A *problem* is a set of nodes whose tree is still to be found, in a graph where everything else is
contracted into *contracted items*, one for each tree edge that leaves the set. Nodes are numbered
by falling degree, contracted items above them. The two sides of a found cut become two problems
that share one tree edge; the side without the old root is set aside, in place.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from explorer.modularity.flow_kernels import Work, flow_to_sink, is_certified
from explorer.modularity.row_kernels import Rows, drop_arc, with_room

# Places in Sweep.count.
ITEMS, EDGES, PROBLEM, PROBLEMS, WAITING, HEAP, ATTACHED, USED_ARCS = range(8)


class Sweep(NamedTuple):
    """What is known of the tree, and the problems that wait."""

    degree: NDArray[np.int64]  # by item
    drain: NDArray[np.int64]  # by item: capacity into the sink of its problem
    problem: NDArray[np.int32]  # by item
    place: NDArray[np.int32]  # by contracted item: where in `ends` its problem's node belongs
    ends: NDArray[np.int32]  # tree edge k joins ends[2 k] and ends[2 k + 1]
    waiting: NDArray[np.int32]  # items of the problems that wait, one problem behind the other
    waiting_start: NDArray[np.int32]
    heap: NDArray[np.int32]  # contracted items outside the sink, by falling degree
    attached: NDArray[np.int32]  # contracted items that are or were in the problem
    count: NDArray[np.int64]


@njit(cache=True)
def heap_push(item: int, s: Sweep) -> None:
    """Put a contracted item into the heap."""
    at = s.count[HEAP]
    s.count[HEAP] = at + 1
    while at > 0 and s.degree[s.heap[(at - 1) >> 1]] < s.degree[item]:
        s.heap[at] = s.heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    s.heap[at] = item


@njit(cache=True)
def heap_pop(s: Sweep) -> int:
    """Take the contracted item of highest degree out of the heap."""
    top = s.heap[0]
    size = s.count[HEAP] - 1
    s.count[HEAP] = size
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
    return top


@njit(cache=True)
def join_sink(item: int, rows: Rows, drain: NDArray[np.int64]) -> None:
    """Move an item into the sink: its arcs become drains of its neighbours."""
    first, head, mate, residual = rows.first, rows.head, rows.mate, rows.residual
    for arc in range(first[item], rows.end[item]):
        x = head[arc]
        drain[x] += residual[arc]
        if mate[arc] == first[x]:
            first[x] += 1
        else:
            drop_arc(mate[arc], x, rows)


@njit(cache=True)
def add_tree_edge(a: int, b: int, s: Sweep) -> None:
    """Note a tree edge between two nodes."""
    k = 2 * s.count[EDGES]
    s.ends[k], s.ends[k + 1] = a, b
    s.count[EDGES] += 1


@njit(cache=True)
def new_item(degree: int, problem: int, place: int, s: Sweep) -> int:
    """Make a contracted item."""
    item = s.count[ITEMS]
    s.count[ITEMS] = item + 1
    s.degree[item], s.problem[item], s.place[item] = degree, problem, place
    return item


@njit(cache=True)
def front_arc(item: int, to: int, mate: int, capacity: int, rows: Rows) -> int:
    """Put an arc into the slot that a removal left free at the front of a row."""
    arc = rows.first[item] - 1
    rows.first[item] = arc
    rows.head[arc], rows.mate[arc], rows.residual[arc] = to, mate, capacity
    return arc


@njit(cache=True)
def cut_row(
    x: int, outer: NDArray[np.int32], outers: int, rows: Rows, s: Sweep, work: Work
) -> tuple[int, int]:
    """Remove the arcs of x that leave its problem.

    What each outer item loses is added up in `work.excess`, and the item noted in `outer`.

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
    """Split the cut side off: v and the first items of the queue become a problem that waits.

    Inside, all else becomes one contracted item; outside, the side does. Returns the rows, which
    may have moved.
    """
    queue, drain = work.queue, s.drain
    queue[reached] = v
    size = reached + 1
    s.count[PROBLEM] += 1
    new = s.count[PROBLEM]
    old = s.problem[v]
    arcs = size + 1
    for at in range(size):
        s.problem[queue[at]] = new
        arcs += rows.end[queue[at]] - rows.first[queue[at]]
    rows = with_room(rows, s.count[USED_ARCS], arcs)
    inside = new_item(value, old, 2 * s.count[EDGES], s)
    outside = new_item(value, new, 2 * s.count[EDGES] + 1, s)
    s.count[EDGES] += 1

    used = s.count[USED_ARCS]
    rows.first[outside] = used
    drain[inside] = drain[outside] = 0
    outers = 0
    for at in range(size):
        x = queue[at]
        capacity, outers = cut_row(x, work.source, outers, rows, s, work)
        drain[inside] += drain[x]
        capacity += drain[x]
        drain[x] = 0
        if capacity > 0:
            back = front_arc(x, outside, used, capacity, rows)
            rows.head[used], rows.mate[used], rows.residual[used] = x, back, capacity
            used += 1
    rows.end[outside] = used
    # A spare slot: the new item may have a drain though no arc of it was ever removed.
    used += 1
    rows.first[inside] = used
    for at in range(outers):
        x = work.source[at]
        back = front_arc(x, inside, used, work.excess[x], rows)
        rows.head[used], rows.mate[used], rows.residual[used] = x, back, work.excess[x]
        work.excess[x] = 0
        used += 1
    rows.end[inside] = used
    s.count[USED_ARCS] = used

    heap_push(inside, s)
    s.attached[s.count[ATTACHED]] = inside
    s.count[ATTACHED] += 1
    queue[size] = outside
    enqueue(queue[: size + 1], s)
    return rows


@njit(cache=True)
def enqueue(items: NDArray[np.int32], s: Sweep) -> None:
    """Let a problem wait: its nodes by falling degree, then its contracted items."""
    start = s.count[WAITING]
    end = start + len(items)
    s.waiting[start:end] = items
    if len(items) > 2:
        s.waiting[start:end].sort()
    s.waiting_start[s.count[PROBLEMS]] = start
    s.count[PROBLEMS] += 1
    s.count[WAITING] = end


@njit(cache=True)
def dequeue(nodes: int, order: NDArray[np.int32], s: Sweep) -> int:
    """Take the problem that came last; give its number of nodes, which are now in `order`."""
    s.count[PROBLEMS] -= 1
    start = s.waiting_start[s.count[PROBLEMS]]
    size = 0
    s.count[HEAP] = s.count[ATTACHED] = 0
    for at in range(start, s.count[WAITING]):
        item = s.waiting[at]
        if item < nodes:
            order[size] = item
            size += 1
        else:
            s.attached[s.count[ATTACHED]] = item
            s.count[ATTACHED] += 1
    s.count[WAITING] = start
    if size > 1:
        for at in range(s.count[ATTACHED]):
            heap_push(s.attached[at], s)
    return size


@njit(cache=True)
def solve_problem(order: NDArray[np.int32], rows: Rows, s: Sweep, work: Work) -> Rows:
    """Grow the sink from the first node over all the others; cuts that it finds wait."""
    root = order[0]
    problem = s.problem[root]
    degree, drain = s.degree, s.drain
    if len(order) > 1:
        join_sink(root, rows, drain)
    for at in range(1, len(order)):
        v = order[at]
        if s.problem[v] != problem:
            continue
        while s.count[HEAP] > 0 and degree[s.heap[0]] >= degree[v]:
            item = heap_pop(s)
            if s.problem[item] == problem:
                join_sink(item, rows, drain)
        if not is_certified(v, rows, drain):
            left, reached = flow_to_sink(v, rows, drain, work)
            if left > 0:
                rows = set_aside(v, reached, degree[v] - left, rows, s, work)
                continue
        add_tree_edge(v, root, s)
        join_sink(v, rows, drain)
    for at in range(s.count[ATTACHED]):
        item = s.attached[at]
        if s.problem[item] == problem:
            s.ends[s.place[item]] = root
    return rows


@njit(cache=True)
def grow_tree(degree: NDArray[np.int64], rows: Rows, used_arcs: int) -> NDArray[np.int32]:
    """Find the edges of a cut tree of the graph in the rows.

    Parameters
    ----------
    degree : array of int, shape (nodes,)
        Weighted degrees, falling.
    rows : Rows
        Changed.
    used_arcs : int
        The first arc that no row uses.

    Returns
    -------
    array of int32, shape (2 (nodes - 1),)
        Edge k joins the nodes at 2 k and 2 k + 1.
    """
    n = len(degree)
    items = len(rows.first)
    s = Sweep(
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
    work = Work(
        np.full(items, -1, np.int64),
        np.empty(items, np.int64),
        np.zeros(items, np.int64),
        np.empty(items + 2, np.int32),
        np.empty(items, np.int64),
        np.empty(items, np.int32),
        np.empty(items, np.int32),
        np.full(items, -1, np.int64),
        np.zeros(3, np.int64),
    )
    s.degree[:n] = degree
    s.count[ITEMS] = n
    s.count[USED_ARCS] = used_arcs
    enqueue(np.arange(n).astype(np.int32), s)
    order = np.empty(n, np.int32)
    while s.count[PROBLEMS] > 0:
        size = dequeue(n, order, s)
        rows = solve_problem(order[:size], rows, s, work)
    return s.ends[: 2 * (n - 1)]
