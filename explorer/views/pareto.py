"""Ability against modularity, as a figure: a line for every loss, chance in grey."""

import math
from collections.abc import Sequence
from itertools import cycle

import plotly.graph_objects as go

from explorer.sweeps.front import LOWER_IS_BETTER, Front, Point
from explorer.sweeps.report import TITLES
from explorer.training.losses import MODULARITY_LOSSES
from explorer.views.charts import FONT_SIZE
from explorer.views.palette import NEUTRAL, NULL, module_color, translucent

SHARES = ("test_accuracy", "inside")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x", "star")
_ARROW = 34  # pixels
_FAR = 0.1
_MARGIN = 0.08  # of the range, around the marks


def pareto_chart(front: Front, near: bool = False) -> go.Figure:
    """Draw the points of a sweep.

    Parameters
    ----------
    front : Front
    near : bool
        Whether to leave out of sight what is far less able than the best (see ``is_far``).

    Returns
    -------
    go.Figure

        Large marks are means over seeds with their 95 % intervals, small ones single runs; every
        mark carries the id of a run as its custom data: its own, or for a mean, that of the run
        which is best on the validation split. A grey tick stands where shuffled weights put a mean.
    """
    chart = go.Figure()
    _draw_chance(chart, front)
    rank = 0
    for line in front.lines:
        points = front.on_line(line)
        plain = points[0].is_plain
        color = NEUTRAL if plain else module_color(rank)
        symbol = "hexagon" if plain else _SYMBOLS[rank % len(_SYMBOLS)]
        rank += not plain
        _draw_runs(chart, front, points, color, symbol)
        _draw_means(chart, front, points, color, symbol)
    _draw_chosen(chart, front)
    shown = [point for point in front.points if not (near and is_far(front, point))]
    for name, update in (
        (front.modularity, chart.update_xaxes),
        (front.ability, chart.update_yaxes),
    ):
        update(
            title=axis_title(name),
            zeroline=False,
            gridcolor=translucent(NEUTRAL, 0.25),
            tickformat=".1%" if name in SHARES else None,
            range=_range(shown, name),
        )
    chart.update_layout(
        height=460,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        font_size=FONT_SIZE,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        clickmode="event+select",
        dragmode=False,
        # The page's theme shows through, light or dark.
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return chart


def axis_title(name: str) -> str:
    """Name a figure for people, and say which way is better.

    Examples
    --------
    >>> axis_title("interface")
    'interface (weights that must stay; less is better)'
    """
    on = {
        "test_accuracy": "test split; more is better",
        "test_loss": "nats a token, test split; less is better",
        "functional": "test split; 1 at most",
        "interface": "weights that must stay; less is better",
    }
    better = "less is better" if name in LOWER_IS_BETTER else "more is more modular"
    return f"{TITLES[name]} ({on.get(name, better)})"


def best_run(point: Point) -> str:
    """Id of the run of a point that is best on the validation split."""

    def ability(place: int) -> float:
        figures = point.records[place].figures
        assert figures is not None
        return -math.inf if figures.validation_accuracy is None else figures.validation_accuracy

    return point.records[max(range(len(point.records)), key=ability)].id


def is_far(front: Front, point: Point) -> bool:
    """Tell whether a point is so much less able than the best that the others would lie in a heap.

    That is ten points of accuracy, or a tenth more cross-entropy.
    """
    found = [p.means[front.ability].mean for p in front.points]
    own = point.means[front.ability].mean
    if front.ability in LOWER_IS_BETTER:
        return own > (1 + _FAR) * min(found)
    return own < max(found) - _FAR


def _range(points: Sequence[Point], name: str) -> list[float] | None:
    """Leave out the ends of wide intervals: of two seeds they cover everything."""
    values = [
        float(value)
        for point in points
        for value in (point.means[name].mean, *(getattr(r.figures, name) for r in point.records))
        if value is not None and math.isfinite(value)
    ]
    if name == "q_b":
        values += [point.means["q_b_null"].mean for point in points]
    if not values:
        return None
    margin = max(_MARGIN * (max(values) - min(values)), 0.01 * abs(values[0]))
    return [min(values) - margin, max(values) + margin]


def _draw_chance(chart: go.Figure, front: Front) -> None:
    """What the same search finds in shuffled networks: it differs between networks."""
    if front.modularity != "q_b" or not front.points:
        return
    chart.add_trace(
        go.Scatter(
            x=[point.means["q_b_null"].mean for point in front.points],
            y=[point.means[front.ability].mean for point in front.points],
            mode="markers",
            marker={
                "symbol": "line-ns",
                "size": 14,
                "line": {"color": NULL, "width": 3},
            },
            opacity=0.7,
            text=[point_name(point) for point in front.points],
            hovertemplate="%{text}, its weights shuffled: %{x:.3f}<extra></extra>",
            name="shuffled weights",
        )
    )


def _draw_runs(
    chart: go.Figure, front: Front, points: tuple[Point, ...], color: str, symbol: str
) -> None:
    records = [(point, record) for point in points for record in point.records]
    chart.add_trace(
        go.Scatter(
            x=[getattr(record.figures, front.modularity) for _, record in records],
            y=[getattr(record.figures, front.ability) for _, record in records],
            customdata=[record.id for _, record in records],
            mode="markers",
            marker={"color": translucent(color, 0.45), "symbol": symbol, "size": 6},
            text=[f"{point_name(p)}, seed {r.config.seed}" for p, r in records],
            hovertemplate="%{text}<br>%{x:.3f}, %{y:.3f}<extra></extra>",
            legendgroup=points[0].line,
            showlegend=False,
        )
    )


def _draw_means(
    chart: go.Figure, front: Front, points: tuple[Point, ...], color: str, symbol: str
) -> None:
    across = [point.means[front.modularity] for point in points]
    up = [point.means[front.ability] for point in points]
    chart.add_trace(
        go.Scatter(
            x=[found.mean for found in across],
            y=[found.mean for found in up],
            error_x=_bars([found.high - found.mean for found in across], color),
            error_y=_bars([found.high - found.mean for found in up], color),
            customdata=[best_run(point) for point in points],
            mode="lines+markers",
            line={"color": color, "width": 2},
            marker={
                "color": color,
                "symbol": [symbol if point.best else f"{symbol}-open" for point in points],
                "size": 12,
                "line": {"width": 2, "color": color},
            },
            text=[f"{point_name(p)}, mean of {len(p.records)}" for p in points],
            hovertemplate="%{text}<br>%{x:.3f}, %{y:.3f}<extra></extra>",
            name=line_name(points[0].line),
            legendgroup=points[0].line,
        )
    )


def _draw_chosen(chart: go.Figure, front: Front) -> None:
    """Mark the lambda to take on every line: a label, on different sides as points lie close."""
    sides = cycle(((0, -1), (0, 1), (-1.4, 0), (1.4, 0)))
    for point in front.points:
        x, y = (point.means[name].mean for name in (front.modularity, front.ability))
        if not point.chosen or not math.isfinite(x + y):
            continue
        right, down = next(sides)
        chart.add_annotation(
            x=x,
            y=y,
            text=f"λ {point.strength:g}",
            ax=_ARROW * right,
            ay=_ARROW * down,
            arrowcolor=NEUTRAL,
            arrowhead=2,
            standoff=7,
            font_size=FONT_SIZE - 1,
        )


def point_name(point: Point) -> str:
    """Name a point for people."""
    name = line_name(point.line)
    return name if point.is_plain else f"{name}, λ {point.strength:g}"


def line_name(line: str) -> str:
    """Name a line for people.

    Examples
    --------
    >>> line_name("contracted_cut_tree, hidden 8-8")
    'Cut tree of the modules, hidden 8-8'
    """
    loss, comma, rest = line.partition(", ")
    made = MODULARITY_LOSSES.get(loss)
    title = made.title.partition(" (")[0] if made else loss[:1].upper() + loss[1:]
    return title + comma + rest.replace("_", " ")


def _bars(halves: list[float], color: str) -> dict[str, object]:
    finite = [half if math.isfinite(half) else 0.0 for half in halves]
    return {"array": finite, "color": translucent(color, 0.55), "thickness": 1.3, "width": 3}
