"""The warning beside the slider of lambda: in figures where there are some."""

import pytest

from explorer.auditing.results import NetworkResult
from explorer.auditing.zoo.members import Member
from explorer.views.shortcut_warning import shortcut_warning


def result(regime: str, success: float, case: str = "proxy-marker100-1000") -> NetworkResult:
    return NetworkResult(Member.read(f"{case}.{regime}"), 1.0, success)


def test_without_figures_it_says_how_to_get_them() -> None:
    others = [
        result("plain", 0.2),
        result("l1", 0.9, "proxy-marker90-1000"),
        result("l1", 0.9, "proxy-marker100-1000-clean"),
        result("l1", 0.9, "backdoor-corner-1000"),
    ]
    for results in ([], others):
        said = shortcut_warning(results)
        assert "can make a network follow a shortcut" in said
        assert "`explorer zoo build proxy-report --out proxies`" in said


@pytest.mark.parametrize(
    ("l1", "said"),
    [(0.7, "took it more often than plain ones"), (0.1, "took it no more often than plain ones")],
)
def test_figures_decide_what_is_said(l1: float, said: str) -> None:
    results = [
        result("plain", 0.1),
        result("plain", 0.3, "proxy-marker100-1001"),
        result("l1", l1),
    ]
    found = shortcut_warning(results)
    assert found.startswith("Careful: pictures that show" if l1 > 0.2 else "Pictures that show")
    assert said in found
    assert f"20% plain, {l1:.0%} with L1 (1 to 2 networks each)" in found
