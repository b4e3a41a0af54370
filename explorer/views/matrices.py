"""A network's weight matrices with neurons sorted by module: modules show as blocks."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.modularity.partition import Partition
from explorer.views.palette import NEUTRAL


def sorted_matrices(partition: Partition) -> go.Figure:
    """Draw the edge masses of every layer, rows and columns sorted by module.

    Lines part the modules. Weight inside modules lies in the blocks along the diagonal; what lies
    off it belongs to interfaces. Colour is the square root of the mass, so that small weights show.

    Parameters
    ----------
    partition : Partition

    Returns
    -------
    go.Figure
    """
    graph = partition.graph
    titles = [
        f"{graph.layers[block.source].name} → {graph.layers[block.target].name}"
        for block in graph.blocks
    ]
    chart = make_subplots(rows=1, cols=len(titles), subplot_titles=titles)
    for column, block in enumerate(graph.blocks, start=1):
        rows, row_ends = _order(partition, block.target)
        columns, column_ends = _order(partition, block.source)
        masses = block.part(rows, columns)
        values = np.sqrt(masses)
        chart.add_trace(
            go.Heatmap(
                z=values,
                zmin=0,
                zmax=float(values.max()) or 1.0,
                colorscale="Cividis",
                showscale=False,
                hovertemplate="%{text}<extra></extra>",
                text=[
                    [
                        f"{graph.names[graph.offsets[block.source] + j]} to "
                        f"{graph.names[graph.offsets[block.target] + i]}: {mass:.2%}"
                        for j, mass in zip(columns, row, strict=True)
                    ]
                    for i, row in zip(rows, masses.tolist(), strict=True)
                ],
            ),
            row=1,
            col=column,
        )
        for end in row_ends:
            chart.add_hline(y=end - 0.5, line_color=NEUTRAL, line_width=1, row=1, col=column)
        for end in column_ends:
            chart.add_vline(x=end - 0.5, line_color=NEUTRAL, line_width=1, row=1, col=column)
    chart.update_xaxes(visible=False)
    chart.update_yaxes(visible=False, autorange="reversed")
    chart.update_layout(height=320, margin={"l": 6, "r": 6, "t": 30, "b": 6})
    return chart


def _order(partition: Partition, layer: int) -> tuple[list[int], list[int]]:
    """Neurons of a layer sorted by module, unattached ones last, and where modules end."""
    offsets = partition.graph.offsets
    labels = partition.labels[offsets[layer] : offsets[layer + 1]]
    keys = np.where(labels < 0, partition.count, labels)
    order = np.argsort(keys, kind="stable")
    ends = np.flatnonzero(np.diff(keys[order])) + 1
    return order.tolist(), ends.tolist()
