"""Where modules lie in depth: the share of every layer that each module holds, as a table.

Nodes are compared within layers of one kind (the heads of every block, or its feed-forward
neurons), because a residual stream has no depth and heads and neurons are of different size.
"""

from dataclasses import dataclass
from html import escape

import numpy as np

from explorer.modularity.partition import Partition
from explorer.network.graph import Floats
from explorer.views.palette import module_color, translucent

DEEP = 6  # layers from which on a map says more than the picture of the modules


@dataclass(frozen=True, eq=False)
class LayerMap:
    """Shares of modules in layers of one kind.

    Attributes
    ----------
    kind : str
        What the nodes are: heads, feed-forward, channels, ...
    layers : tuple of str
        Names of the layers, by depth.
    modules : tuple of str
    indices : tuple of int
        Labels of the modules, for their colours.
    counts : array of int, shape (layers, modules)
        Nodes of the layer in the module.
    shares : array, shape (layers, modules)
        The same as a share of the nodes of the layer that belong to any module.
    partition_id : str
    """

    kind: str
    layers: tuple[str, ...]
    modules: tuple[str, ...]
    indices: tuple[int, ...]
    counts: Floats
    shares: Floats
    partition_id: str

    @property
    def depth(self) -> float:
        """Share of nodes that would have to change modules for all layers to look alike.

        0 where every layer is divided among the modules as all layers together are, so that depth
        plays no part; near 1 where each module is a layer of its own.
        """
        total = self.counts.sum()
        if not total:
            return 0.0
        overall = self.counts.sum(axis=0) / total
        away = np.abs(self.shares - overall).sum(axis=1) / 2
        return float((away * self.counts.sum(axis=1)).sum() / total)


def layer_maps(partition: Partition) -> tuple[LayerMap, ...]:
    """Count the nodes of every module in every layer, one map for each kind of layer.

    Parameters
    ----------
    partition : Partition

    Returns
    -------
    tuple of LayerMap
        Of hidden neurons and residual dimensions, the kinds in the order of the network; a kind of
        a single layer comes last.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> found = layer_maps(find_modules(network_graph(load("xor4-modular")), k=4))
    >>> [(one.kind, one.counts.sum(axis=1).tolist()) for one in found]
    [('hidden', [26.0, 25.0])]
    """
    graph, modules = partition.graph, partition.modules
    kinds: dict[str, list[int]] = {}
    for place, layer in enumerate(graph.layers):
        if layer.role in ("hidden", "residual"):
            kinds.setdefault(_kind(layer.name), []).append(place)
    attached = partition.labels >= 0
    cells = np.zeros((len(graph.layers), len(modules)))
    np.add.at(cells, (graph.layer_of[attached], partition.labels[attached]), 1)
    maps = []
    for kind, places in sorted(kinds.items(), key=lambda item: len(item[1]) == 1):
        counts = cells[places]
        maps.append(
            LayerMap(
                kind=kind,
                layers=tuple(graph.layers[place].name for place in places),
                modules=tuple(module.name for module in modules),
                indices=tuple(module.index for module in modules),
                counts=counts,
                shares=counts / np.maximum(counts.sum(axis=1, keepdims=True), 1),
                partition_id=partition.id,
            )
        )
    return tuple(maps)


def layer_map_table(found: LayerMap) -> str:
    """Draw a map: a row for every layer, a column for every module, darker for a larger share.

    Parameters
    ----------
    found : LayerMap

    Returns
    -------
    str
        HTML. Every cell also says its share in figures, and its count when pointed at.
    """
    heads = "".join(
        f'<th scope="col" style="{_CELL}"><span aria-hidden="true" style="display:inline-block;'
        f'width:.6em;height:.6em;border-radius:50%;background:{module_color(index)}"></span> '
        f"{escape(name)}</th>"
        for name, index in zip(found.modules, found.indices, strict=True)
    )
    rows = []
    for layer, shares, counts in zip(found.layers, found.shares, found.counts, strict=True):
        cells = "".join(
            f'<td title="{escape(layer)}: {count:,.0f} nodes in module {name}" style="{_CELL};'
            f'background:{translucent(module_color(index), round(0.75 * share, 3))}">'
            f"{_percent(share)}</td>"
            for share, count, name, index in zip(
                shares.tolist(), counts.tolist(), found.modules, found.indices, strict=True
            )
        )
        rows.append(f'<tr><th scope="row" style="{_CELL};{_LEFT}">{escape(layer)}</th>{cells}</tr>')
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;font-size:.8rem">'
        f'<thead><tr><th style="{_CELL}"></th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody>'
        "</table></div>"
    )


def describe_depth(found: LayerMap) -> str:
    """Say in a sentence how far the modules of a map lie at different depths."""
    share = found.depth
    part = "plays next to no part" if share < _LITTLE else "plays a part"
    if share >= _MUCH:
        part = "rules: modules are mostly groups of layers"
    return (
        f"Depth {part}: {share:.0%} of these nodes would have to change modules for every layer to "
        f"be divided alike."
    )


_LITTLE, _MUCH = 0.1, 0.5
_CELL = "padding:.15rem .5rem;text-align:right;border-bottom:1px solid rgba(128,128,128,.25)"
_LEFT = "text-align:left;font-weight:normal;white-space:nowrap"


def _percent(share: float) -> str:
    return "·" if not share else "<1%" if share < 0.005 else f"{share:.0%}"


def _kind(layer: str) -> str:
    """What the nodes of a layer are: its name without its number."""
    noun, _, number = layer.rpartition(" ")
    return noun if noun and number.isdecimal() else layer
