"""Other ways to a cut tree: those of igraph and networkx, and Gusfield's over other libraries.

Gusfield's algorithm takes n - 1 maximum flows over the whole graph, and so the time of a run that
was stopped can be estimated from its first flows.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.benchmarks.cut_tree_graphs import Graph
from explorer.modularity.cut_tree.engine import fixed_point
from explorer.network.graph import Bools, Floats, Ints

Flow = Callable[[int, int], tuple[float, Bools]]

NETWORKX_NODES = 250  # it is for small graphs only
PYMAXFLOW_EDGES = 2_000_000  # beyond, a single flow may take minutes, and none can be stopped
_PATIENCE = 3  # times the budget, for a run that is going to end by then
_FEWEST_FLOWS = 10  # to estimate from, if they take no longer than that either
_SEED = 0


@dataclass(frozen=True, eq=False)
class RivalRun:
    """What a library did.

    Attributes
    ----------
    seconds : float
        For the whole tree; estimated if it was stopped.
    flows : int
        How many it did, of n - 1.
    values : array of float or None
        The tree's values, in rising order; None if it was stopped.
    weight : array of float
        Weights of the edges, as the library took them: some take integers only.
    """

    seconds: float
    flows: int
    values: Floats | None
    weight: Floats


Rival = Callable[[Graph, float], RivalRun]


class OutOfTime(Exception):  # noqa: N818  (a signal: no error)
    """The budget is spent."""


@dataclass
class Clock:
    """Counts the flows of a run, and stops it when its budget is spent.

    Parameters
    ----------
    flows : int
        How many the whole run takes.
    budget : float
        Seconds. A run that seems to end within three times as many may do so, and one that has
        done but a few flows goes on until then.
    """

    flows: int
    budget: float
    done: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Time since the beginning."""
        return time.perf_counter() - self.began

    def count(self, done: int) -> None:
        """Note how many flows are done; raises OutOfTime if it is enough."""
        self.done = done
        spent = self.seconds
        if done == 0 or done >= self.flows or spent <= self.budget:
            return
        hopeless = self.estimate() > _PATIENCE * self.budget and done >= _FEWEST_FLOWS
        if hopeless or spent > _PATIENCE * self.budget:
            raise OutOfTime

    def estimate(self) -> float:
        """Time of all flows, if they take as long as those so far."""
        return self.seconds / max(self.done, 1) * self.flows


def _timed(graph: Graph, budget: float, run: Callable[[Clock], Any], weight: Floats) -> RivalRun:
    clock = Clock(graph.n - 1, budget)
    try:
        values = run(clock)
    except OutOfTime:
        return RivalRun(clock.estimate(), clock.done, None, weight)
    return RivalRun(clock.seconds, graph.n - 1, np.sort(np.asarray(values, np.float64)), weight)


def gusfield(n: int, flow: Flow, clock: Clock) -> Floats:
    """Values of a cut tree by Gusfield's algorithm.

    Nodes are visited in random order, the first of all being node 0, so that the first flows of a
    network are not all from its first layer.

    Parameters
    ----------
    n : int
    flow : callable
        From source and sink to the value of a maximum flow, and the side of the source in a
        minimum cut, shape (n,).
    clock : Clock

    Returns
    -------
    array of float, shape (n - 1,)

    References
    ----------
    .. [1] D. Gusfield, "Very simple methods for all pairs network flow analysis", SIAM J. Comput.
       19 (1990) 143-155.
    """
    parent, value = np.zeros(n, np.int64), np.zeros(n)
    visits = 1 + np.random.default_rng(_SEED).permutation(n - 1)
    for done, s in enumerate(visits.tolist(), start=1):
        t = int(parent[s])
        value[s], side = flow(s, t)
        move = side & (parent == t)
        move[s] = False
        parent[move] = s
        if side[parent[t]]:
            parent[s], parent[t] = parent[t], s
            value[s], value[t] = value[t], value[s]
        clock.count(done)
    return value[1:]


def run_igraph(graph: Graph, budget: float) -> RivalRun:
    """The construction of igraph, which reports after each of its flows."""
    import igraph

    network = igraph.Graph(n=graph.n, edges=np.c_[graph.u, graph.v])
    capacity = graph.weight.tolist()

    def run(clock: Clock) -> Any:
        def heed(_: str, percent: float) -> None:
            clock.count(round(percent / 100 * graph.n))

        igraph.set_progress_handler(heed)
        try:
            return network.gomory_hu_tree(capacity=capacity).es["flow"]
        finally:
            igraph.set_progress_handler(None)

    return _timed(graph, budget, run, graph.weight)


