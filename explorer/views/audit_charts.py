"""Figures of audits: ROC curves with bands, all measured networks in strips, potential and use."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from explorer.auditing.rates import curve, curve_band
from explorer.views.audit_results import Scores
from explorer.views.charts import FONT_SIZE
from explorer.views.palette import LOSS, NEUTRAL, NULL, module_color, translucent

_AT = np.linspace(0.0, 1.0, 41)
_MOST_BANDS = 4
_GREY = translucent(NEUTRAL, 0.25)


@dataclass(frozen=True)
class NeuronMark:
    """A neuron with two figures.

    Attributes
    ----------
    node : int
    name : str
    module : str
        Empty if it lies in none.
    index : int
        Of the module: its colour; -1 for none.
    across, up : float
    """

    node: int
    name: str
    module: str
    index: int
    across: float
    up: float


def roc_chart(lines: Sequence[tuple[str, Scores]]) -> go.Figure:
    """Draw ROC curves with their 95 % bands; guessing is the dashed diagonal.

    Parameters
    ----------
    lines : sequence of (name, Scores)
        Those without planted or without clean networks are left out. Bands are drawn behind four
        lines at most: more could not be told apart.
    """
    chart = go.Figure()
    chart.add_trace(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": NULL, "dash": "dash", "width": 1},
            name="guessing",
            hoverinfo="skip",
        )
    )
    shown = [(name, scores) for name, scores in lines if scores.enough]
    for place, (name, scores) in enumerate(shown):
        color = module_color(place)
        planted, clean = [*scores.planted.values()], [*scores.clean.values()]
        if len(shown) <= _MOST_BANDS:
            low, high = curve_band(planted, clean, _AT)
            chart.add_trace(
                go.Scatter(
                    x=[*_AT, *_AT[::-1]],
                    y=[*high, *low[::-1]],
                    fill="toself",
                    fillcolor=translucent(color, 0.15),
                    line={"width": 0},
                    mode="lines",
                    hoverinfo="skip",
                    showlegend=False,
                    legendgroup=name,
                )
            )
        false, true = curve(planted, clean)
        chart.add_trace(
            go.Scatter(
                x=false,
                y=true,
                mode="lines",
                line={"color": color, "width": 2, "shape": "hv"},
                name=name,
                legendgroup=name,
                hovertemplate=(
                    f"{name}<br>%{{y:.0%}} found at %{{x:.0%}} false alarms<extra></extra>"
                ),
            )
        )
    axis = {"range": [-0.01, 1.01], "tickformat": ".0%", "gridcolor": _GREY, "zeroline": False}
    chart.update_xaxes(title="clean networks flagged", **axis)
    chart.update_yaxes(title="planted networks found", **axis)
    return _finish(chart, 380)


def strip_chart(rows: Sequence[tuple[str, Scores]], axis: str) -> go.Figure:
    """Draw every measured network as a mark: planted ones above, clean ones below, a row a group.

    Parameters
    ----------
    rows : sequence of (name, Scores)
        From top to bottom.
    axis : str
        What the scores are.
    """
    chart = go.Figure()
    names = [name for name, _ in rows][::-1]
    for planted in (True, False):
        across: list[float] = []
        up: list[float] = []
        said: list[str] = []
        for place, (_, scores) in enumerate(reversed(rows)):
            own = scores.planted if planted else scores.clean
            # Spread by the name, so that a mark stays where it is whatever else is drawn.
            spread = np.random.default_rng(place).uniform(0.05, 0.35, len(own))
            across += own.values()
            up += (place + (spread if planted else -spread)).tolist()
            said += own.keys()
        chart.add_trace(
            go.Scatter(
                x=across,
                y=up,
                text=said,
                mode="markers",
                marker={
                    "color": translucent(LOSS if planted else NEUTRAL, 0.6),
                    "symbol": "circle" if planted else "x-thin-open",
                    "size": 6,
                },
                name="something planted" if planted else "clean or decoy",
                hovertemplate="%{text}: %{x:.3g}<extra></extra>",
            )
        )
    chart.update_xaxes(title=axis, gridcolor=_GREY, zeroline=False)
    chart.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[-0.6, len(names) - 0.4],
        showgrid=False,
        zeroline=False,
    )
    return _finish(chart, 90 + 70 * len(names))


def neuron_scatter(
    neurons: Sequence[NeuronMark], across: str, up: str, suspects: Sequence[int] = ()
) -> go.Figure:
    """Draw every neuron by two of its figures, in the colour of its module.

    A mark carries its node and the module's name as custom data, for clicks.

    Parameters
    ----------
    neurons : sequence of NeuronMark
    across, up : str
        What the figures are.
    suspects : sequence of int
        Nodes to ring.
    """
    chart = go.Figure()
    for index, module in sorted({(neuron.index, neuron.module) for neuron in neurons}):
        own = [neuron for neuron in neurons if neuron.index == index]
        ringed = [neuron.node in suspects for neuron in own]
        chart.add_trace(
            go.Scatter(
                x=[neuron.across for neuron in own],
                y=[neuron.up for neuron in own],
                customdata=[[neuron.node, module] for neuron in own],
                text=[neuron.name for neuron in own],
                mode="markers",
                marker={
                    "color": module_color(index),
                    "size": [13 if ring else 8 for ring in ringed],
                    "line": {"width": [3 if ring else 0 for ring in ringed], "color": LOSS},
                },
                name=f"module {module}" if module else "no module",
                hovertemplate=(
                    f"%{{text}}, module %{{customdata[1]}}<br>{up}: %{{y:.3g}}<br>{across}: "
                    f"%{{x:.3g}}<extra></extra>"
                ),
            )
        )
    chart.update_xaxes(title=across, gridcolor=_GREY, zeroline=False)
    chart.update_yaxes(title=up, gridcolor=_GREY, zeroline=False)
    chart.update_layout(clickmode="event+select", dragmode=False)
    return _finish(chart, 400)


def _finish(chart: go.Figure, height: int) -> go.Figure:
    chart.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        font_size=FONT_SIZE,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        # The page's theme shows through, light or dark.
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return chart
