"""A walk through the gridworld as a small animation, and in one sentence."""

import plotly.graph_objects as go

from explorer.network.tasks.gridworld import GRID
from explorer.network.tasks.gridworld_moves import Walk
from explorer.views.palette import NEUTRAL, module_color

_AGENT, _COIN = module_color(0), module_color(1)
_WORDS = "#767676"  # a contrast above 4 on white and on the dark page
_HEIGHT = 350
_FRAME = 350  # milliseconds a step


def walk_text(walk: Walk) -> str:
    """Say in one sentence where a walk leads.

    Examples
    --------
    >>> walk_text(Walk((0, 1, 2), ("right", "right"), coin=2, corner=24))
    'The agent reaches the coin in 2 steps.'
    >>> walk_text(Walk((23, 24), ("right",), coin=0, corner=24))
    'The agent goes to the corner in 1 step and leaves the coin where it is.'
    """
    if walk.reached == "coin":
        return f"The agent reaches the coin in {_steps(len(walk.moves))}."
    if walk.reached == "corner":
        way = f"goes to the corner in {_steps(len(walk.moves))}"
        return f"The agent {way} and leaves the coin where it is."
    return (
        f"The agent is at neither the coin nor the corner after {_steps(len(walk.moves))}: it "
        f"{'stands still' if walk.cells[-1:] == walk.cells[-2:-1] else 'walks in circles'}."
    )


def walk_figure(walk: Walk) -> go.Figure:
    """Draw a walk on the grid, with a button that plays it step by step.

    The whole way is drawn before anything is played. Colours are readable on light and dark pages,
    and the figure fits into 390 pixels.
    """
    last = len(walk.cells) - 1
    figure = go.Figure(
        data=[*_places(walk), *_way(walk, last)],
        frames=[
            go.Frame(data=_way(walk, step), traces=[2, 3], name=str(step))
            for step in range(last + 1)
        ],
    )
    figure.update_xaxes(
        visible=False, range=[-0.6, GRID - 0.4], fixedrange=True, constrain="domain"
    )
    figure.update_yaxes(
        visible=False,
        range=[GRID - 0.4, -0.6],
        fixedrange=True,
        scaleanchor="x",
        constrain="domain",
    )
    lines = {"color": NEUTRAL, "width": 1}
    for at in range(GRID + 1):
        edge = at - 0.5
        figure.add_shape(type="line", x0=edge, x1=edge, y0=-0.5, y1=GRID - 0.5, line=lines)
        figure.add_shape(type="line", y0=edge, y1=edge, x0=-0.5, x1=GRID - 0.5, line=lines)
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 6, "r": 6, "t": 6, "b": 44},
        showlegend=False,
        font_size=13,
        # The page's theme shows through, light or dark.
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        updatemenus=[_play_button()],
    )
    return figure


def _places(walk: Walk) -> list[go.Scatter]:
    """The corner and the coin."""
    corner, coin = _at(walk.corner), _at(walk.coin)
    return [
        go.Scatter(
            x=[corner[0]],
            y=[corner[1]],
            mode="markers",
            marker={"symbol": "square-open", "size": 34, "color": NEUTRAL, "line_width": 3},
            hovertemplate="corner where the coin lay in training<extra></extra>",
        ),
        go.Scatter(
            x=[coin[0]],
            y=[coin[1]],
            mode="markers+text",
            text=["coin"],
            textposition="bottom center",
            textfont_color=_WORDS,
            marker={"size": 20, "color": _COIN, "line": {"color": NEUTRAL, "width": 1}},
            hovertemplate="coin<extra></extra>",
        ),
    ]


def _way(walk: Walk, step: int) -> list[go.Scatter]:
    """The way up to a step, and the agent at its end."""
    places = [_at(cell) for cell in walk.cells[: step + 1]]
    x, y = [place[0] for place in places], [place[1] for place in places]
    return [
        go.Scatter(
            x=x,
            y=y,
            mode="lines+markers",
            line={"color": _AGENT, "width": 4},
            marker={"size": 7, "color": _AGENT},
            hoverinfo="skip",
        ),
        go.Scatter(
            x=x[-1:],
            y=y[-1:],
            mode="markers",
            marker={
                "symbol": "diamond",
                "size": 22,
                "color": _AGENT,
                "line": {"color": "#FFFFFF", "width": 2},
            },
            hovertemplate=f"agent after {_steps(step)}<extra></extra>",
        ),
    ]


def _play_button() -> dict[str, object]:
    animation = {
        "frame": {"duration": _FRAME, "redraw": False},
        "transition": {"duration": _FRAME // 2},
        "fromcurrent": False,
        "mode": "immediate",
    }
    return {
        "type": "buttons",
        "direction": "left",
        "x": 0.5,
        "xanchor": "center",
        "y": -0.02,
        "yanchor": "top",
        "bgcolor": "rgba(0,0,0,0)",
        "bordercolor": NEUTRAL,
        "font": {"color": _WORDS},
        "showactive": False,
        "buttons": [{"label": "▶ Play", "method": "animate", "args": [None, animation]}],
    }


def _at(cell: int) -> tuple[int, int]:
    """Column and row of a cell."""
    return cell % GRID, cell // GRID


def _steps(count: int) -> str:
    return f"{count} step{'s' if count != 1 else ''}"
