"""The graph of an export: neurons, modules, and for a large network its edges as a plain list."""

import gzip
from collections.abc import Callable
from typing import TYPE_CHECKING

from explorer.exporting.files import ExportFile, as_csv, text_file
from explorer.modularity.graph_export import ATTRIBUTION, graph_formats, network_formats
from explorer.modularity.partition import Partition

if TYPE_CHECKING:
    import networkx as nx

MAX_EDGES = 100_000  # of a graph that is written in the formats of other programs
FORMATS = {
    ".graphml": "GraphML (Gephi, Cytoscape, yEd, networkx)",
    ".gexf": "GEXF (Gephi)",
    ".dot": "DOT (Graphviz)",
    ".json": "node-link JSON (networkx, D3)",
    ".cyjs": "JSON of Cytoscape",
}


def graph_files(partition: Partition) -> tuple[ExportFile, ...]:
    """Return the graph over neurons and the graph over modules, in every format.

    Of a network with more than 100,000 edges, which makes hundreds of megabytes of XML, the neurons
    are written as a compressed list of edges alone.
    """
    graph = partition.graph
    files = []
    if len(graph.edges[0]) <= MAX_EDGES:
        made = network_formats(partition)
        about = "the graph over neurons, each with its layer and module"
        files += _in_formats("graph/neurons", about, made)
        files.append(
            text_file(
                f"graph/neurons{ATTRIBUTION}",
                "the same as an attribution graph of circuit-tracer and Neuronpedia, modules as "
                "supernodes, the edges that hold 98 % of the weight",
                made[ATTRIBUTION],
            )
        )
    files.append(
        ExportFile(
            "graph/edges.csv.gz",
            "all edges of the graph, one a line: source and target node as in partition.csv, mass",
            lambda: _edges(partition),
        )
    )
    files += _in_formats(
        "graph/modules",
        "the graph over modules: their size, and the weight between them",
        graph_formats(module_network(partition)),
    )
    return tuple(files)


def module_network(partition: Partition) -> "nx.Graph":
    """Return the graph whose nodes are modules and whose edges are interfaces."""
    import networkx as nx

    graph: nx.Graph = nx.Graph(partition=partition.id)
    for module in partition.modules:
        graph.add_node(
            module.name,
            name=f"module {module.name}",
            neurons=len(module.nodes),
            volume=module.volume,
            inside=module.inside,
        )
    for interface in partition.interfaces:
        graph.add_edge(
            partition.modules[interface.first].name,
            partition.modules[interface.second].name,
            name=interface.name,
            weight=interface.mass,
            weights=interface.edge_count,
        )
    return graph


def _in_formats(name: str, about: str, made: dict[str, Callable[[], str]]) -> list[ExportFile]:
    return [
        text_file(f"{name}{ending}", f"{about}, as {title}", made[ending])
        for ending, title in FORMATS.items()
        if ending in made
    ]


def _edges(partition: Partition) -> bytes:
    u, v, mass, _ = partition.graph.edges
    rows = zip(u.tolist(), v.tolist(), mass.tolist(), strict=True)
    text = as_csv(("source", "target", "mass"), rows)
    return gzip.compress(text.encode(), 6, mtime=0)
