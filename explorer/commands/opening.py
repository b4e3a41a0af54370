"""What commands share that take networks with their modules."""

from typing import TYPE_CHECKING

from explorer.commands.working import percent

if TYPE_CHECKING:
    from explorer.modularity.partition import Partition
    from explorer.network.graph import NetworkGraph


def open_graph(
    name: str,
    weighting: str | None = None,
    keep: int | float | None = None,
    task: str | None = None,
) -> "NetworkGraph":
    """Open a network and make its graph; the weighting is the usual one if none is given."""
    from explorer import load, network_graph
    from explorer.network.weightings import usual_weighting

    opened = load(name, task)
    chosen = weighting or usual_weighting(opened.network, opened.task is not None)
    return network_graph(opened, str(chosen), keep)


def open_partition(
    name: str,
    weighting: str | None = None,
    k: int | None = None,
    keep: int | float | None = None,
    task: str | None = None,
) -> "Partition":
    """Open a network and find its modules; see ``open_graph``."""
    from explorer import find_modules

    graph = open_graph(name, weighting, keep, task)
    with percent("modules", graph.is_large) as progress:
        return find_modules(graph, k, progress=progress)
