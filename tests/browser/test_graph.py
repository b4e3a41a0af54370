"""The graph on a page, in a browser."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from explorer.benchmarks.browser import settled
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser
STAGE = """[...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
    .map((host) => host.shadowRoot.querySelector(".stage")).find(Boolean)"""


def positions(page: Page) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = page.locator(".stage").evaluate(
        "stage => stage.graph.positions()"
    )
    return found


def click(page: Page, kind: str, name: str) -> None:
    page.mouse.click(*positions(page)[kind][name])


def pixel(page: Page, x: float, y: float) -> list[int]:
    """Colour of the canvas at a point of the window."""
    found: list[int] = page.locator(".stage canvas").evaluate(
        """(canvas, [x, y]) => {
            const box = canvas.getBoundingClientRect();
            const scale = canvas.width / box.width;
            const at = [(x - box.left) * scale, (y - box.top) * scale];
            return [...canvas.getContext("2d").getImageData(...at, 1, 1).data].slice(0, 3);
        }""",
        [x, y],
    )
    return found


def test_click_on_a_node_comes_back(open_graph: Opener) -> None:
    page = open_graph()
    click(page, "nodes", "m3")
    expect(page.get_by_text("Chosen: m3")).to_be_visible()
    expect(page.locator(".stage")).to_have_attribute("data-selected", "m3")
    expect(page.locator(".stage")).to_have_attribute("aria-label", re.compile("chosen: Module 4"))


def test_every_edge_can_be_clicked(open_graph: Opener) -> None:
    page = open_graph()
    edges = positions(page)["edges"]
    assert len(edges) == 13
    for name in ("e0-5", "e5-0", "e2-7"):  # two of them join the same nodes
        click(page, "edges", name)
        expect(page.get_by_text(f"Chosen: {name}")).to_be_visible()
        expect(page.locator(".stage")).to_have_attribute("data-selected", name)


def test_a_second_click_on_the_chosen_node_comes_back_too(open_graph: Opener) -> None:
    page = open_graph()
    for count in (1, 2):
        click(page, "nodes", "m3")
        expect(page.get_by_text(f"Clicks: {count}")).to_be_visible()


def test_a_click_beside_everything_keeps_the_choice(open_graph: Opener) -> None:
    page = open_graph("/?choice=m3")
    box = page.locator(".stage").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 8, box["y"] + box["height"] - 8)
    click(page, "nodes", "m4")  # answered after the first click, had that one been sent
    expect(page.get_by_text("Clicks: 1")).to_be_visible()
    expect(page.get_by_text("Chosen: m4")).to_be_visible()


def test_a_rerun_builds_nothing_and_keeps_view_and_choice(open_graph: Opener) -> None:
    page = open_graph("/?choice=m3")
    page.get_by_role("button", name="Zoom in").click()
    stage = page.locator(".stage")
    view = stage.evaluate("stage => stage.graph.view()")
    for runs in (2, 3):
        page.get_by_role("button", name="Run again").click()
        expect(page.get_by_text(f"Runs: {runs}")).to_be_visible()
        settled(page)
    expect(stage).to_have_attribute("data-builds", "1")
    expect(stage).to_have_attribute("data-selected", "m3")
    assert stage.evaluate("stage => stage.graph.view()") == view


def test_python_moves_and_clears_the_choice_without_a_build(open_graph: Opener) -> None:
    page = open_graph()
    stage = page.locator(".stage")
    click(page, "nodes", "m5")
    expect(page.get_by_text("Chosen: m5")).to_be_visible()
    page.get_by_role("button", name="Choose m3").click()
    expect(stage).to_have_attribute("data-selected", "m3")
    page.get_by_role("button", name="Choose nothing").click()
    expect(stage).to_have_attribute("data-selected", "")
    click(page, "nodes", "m3")
    expect(stage).to_have_attribute("data-selected", "m3")
    expect(stage).to_have_attribute("data-builds", "1")


def test_a_link_opens_with_its_choice(open_graph: Opener) -> None:
    stage = open_graph("/?choice=e2-7").locator(".stage")
    expect(stage).to_have_attribute("data-selected", "e2-7")
    expect(stage).to_have_attribute("role", "img")


def test_the_same_places_every_time(open_graph: Opener) -> None:
    assert positions(open_graph()) == positions(open_graph())


@pytest.mark.parametrize(("scheme", "border"), [("light", range(100)), ("dark", range(156, 256))])
def test_theme(open_graph: Opener, scheme: str, border: range) -> None:
    page = open_graph("/?graph=text", scheme=scheme)
    x, y = positions(page)["nodes"]["a"]
    assert pixel(page, x, y) == [0xE6, 0x9F, 0x00]
    scale = page.locator(".stage").evaluate("stage => stage.graph.view().scale")
    assert pixel(page, x, y - 20 * scale)[2] in border, "the rim has the colour of the text"


def test_theme_changes_without_a_build(open_graph: Opener) -> None:
    page = open_graph("/?graph=text")
    x, y = positions(page)["nodes"]["a"]
    rim = y - 20 * page.locator(".stage").evaluate("stage => stage.graph.view().scale")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'"
    )
    for _ in range(100):
        if pixel(page, x, rim)[2] > 155:
            break
        page.evaluate("() => new Promise(requestAnimationFrame)")
    assert pixel(page, x, rim)[2] > 155
    expect(page.locator(".stage")).to_have_attribute("data-builds", "1")


def test_labels_and_hover_texts_are_text(open_graph: Opener) -> None:
    page = open_graph("/?graph=text")
    page.mouse.move(*positions(page)["nodes"]["a"])
    tooltip = page.locator(".vis-tooltip")
    expect(tooltip).to_be_visible()
    expect(tooltip).to_contain_text("<img src=x onerror=")
    assert page.locator(".graph img, .graph b").count() == 0
    assert page.title() == "Graph"


def test_phone(open_graph: Opener) -> None:
    page = open_graph(width=390)
    box = page.locator(".stage").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    places = positions(page)
    for x, y in places["nodes"].values():
        assert box["x"] < x < box["x"] + box["width"]
        assert box["y"] < y < box["y"] + box["height"]
    page.touchscreen.tap(*places["edges"]["e6-9"])
    expect(page.get_by_text("Chosen: e6-9")).to_be_visible()
    expect(page.get_by_text("Pinch to zoom")).to_be_visible()


def test_the_graph_follows_its_container(open_graph: Opener) -> None:
    page = open_graph()
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function(
        f"""() => {{
            const stage = {STAGE};
            const box = stage.getBoundingClientRect();
            return box.right <= 390 && Object.values(stage.graph.positions().nodes)
                .every(([x]) => box.left < x && x < box.right);
        }}"""
    )


def test_the_wheel_scrolls_the_page_and_zooms_with_ctrl(open_graph: Opener) -> None:
    page = open_graph()
    page.set_viewport_size({"width": 1280, "height": 400})
    stage = page.locator(".stage")
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    scale = stage.evaluate("stage => stage.graph.view().scale")
    page.mouse.wheel(0, 100)
    page.wait_for_function(f"top => {STAGE}.getBoundingClientRect().top < top", arg=box["y"])
    assert stage.evaluate("stage => stage.graph.view().scale") == scale
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function(f"scale => {STAGE}.graph.view().scale > scale", arg=scale)


def boxes_overlap(boxes: dict[str, dict[str, float]]) -> list[tuple[str, str]]:
    def meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
        return bool(
            one["left"] < other["right"]
            and other["left"] < one["right"]
            and one["top"] < other["bottom"]
            and other["top"] < one["bottom"]
        )

    return [
        (a, b)
        for (a, one), (b, other) in itertools.combinations(boxes.items(), 2)
        if meet(one, other)
    ]


def test_tree_unfolds_and_folds_and_its_labels_stay_apart(open_graph: Opener) -> None:
    page = open_graph("/?graph=tree")
    stage = page.locator(".stage")
    assert len(positions(page)["nodes"]) == 11
    for builds, count in ((2, 23), (3, 11), (4, 23)):
        click(page, "nodes", "bunch:h1")
        expect(stage).to_have_attribute("data-builds", str(builds))
        settled(page)
        assert len(positions(page)["nodes"]) == count
        expect(stage).to_have_attribute("data-selected", "bunch:h1")
        assert boxes_overlap(stage.evaluate("stage => stage.graph.boxes()")) == []
    click(page, "nodes", "h1n3")
    expect(page.get_by_text("Chosen: h1n3")).to_be_visible()


def test_an_unfolded_bunch_is_in_the_frame(open_graph: Opener) -> None:
    page = open_graph("/?graph=tree")
    stage = page.locator(".stage")
    for builds, hub, leaves in ((2, "h1", 12), (3, "h0", 147)):
        page.get_by_role("button", name="Fit the graph").click()
        click(page, "nodes", f"bunch:{hub}")
        expect(stage).to_have_attribute("data-builds", str(builds))
        settled(page)
        expect(page.get_by_text(f"Chosen: bunch:{hub}")).to_be_visible()
        box = stage.bounding_box()
        assert box is not None
        places = positions(page)["nodes"]
        for leaf in range(leaves):
            x, y = places[f"{hub}n{leaf}"]
            assert box["x"] < x < box["x"] + box["width"]
            assert box["y"] < y < box["y"] + box["height"]
