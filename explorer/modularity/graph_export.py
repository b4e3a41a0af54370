"""Write graphs in formats that other programs open."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import FileFormatError
from explorer.modularity.partition import Partition, module_name

if TYPE_CHECKING:
    import networkx as nx

ATTRIBUTION = ".attribution.json"
KEPT_MASS = 0.98
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_text(path: str | os.PathLike[str], formats: dict[str, Callable[[], str]]) -> Path:
    """Write a file in the format that the ending of its name asks for.

    Parameters
    ----------
    path : path
    formats : dict of str to callable
        What to write, by ending; of two endings that fit, the longer one counts.

    Returns
    -------
    Path

    Raises
    ------
    FileFormatError
        If the ending is none of these, or the file cannot be written.
    """
    target = Path(path)
    fitting = [ending for ending in formats if target.name.endswith(ending)]
    if not fitting:
        raise FileFormatError(
            f"found the ending {target.suffix!r:.40}; expected one of {', '.join(formats)}"
        )
    try:
        target.write_text(formats[max(fitting, key=len)](), encoding="utf-8")
    except (OSError, ValueError) as problem:  # a null byte in the path is a ValueError
        reason = getattr(problem, "strerror", None) or problem
        raise FileFormatError(f"{str(target)!r} cannot be written ({reason})") from problem
    return target


def graph_formats(graph: "nx.Graph") -> dict[str, Callable[[], str]]:
    """Ways to write a networkx graph, by the ending of the file."""
    import networkx as nx

    return {
        ".graphml": lambda: "\n".join(nx.generate_graphml(_for_xml(graph))) + "\n",
        ".gexf": lambda: "\n".join(nx.generate_gexf(_for_xml(graph))) + "\n",
        ".dot": lambda: dot(graph),
        ".json": lambda: json.dumps(nx.node_link_data(graph, edges="edges"), indent=1) + "\n",
        ".cyjs": lambda: json.dumps(nx.cytoscape_data(graph), indent=1) + "\n",
    }


def _for_xml(graph: "nx.Graph") -> "nx.Graph":
    """Copy a graph without the characters that XML has no way to write, which a name may hold."""
    clean = graph.copy()
    for data in (*clean.nodes.values(), *clean.edges.values()):
        for key, value in data.items():
            if isinstance(value, str):
                data[key] = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value)
    return clean


def network_formats(partition: Partition) -> dict[str, Callable[[], str]]:
    """Ways to write a network with its modules, by the ending of the file.

    Nodes carry the name of their module as ``module``; see ``attribution_graph`` for the format of
    the ending ``.attribution.json``.
    """
    graph = partition.graph.to_networkx()
    for node, label in enumerate(partition.labels.tolist()):
        graph.nodes[node]["module"] = module_name(label) if label >= 0 else ""
    return graph_formats(graph) | {ATTRIBUTION: lambda: attribution_graph(partition)}


def dot(graph: "nx.Graph") -> str:
    """Return a graph in the DOT language: nodes labelled by ``name``, edges by ``weight``.

    References
    ----------
    Graphviz, The DOT language: strings in double quotes, a quote inside them escaped.

    Examples
    --------
    >>> import networkx as nx
    >>> print(dot(nx.Graph([("a", "b", {"weight": 2.0})])), end="")
    graph {
      "a" [label="a"];
      "b" [label="b"];
      "a" -- "b" [weight=2];
    }
    """
    lines = [
        f"  {_quoted(node)} [label={_quoted(data.get('name', node))}];"
        for node, data in graph.nodes(data=True)
    ]
    for a, b, data in graph.edges(data=True):
        weight = np.format_float_positional(data.get("weight", 1.0), trim="-")
        lines.append(f"  {_quoted(a)} -- {_quoted(b)} [weight={weight}];")
    return "graph {\n" + "\n".join(lines) + "\n}\n"


def attribution_graph(partition: Partition) -> str:
    """Return a network as the JSON of an attribution graph, its modules as supernodes.

    Viewers of attribution graphs lay nodes out by layer and by position in a prompt. A network of
    this kind has no prompt: its modules stand in the place of the tokens, so that each has a column
    of its own. The weight of a link is the mass of the edge with the sign of the weight. Of the
    edges, the heaviest are kept that hold 98 % of the mass.

    References
    ----------
    The fields are those that circuit-tracer's ``frontend/graph_models.py`` reads and writes
    (github.com/safety-research/circuit-tracer).

    Parameters
    ----------
    partition : Partition

    Returns
    -------
    str
    """
    graph, labels = partition.graph, partition.labels
    ids = [_attribution_id(partition, node) for node in range(graph.node_count)]
    nodes = [_attribution_node(partition, node, ids[node]) for node in range(graph.node_count)]
    u, v, mass, block_of = graph.edges
    order = np.argsort(-mass, kind="stable")
    held = np.cumsum(mass[order]) <= KEPT_MASS * mass.sum()
    links = []
    edge_weights = graph.checkpoint.network.edge_weights if graph.checkpoint else ()
    for edge in order[held].tolist():
        sign = 1.0
        if edge_weights:
            block = graph.blocks[block_of[edge]]
            row = int(v[edge] - graph.offsets[block.target])
            column = int(u[edge] - graph.offsets[block.source])
            weights = edge_weights[block_of[edge]]
            sign = float(np.sign(float(weights[row, column])))
        links.append(
            {"source": ids[u[edge]], "target": ids[v[edge]], "weight": sign * float(mass[edge])}
        )
    names = [f"module {module.name}" for module in partition.modules]
    data = {
        "metadata": {
            "slug": partition.id,
            "scan": graph.checkpoint.name if graph.checkpoint else "graph",
            "transcoder_list": [],
            "prompt_tokens": [*names, *(["no module"] if (labels < 0).any() else [])],
            "prompt": " ".join(names),
            "node_threshold": None,
            "edge_threshold": KEPT_MASS,
            "schema_version": 1,
        },
        "qParams": {
            "pinnedIds": [],
            "supernodes": [
                [f"module {module.name}", *(ids[node] for node in module.nodes)]
                for module in partition.modules
            ],
            "linkType": "both",
            "clickedId": "",
            "sg_pos": "",
        },
        "nodes": nodes,
        "links": links,
    }
    return json.dumps(data, indent=1) + "\n"


def _attribution_id(partition: Partition, node: int) -> str:
    graph = partition.graph
    layer = int(graph.layer_of[node])
    index = node - int(graph.offsets[layer])
    where = "E" if graph.layers[layer].role == "input" else str(layer)
    return f"{where}_{index}_{_position(partition, node)}"


def _attribution_node(partition: Partition, node: int, node_id: str) -> dict[str, object]:
    graph = partition.graph
    layer = int(graph.layer_of[node])
    role = graph.layers[layer].role
    kinds = {"input": "embedding", "output": "logit"}
    label = int(partition.labels[node])
    return {
        "node_id": node_id,
        "feature": node - int(graph.offsets[layer]),
        "layer": "E" if role == "input" else str(layer),
        "ctx_idx": _position(partition, node),
        "feature_type": kinds.get(role, "cross layer transcoder"),
        "token_prob": 0.0,
        "is_target_logit": False,
        "run_idx": 0,
        "reverse_ctx_idx": 0,
        "jsNodeId": node_id,
        "clerp": graph.names[node] + (f", module {module_name(label)}" if label >= 0 else ""),
        "influence": float(graph.degrees[node]),
        "activation": None,
    }


def _position(partition: Partition, node: int) -> int:
    label = int(partition.labels[node])
    return label if label >= 0 else partition.count


def _quoted(value: object) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
