"""Write a cut tree in formats that other programs open."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from explorer.modularity.cut_tree.tree import CutTree
from explorer.modularity.graph_export import graph_formats, write_text

TREE_FORMATS = (".graphml", ".gexf", ".dot", ".newick", ".json")


def export_tree(tree: CutTree, path: str | os.PathLike[str]) -> Path:
    """Write a cut tree; the ending of the path decides the format.

    Parameters
    ----------
    tree : CutTree
    path : path
        Ends in ``.graphml``, ``.gexf``, ``.dot``, ``.newick`` or ``.json`` (node-link JSON of
        networkx).

    Returns
    -------
    Path

    Raises
    ------
    FileFormatError
        If the ending is another, or the file cannot be written.
    """
    return write_text(path, _formats(tree))


def tree_text(tree: CutTree, suffix: str) -> str:
    """Return a cut tree as text in the format of this ending."""
    return _formats(tree)[suffix]()


def _formats(tree: CutTree) -> dict[str, Callable[[], str]]:
    made = graph_formats(tree.to_networkx()) | {".newick": lambda: newick(tree)}
    return {ending: made[ending] for ending in TREE_FORMATS}


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
