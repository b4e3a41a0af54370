"""The contrastive matrix: which description a language model finds likely for which evidence."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from explorer.network.graph import Floats
from explorer.views.palette import LOSS, NEUTRAL


def contrastive_chart(matrix: Floats, parts: Sequence[str]) -> go.Figure:
    """Draw which description a language model finds likely for which evidence.

    Parameters
    ----------
    matrix : array, shape (evidence, description)
        PMI in nats: log p(description given evidence) minus log p(description).
    parts : sequence of str

    Returns
    -------
    go.Figure
        A heat map, each row counted from its largest value, which is marked with a dot; a square
        frames the right description.
    """
    rows = matrix - matrix.max(1, keepdims=True)
    best = matrix.argmax(1)
    names = [f"{part} " for part in parts]  # with a space, or plotly takes some for dates
    chart = go.Figure(
        go.Heatmap(
            z=rows,
            x=names,
            y=names,
            colorscale="Cividis",
            colorbar={"title": "nats", "thickness": 12},
            hovertemplate="evidence of %{y}, text of %{x}: %{z:.1f} nats<extra></extra>",
        )
    )
    for at in range(len(names)):
        box = {"x0": at - 0.5, "x1": at + 0.5, "y0": at - 0.5, "y1": at + 0.5}
        chart.add_shape(type="rect", **box, line={"color": LOSS, "width": 2})
    chart.add_trace(
        go.Scatter(
            x=[names[at] for at in best],
            y=names,
            mode="markers",
            marker={"color": LOSS, "size": 9, "line": {"color": "white", "width": 1}},
            hoverinfo="skip",
        )
    )
    chart.update_xaxes(title="description of", tickfont_color=NEUTRAL)
    chart.update_yaxes(title="evidence of", autorange="reversed", tickfont_color=NEUTRAL)
    chart.update_layout(
        height=120 + 34 * max(4, len(names)),
        margin={"l": 6, "r": 6, "t": 6, "b": 6},
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return chart


def describe_matrix(matrix: Floats) -> str:
    """Say in how many rows and columns the right description wins.

    Examples
    --------
    >>> describe_matrix(np.array([[0.0, -1.0], [-3.0, -2.0]]))
    'The right text wins in 2 of 2 rows and 1 of 2 columns; guessing gives 1.'
    """
    count = len(matrix)
    diagonal = np.arange(count)
    rows = int((matrix.argmax(1) == diagonal).sum())
    columns = int((matrix.argmax(0) == diagonal).sum())
    return (
        f"The right text wins in {rows} of {count} rows and {columns} of {count} columns; guessing "
        f"gives 1."
    )
