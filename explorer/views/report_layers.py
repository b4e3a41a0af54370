"""Where modules lie in a deep network, as tables of words for a report."""

from collections.abc import Iterator

import pandas as pd

from explorer.modularity.partition import Partition
from explorer.views.layer_map import DEEP, describe_depth, layer_maps

MAX_BLOCKS = 12  # of weights that are drawn, one picture each


def layer_tables(partition: Partition) -> Iterator[tuple[str, pd.DataFrame]]:
    """Return the share of every layer that each module holds: a title and a table for each kind.

    Nothing of a network with few layers, whose weights are drawn.
    """
    if len(partition.graph.layers) < DEEP:
        return
    for found in layer_maps(partition):
        rows = [
            {"layer": layer}
            | {
                name: f"{share:.0%}"
                for name, share in zip(found.modules, shares.tolist(), strict=True)
            }
            for layer, shares in zip(found.layers, found.shares, strict=True)
        ]
        yield f"Where modules lie: {found.kind}. {describe_depth(found)}", pd.DataFrame(rows)
