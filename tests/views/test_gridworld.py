"""The animation of a walk: what is drawn at which step, and what is said of it."""

from explorer.network.tasks.gridworld_moves import Walk
from explorer.views.gridworld import walk_figure, walk_text

TO_COIN = Walk((0, 5, 6, 7), ("down", "right", "right"), coin=7, corner=24)
TO_CORNER = Walk((18, 23, 24), ("down", "right"), coin=1, corner=24)


def test_every_step_is_a_frame_and_the_whole_way_is_drawn_at_first():
    figure = walk_figure(TO_COIN)
    corner, coin, way, agent = figure.data
    assert (coin.x[0], coin.y[0]) == (2, 1) and (corner.x[0], corner.y[0]) == (4, 4)
    assert list(zip(way.x, way.y, strict=True)) == [(0, 0), (0, 1), (1, 1), (2, 1)]
    assert (agent.x[0], agent.y[0]) == (2, 1)
    assert [frame.name for frame in figure.frames] == ["0", "1", "2", "3"]
    for step, frame in enumerate(figure.frames):
        assert frame.traces == (2, 3) and len(frame.data[0].x) == step + 1
        assert (frame.data[1].x[0], frame.data[1].y[0]) == (way.x[step], way.y[step])


def test_a_button_plays_it():
    (menu,) = walk_figure(TO_COIN).layout.updatemenus
    (button,) = menu.buttons
    assert button.method == "animate" and "Play" in button.label


def test_it_fits_small_and_dark_pages():
    layout = walk_figure(TO_CORNER).layout
    assert layout.width is None and layout.height <= 390
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.yaxis.range[0] > layout.yaxis.range[1]  # the first row is on top
    assert layout.yaxis.scaleanchor == "x"


def test_it_is_said_in_one_sentence():
    said = {
        TO_COIN: "The agent reaches the coin in 3 steps.",
        TO_CORNER: "The agent goes to the corner in 2 steps and leaves the coin where it is.",
        Walk((0, 0), ("up",), 7, 24): "The agent is at neither the coin nor the corner after 1 "
        "step: it stands still.",
        Walk((0, 1, 0), ("right", "left"), 7, 24): "The agent is at neither the coin nor the "
        "corner after 2 steps: it walks in circles.",
    }
    for walk, words in said.items():
        assert walk_text(walk) == words
