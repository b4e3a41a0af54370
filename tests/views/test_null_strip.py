"""The strip of a figure and its nulls, as text."""

import re

import numpy as np
import pytest

from explorer.modularity.null_models import compare_with_null
from explorer.modularity.quality import Figure
from explorer.views.null_strip import null_strip


def figure(value: float, null_values: list[float]) -> Figure:
    values = np.array(null_values)
    return Figure(
        value, tuple(compare_with_null(value, values, kind) for kind in ("all", "nonzero"))
    )


def test_mark_and_bands_stand_where_they_should() -> None:
    html = null_strip(figure(0.4, [0.1, 0.1, 0.1]), maximum=0.5)
    assert "left:calc(80.00% - 2px)" in html
    assert re.findall(r"top:(\d+)px;height:11px;left:(20\.00)%", html) == [
        ("4", "20.00"),
        ("18", "20.00"),
    ]
    assert "<span>0</span><span>0.5</span>" in html


def test_what_cannot_be_told_is_left_out() -> None:
    html = null_strip(figure(float("nan"), [float("nan")]), maximum=1.0)
    assert "background" not in html
    assert "this network: nan" in html


@pytest.mark.parametrize("value", [-0.2, 0.0, 3.0])
def test_nothing_lies_outside_the_line(value: float) -> None:
    html = null_strip(figure(value, [0.1, 0.4, 0.2]), maximum=1.0)
    places = [float(x) for x in re.findall(r"left:(?:calc\()?(-?[\d.]+)%", html)]
    assert len(places) == 3
    assert all(0 <= place <= 100 for place in places)
