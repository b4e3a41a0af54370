"""Bars and pixel maps, as text."""

import re

import numpy as np

from explorer.observation.ablation import AccuracyChange, Effect
from explorer.views.accuracy_bars import accuracy_bars
from explorer.views.pixel_map import pixel_map


def test_bars_are_as_high_as_the_accuracies() -> None:
    changes = (
        AccuracyChange("digit", "0", 0.9, 0.25, 40),
        AccuracyChange("digit", "1", 1.0, 1.0, 10),
        AccuracyChange("digit", "2", float("nan"), float("nan"), 0),
    )
    html = accuracy_bars(Effect(changes[:1], changes, (), "mean", "explain", "x"), "#0072B2")
    assert re.findall(r"height:([\d.]+)%", html) == ["90.0", "25.0", "100.0", "100.0"]
    assert 'title="digit 0: 90% before, 25% after, of 40 examples"' in html


def test_pixels_are_as_strong_as_the_values_and_text_is_text() -> None:
    html = pixel_map(np.array([[0.0, 1.0], [0.5, 0.0]]), "#0072B2", "<b>")
    assert re.findall(r"rgba\(0, 114, 178, ([\d.]+)\)", html) == ["0.04", "1", "0.52", "0.04"]
    assert "&lt;b&gt;: strongest at row 1, column 2" in html
    assert "<b>" not in html
