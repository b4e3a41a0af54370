"""The cut trees of an export: over neurons, and over modules."""

from functools import partial

from explorer.exporting.files import ExportFile, text_file
from explorer.exporting.graphs import FORMATS
from explorer.modularity.cut_tree import CutTree
from explorer.modularity.cut_tree.export import TREE_FORMATS, tree_text

_TITLES = FORMATS | {".newick": "Newick (tree viewers)"}


def tree_files(tree: CutTree, of_modules: CutTree | None) -> tuple[ExportFile, ...]:
    """Return both trees in every format; the second only where there are two modules or more."""
    both = (
        ("tree/neurons", "the cut tree over neurons: every minimum cut of the graph", tree),
        ("tree/modules", "the cut tree over modules", of_modules),
    )
    return tuple(
        text_file(
            f"{name}{ending}", f"{about}, as {_TITLES[ending]}", partial(tree_text, one, ending)
        )
        for name, about, one in both
        if one is not None
        for ending in TREE_FORMATS
    )
