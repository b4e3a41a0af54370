"""The sweep that grows a cut tree; its proof is in :mod:`explorer.modularity.cut_tree.engine`."""

import numpy as np
from numba import njit

from explorer.modularity.cut_tree.contraction_kernels import (
    ATTACHED,
    EDGES,
    HEAP,
    ITEMS,
    PROBLEM,
    PROBLEMS,
    USED_ARCS,
    Sweep,
    dequeue,
    empty_sweep,
    enqueue,
    heap_pop,
    set_aside,
)
from explorer.modularity.cut_tree.flow_kernels import CLOSED, MEMBER, Work, empty_work
from explorer.modularity.cut_tree.row_kernels import Indices, Ints, Rows
from explorer.modularity.cut_tree.sink_flow_kernels import flow_to_sink, is_certified


@njit(cache=True)
def join_sink(item: int, rows: Rows, s: Sweep, work: Work) -> None:
    """Move an item into the sink: its arcs become drains of its neighbours."""
    head, residual, drain = rows.head, rows.residual, s.drain
    for arc in range(rows.first[item], rows.end[item]):
        drain[head[arc]] += residual[arc]
    drain[item] = CLOSED
    work.level[item] = MEMBER


@njit(cache=True)
def add_tree_edge(a: int, b: int, s: Sweep) -> None:
    """Note a tree edge between two nodes."""
    k = 2 * s.tally[EDGES]
    s.ends[k], s.ends[k + 1] = a, b
    s.tally[EDGES] += 1


@njit(cache=True)
def solve_problem(order: Indices, rows: Rows, s: Sweep, work: Work) -> Rows:
    """Grow the sink from the first node over all the others; cuts that it finds wait."""
    root = order[0]
    problem = s.problem[root]
    degree, drain = s.degree, s.drain
    if len(order) > 1:
        join_sink(root, rows, s, work)
    for at in range(1, len(order)):
        v = order[at]
        if s.problem[v] != problem:
            continue
        while s.tally[HEAP] > 0 and degree[s.heap[0]] >= degree[v]:
            item = heap_pop(s)
            if s.problem[item] == problem:
                join_sink(item, rows, s, work)
        if not is_certified(v, rows, drain):
            left, reached = flow_to_sink(v, rows, drain, work)
            if left > 0:
                rows = set_aside(v, reached, degree[v] - left, rows, s, work)
                continue
        add_tree_edge(v, root, s)
        join_sink(v, rows, s, work)
    for at in range(s.tally[ATTACHED]):
        item = s.attached[at]
        if s.problem[item] == problem:
            s.ends[s.place[item]] = root
    return rows


@njit(cache=True)
def grow_tree(node: Ints, degree: Ints, rows: Rows, arcs: int) -> tuple[Indices, int]:
    """Find the edges of a cut tree of a graph.

    Parameters
    ----------
    node : array of int, shape (nodes,)
        The nodes to join, by falling degree; those that are missing were taken away as leaves.
    degree : array of int, shape (n,)
        Weighted degrees, by node, without the leaves that were taken away.
    rows : Rows
        The graph. Residuals are the same again in the end unless there are cuts.
    arcs : int
        The first arc that no row uses.

    Returns
    -------
    ends : array of int32, shape (2 (nodes - 1),)
        Edge k joins the nodes at 2 k and 2 k + 1.
    cuts : int
        How many cuts were found that isolate more than one node; for each the rows were edited.
    """
    n, items = len(degree), len(rows.first)
    s = empty_sweep(node, n, items)
    work = empty_work(items)
    for x in range(n):
        s.degree[x] = degree[x]
        if degree[x] < 0:
            work.level[x], s.drain[x] = MEMBER, CLOSED
    s.tally[ITEMS] = n
    s.tally[USED_ARCS] = arcs
    enqueue(node.astype(np.int32), s)
    order = np.empty(len(node), np.int32)
    while s.tally[PROBLEMS] > 0:
        size = dequeue(order, s)
        rows = solve_problem(order[:size], rows, s, work)
    return s.ends[: 2 * (len(node) - 1)], s.tally[PROBLEM]
