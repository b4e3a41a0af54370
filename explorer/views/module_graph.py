"""The graph of modules: a circle each, as large as its volume; a line for every interface."""

import math

from explorer.modularity.partition import Interface, Module, Partition
from explorer.views.graph_spec import GraphEdge, GraphNode, GraphSpec
from explorer.views.palette import NEUTRAL, module_color
from explorer.views.text import small_share

_RADIUS = 170.0
NEARLY_NOTHING = 0.005  # of the weight: the line is dashed


def module_graph(partition: Partition, height: int = 420) -> GraphSpec:
    """Draw modules on a circle, and a line between two of them where anything passes.

    Ids are the modules' and interfaces' names, so that a click tells which was meant.

    Parameters
    ----------
    partition : Partition
    height : int
        Pixels.

    Returns
    -------
    GraphSpec
    """
    modules = partition.modules
    nodes = tuple(
        GraphNode(
            id=module.name,
            label=f"Module {module.name}\n{len(module.nodes):,} neurons",
            title=module_title(module),
            color=module_color(module.index),
            size=12.0 + 40.0 * math.sqrt(module.volume),
            x=_place(module.index, len(modules))[0],
            y=_place(module.index, len(modules))[1],
        )
        for module in modules
    )
    heaviest = max((interface.mass for interface in partition.interfaces), default=1.0)
    edges = tuple(
        GraphEdge(
            id=interface.name,
            source=modules[interface.first].name,
            target=modules[interface.second].name,
            width=2.0 + 16.0 * interface.mass / max(heaviest, 0.1),
            color=NEUTRAL,
            title=interface_title(interface),
            dashed=interface.mass < NEARLY_NOTHING,
        )
        for interface in partition.interfaces
    )
    return GraphSpec(nodes, edges, height=height, description="Modules and their interfaces")


def module_title(module: Module) -> str:
    """Hover text of a module."""
    return (
        f"Module {module.name}\n{len(module.nodes):,} neurons, {module.volume:.0%} of the "
        f"network's weight\n{module.inside:.0%} of the weight at its neurons stays inside"
    )


def interface_title(interface: Interface) -> str:
    """Hover text of an interface."""
    return (
        f"Interface {interface.name}\n{interface.edge_count:,} weights, "
        f"{small_share(interface.mass)} of the network's weight"
    )


def _place(index: int, count: int) -> tuple[float, float]:
    if count == 1:
        return 0.0, 0.0
    # Two modules stand side by side; more start at the top.
    angle = 2 * math.pi * index / count + (math.pi if count == 2 else -math.pi / 2)
    radius = _RADIUS * max(1.0, count / 6)
    return round(radius * math.cos(angle), 3), round(radius * math.sin(angle), 3)