def run_networkx(graph: Graph, budget: float) -> RivalRun:
    """The construction of networkx, on integers: it takes an arc as full if flow == capacity."""
    import networkx as nx
    from networkx.algorithms.flow import edmonds_karp

    network: nx.Graph = nx.Graph()
    network.add_nodes_from(range(graph.n))
    whole = fixed_point(graph.weight)
    for u, v, weight in zip(graph.u.tolist(), graph.v.tolist(), whole.tolist(), strict=True):
        sofar = network[u][v]["capacity"] if network.has_edge(u, v) else 0
        network.add_edge(u, v, capacity=sofar + weight)

    def run(clock: Clock) -> Any:
        def flow(*arguments: Any, **options: Any) -> Any:
            clock.count(clock.done)
            residual = edmonds_karp(*arguments, **options)
            clock.done += 1
            return residual

        tree = nx.gomory_hu_tree(network, capacity="capacity", flow_func=flow)
        return [weight for _, _, weight in tree.edges(data="weight")]

    return _timed(graph, budget, run, _floats(whole))


def run_ortools(graph: Graph, budget: float) -> RivalRun:
    """Gusfield's algorithm over the push-relabel flows of ortools."""
    from ortools.graph.python import max_flow

    n, u, v, weight = graph
    capacity = fixed_point(weight) >> 2  # so that its sums stay inside int64
    network = max_flow.SimpleMaxFlow()
    network.add_arcs_with_capacity(np.r_[u, v], np.r_[v, u], np.r_[capacity, capacity])

    def flow(s: int, t: int) -> tuple[float, Bools]:
        if network.solve(s, t) != network.OPTIMAL:
            raise RuntimeError("ortools found no maximum flow")
        side = np.zeros(n, bool)
        side[network.get_source_side_min_cut()] = True
        return float(network.optimal_flow()), side

    return _timed(graph, budget, lambda clock: gusfield(n, flow, clock), _floats(capacity))


def run_pymaxflow(graph: Graph, budget: float) -> RivalRun:
    """Gusfield's algorithm over the flows of Boykov and Kolmogorov in PyMaxflow."""
    import maxflow

    n, u, v, weight = graph
    nodes = np.arange(n)
    alone = np.setdiff1d(nodes, np.r_[u, v])  # version 1.3.2 crashes on a copy of such a node
    whole = maxflow.Graph[float](n, len(u) + len(alone))
    whole.add_nodes(n)
    whole.add_edges(u, v, weight, weight)
    whole.add_edges(alone, (alone + 1) % n, np.zeros(len(alone)), np.zeros(len(alone)))
    much = float(weight.sum()) + 1

    def flow(s: int, t: int) -> tuple[float, Bools]:
        network = whole.copy()
        network.add_tedge(s, much, 0)
        network.add_tedge(t, 0, much)
        value = network.maxflow()
        return value, ~network.get_grid_segments(nodes)

    return _timed(graph, budget, lambda clock: gusfield(n, flow, clock), weight)


def run_scipy(graph: Graph, budget: float) -> RivalRun:
    """Gusfield's algorithm over scipy's Dinic flows, which take 32-bit integers only."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    n, u, v, weight = graph
    small = np.rint(weight * (2**30 / weight.sum())).astype(np.int32)
    matrix = csr_array((np.r_[small, small], (np.r_[u, v], np.r_[v, u])), shape=(n, n))
    matrix.sum_duplicates()

    def flow(s: int, t: int) -> tuple[float, Bools]:
        result = maximum_flow(matrix, s, t)
        residual = matrix - result.flow
        residual.eliminate_zeros()
        side = np.zeros(n, bool)
        side[breadth_first_order(residual, s, return_predecessors=False)] = True
        return float(result.flow_value), side

    return _timed(graph, budget, lambda clock: gusfield(n, flow, clock), _floats(small))


def _floats(values: "Ints | NDArray[np.int32]") -> Floats:
    return values.astype(np.float64)


RIVALS: Mapping[str, Rival] = {
    "igraph": run_igraph,
    "networkx": run_networkx,
    "ortools": run_ortools,
    "PyMaxflow": run_pymaxflow,
    "scipy": run_scipy,
}
GUSFIELD = ("ortools", "PyMaxflow", "scipy")
_PACKAGES = {"PyMaxflow": "maxflow"}


def takes(library: str, graph: Graph) -> bool:
    """Tell whether a library is run on a graph, or left out since it would take far too long."""
    if library == "networkx":
        return graph.n <= NETWORKX_NODES
    return library != "PyMaxflow" or len(graph.u) <= PYMAXFLOW_EDGES


def installed_rivals() -> dict[str, Rival]:
    """Those of the rivals whose packages are there."""
    return {
        name: rival
        for name, rival in RIVALS.items()
        if find_spec(_PACKAGES.get(name, name)) is not None
    }
