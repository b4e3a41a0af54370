"""Plotly figures of evidence."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from explorer.network.graph import Floats
from explorer.views.palette import GREY_IMAGE, SIGNED
from explorer.views.png import grey_picture

FONT_SIZE = 13


def weight_maps(maps: Sequence[Floats], titles: Sequence[str]) -> go.Figure:
    """Small pictures of signed weights side by side, all on one scale; blue is negative."""
    from plotly.subplots import make_subplots

    columns = 4
    rows = -(-len(maps) // columns)
    chart = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=list(titles),
        horizontal_spacing=0.03,
        vertical_spacing=0.24 / rows,
    )
    limit = max(float(np.abs(values).max()) for values in maps) or 1.0
    for place, values in enumerate(maps):
        chart.add_trace(
            go.Heatmap(
                z=values,
                zmid=0,
                zmin=-limit,
                zmax=limit,
                colorscale=SIGNED,
                showscale=False,
                hovertemplate="row %{y}, column %{x}: %{z:+.2f}<extra></extra>",
            ),
            row=place // columns + 1,
            col=place % columns + 1,
        )
    _square(chart)
    chart.update_annotations(font_size=FONT_SIZE - 2)
    return _finish(chart, height=130 * rows + 10, top=24)


def example_pictures(pictures: Sequence[Floats], titles: Sequence[str]) -> go.Figure:
    """Inputs as pictures, grey or in colour, in a row of rows, each with a title below it."""
    from plotly.subplots import make_subplots

    columns = 4
    rows = -(-len(pictures) // columns)
    chart = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=list(titles),
        horizontal_spacing=0.03,
        vertical_spacing=0.3 / rows,
    )
    for place, picture in enumerate(pictures):
        drawn = (
            go.Image(source=grey_picture(picture), hoverinfo="skip")
            if picture.ndim > 2
            else go.Heatmap(
                z=picture,
                zmin=0,
                zmax=1,
                colorscale=GREY_IMAGE,
                showscale=False,
                hoverinfo="skip",
            )
        )
        chart.add_trace(drawn, row=place // columns + 1, col=place % columns + 1)
    _square(chart)
    chart.update_annotations(font_size=FONT_SIZE - 2)
    return _finish(chart, height=112 * rows + 10, top=24)


def activity_histogram(values: Floats, color: str, axis: str, rows: str = "examples") -> go.Figure:
    """How often a module or neuron is how active, over the examples or tokens."""
    chart = go.Figure(go.Histogram(x=values, nbinsx=30, marker_color=color))
    chart.update_traces(hovertemplate=f"%{{y}} {rows} at %{{x}}<extra></extra>")
    chart.update_xaxes(title=axis)
    chart.update_yaxes(title=rows)
    return _finish(chart, height=190, bottom=42, left=44)


def _square(chart: go.Figure) -> None:
    chart.update_xaxes(visible=False, constrain="domain")
    chart.update_yaxes(visible=False, autorange="reversed", constrain="domain")
    for place, axis in enumerate(chart.select_yaxes(), start=1):
        axis.update(scaleanchor="x" if place == 1 else f"x{place}")


def _finish(
    chart: go.Figure, height: int, top: int = 6, bottom: int = 24, left: int = 6
) -> go.Figure:
    chart.update_layout(
        height=height,
        margin={"l": left, "r": 6, "t": top, "b": bottom},
        showlegend=False,
        font_size=FONT_SIZE,
        # The page's theme shows through, light or dark.
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return chart
