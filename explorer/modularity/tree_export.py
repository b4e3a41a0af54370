"""Write a cut tree in formats that other programs open."""

import json
import os
import re
from pathlib import Path

import numpy as np

from explorer.errors import FileFormatError
from explorer.modularity.cut_tree import CutTree

TREE_FORMATS = (".graphml", ".newick", ".json")


def export_tree(tree: CutTree, path: str | os.PathLike[str]) -> Path:
    """Write a cut tree; the ending of the path decides the format.

    Parameters
    ----------
    tree : CutTree
    path : path
        Ends in ``.graphml``, ``.newick`` or ``.json`` (node-link JSON of networkx).

    Returns
    -------
    Path

    Raises
    ------
    FileFormatError
        If the ending is another, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix not in TREE_FORMATS:
        raise FileFormatError(
            f"found the ending {target.suffix!r:.40}; expected one of {', '.join(TREE_FORMATS)}"
        )
    try:
        target.write_text(tree_text(tree, target.suffix), encoding="utf-8")
    except (OSError, ValueError) as problem:  # a null byte in the path is a ValueError
        reason = getattr(problem, "strerror", None) or problem
        raise FileFormatError(f"{str(target)!r} cannot be written ({reason})") from problem
    return target


def tree_text(tree: CutTree, suffix: str) -> str:
    """Return a cut tree as text in the format of this ending."""
    import networkx as nx

    if suffix == ".newick":
        return newick(tree)
    graph = tree.to_networkx()
    if suffix == ".graphml":
        return "\n".join(nx.generate_graphml(graph)) + "\n"
    return json.dumps(nx.node_link_data(graph, edges="edges"), indent=1) + "\n"


def newick(tree: CutTree) -> str:
    """Return a cut tree as Newick: every node by its name, the cut above it as branch length.

    A node that has children stands behind the bracket that holds them, as the format has it.

    References
    ----------
    Olsen (1990), Newick's 8:45 tree format standard.

    Examples
    --------
    >>> import networkx as nx
    >>> from explorer import gomory_hu_tree
    >>> newick(gomory_hu_tree(nx.star_graph(2)))
    '(1:1,2:1)0;'
    """
    texts: dict[int, str] = {}
    children: dict[int, list[int]] = {}
    for node in tree.order.tolist():
        children.setdefault(int(tree.parent[node]), []).append(node)
    for node in reversed(tree.order.tolist()):  # children before their parents
        below = [texts.pop(child) for child in children.get(node, [])]
        length = (
            ""
            if tree.parent[node] < 0
            else f":{np.format_float_positional(tree.capacity[node], trim='-')}"
        )
        texts[node] = (f"({','.join(below)})" if below else "") + _label(tree.names[node]) + length
    return "".join(texts.values()) + ";"


def _label(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9.+-]+", name):
        return name
    return "'" + name.replace("'", "''") + "'"
