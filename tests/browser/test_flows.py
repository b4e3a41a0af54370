"""What a visitor does, in a browser: every user flow once."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
import torch
from playwright.sync_api import Page, expect

from explorer.benchmarks.browser import settled
from explorer.network.architectures import MLP
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def click_on_graph(page: Page, kind: str, name: str) -> None:
    places = page.locator(".stage").first.evaluate("stage => stage.graph.positions()")
    page.mouse.click(*places[kind][name])


def upload(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(str(path))


def saved_network(folder: Path, widths: list[int]) -> Path:
    torch.manual_seed(0)
    path = folder / "mine.pt"
    torch.save(MLP(widths).state_dict(), path)
    return path


def test_a_newcomer_gets_from_the_overview_to_a_module(open_app: Opener) -> None:
    page = open_app("/")
    expect(page.get_by_role("heading", name="pair-modular")).to_be_visible()
    expect(page.get_by_text("Clearly modular.")).to_be_visible()
    expect(page.get_by_text(re.compile("chance: 0.2"))).to_be_visible()
    click_on_graph(page, "nodes", "A")
    expect(page.get_by_role("heading", name="Modules of pair-modular")).to_be_visible()
    expect(page.get_by_role("heading", name="Module A")).to_be_visible()
    expect(
        page.get_by_text(re.compile("Without module A, accuracy on right falls"))
    ).to_be_visible()
    assert query(page) == {"network": "pair-modular", "module": "A"}


def test_clicks_on_modules_and_interfaces_come_back(open_app: Opener) -> None:
    page = open_app("/modules?network=digits-modular")
    stage = page.locator(".stage")
    click_on_graph(page, "nodes", "C")
    expect(page.get_by_role("heading", name="Module C", exact=True)).to_be_visible()
    expect(stage).to_have_attribute("data-selected", "C")
    click_on_graph(page, "edges", "A-B")
    expect(page.get_by_role("heading", name="Interface A-B")).to_be_visible()
    expect(page.get_by_text(re.compile("Without interface A-B"))).to_be_visible()
    assert query(page) == {"network": "digits-modular", "interface": "A-B"}
    expect(stage).to_have_attribute("data-builds", "1")


def test_a_copied_link_opens_the_same_view(open_app: Opener) -> None:
    link = "/modules?network=digits-modular&weighting=path&k=3&module=B"
    page = open_app(link)
    expect(page.get_by_role("heading", name="Module B")).to_be_visible()
    expect(page.get_by_role("radio", name="path")).to_be_checked()
    expect(page.get_by_role("combobox", name="Number of modules")).to_have_value("at most 3")
    assert page.url.endswith(link)
    expect(page.locator(".stage")).to_have_attribute("data-selected", "B")


def test_every_section_of_a_module_shows(open_app: Opener) -> None:
    page = open_app("/modules?network=digits-modular&module=A")
    for section, heading in (
        ("Examples", "Most active on"),
        ("Weights", "Strongest weights inside"),
        ("Neurons", "Neuron "),
        ("What it does", "What is lost without it"),
    ):
        page.get_by_role("radio", name=section).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()


def test_the_view_is_kept_from_page_to_page_and_by_a_reload(open_app: Opener) -> None:
    page = open_app("/modules?network=digits-modular&k=2&module=B")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Cut tree").click()
    expect(page.get_by_role("heading", name="Cut tree of digits-modular")).to_be_visible()
    expected = {"network": "digits-modular", "k": "2", "module": "B"}
    assert query(page) == expected
    page.reload()
    settled(page)
    assert query(page) == expected
    expect(page.get_by_role("combobox", name="Number of modules")).to_have_value("at most 2")
    page.go_back()
    expect(page.get_by_role("heading", name="Modules of digits-modular")).to_be_visible()


def test_pickers_change_the_view(open_app: Opener) -> None:
    page = open_app("/?network=pair-modular")
    page.get_by_role("combobox", name=re.compile("Network")).click()
    page.get_by_role("option", name="xor4-modular").click()
    expect(page.get_by_role("heading", name="xor4-modular")).to_be_visible()
    expect(page.get_by_text("It falls into four modules")).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_text("layer", exact=True).click()
    expect(page).to_have_url(re.compile("weighting=layer"))
    assert query(page) == {"network": "xor4-modular", "weighting": "layer"}


def test_the_cut_tree_of_a_dense_network_is_named_a_star(open_app: Opener) -> None:
    page = open_app("/cut_tree?network=digits-plain")
    expect(page.get_by_text("The tree is a star")).to_be_visible()


def test_the_cut_tree_unfolds_and_can_be_taken_away(open_app: Opener) -> None:
    page = open_app("/cut_tree?network=pair-modular")
    tree = page.locator(".st-key-neuron-tree-graph .stage")
    expect(tree).to_have_attribute("data-state", "ready")
    nodes = tree.evaluate("stage => stage.graph.positions().nodes")
    bunch = next(name for name in nodes if name.startswith("bunch:"))
    tree.scroll_into_view_if_needed()
    page.mouse.click(*tree.evaluate("stage => stage.graph.positions().nodes")[bunch])
    expect(tree).to_have_attribute("data-builds", "2")
    assert len(tree.evaluate("stage => stage.graph.positions().nodes")) > len(nodes)
    with page.expect_download() as started:
        page.get_by_role("button", name="Newick").click()
    text = Path(started.value.path()).read_text()
    assert text.endswith(";")
    assert text.count("neuron 1.") == 48


def test_a_neuron_is_found_in_the_tree_and_its_cut_shown_on_the_network(open_app: Opener) -> None:
    page = open_app("/cut_tree?network=pair-modular")
    expect(page.get_by_text(re.compile("a minimum cut parts off"))).to_be_visible()
    search = page.get_by_role("combobox", name=re.compile("Find a neuron"))
    search.click()
    search.fill("neuron 1.7")
    page.get_by_role("option", name="neuron 1.7", exact=True).click()
    expect(page.get_by_text(re.compile("This minimum cut isolates neuron 1.7"))).to_be_visible()
    tree = page.locator(".st-key-neuron-tree-graph .stage")
    node = tree.get_attribute("data-selected")
    assert node is not None
    assert node.startswith("n")
    page.get_by_role("button", name=re.compile("Go to its module")).click()
    expect(page.get_by_role("heading", name="Modules of pair-modular")).to_be_visible()


def test_a_link_to_nothing_falls_back_and_says_so(open_app: Opener) -> None:
    page = open_app("/modules?network=no-such-network")
    expect(
        page.get_by_text(re.compile("The link cannot be opened: found no network"))
    ).to_be_visible()
    expect(page.get_by_role("heading", name="pair-modular")).to_be_visible()
    page = open_app("/modules?network=pair-modular&module=Q")
    expect(page.get_by_text(re.compile("found no module 'Q'"))).to_be_visible()
    expect(page.get_by_role("heading", name="pair-modular")).to_be_visible()
    page = open_app("/cut_tree?network=pair-modular&colour=red")
    expect(page.get_by_text(re.compile("has a parameter 'colour'"))).to_be_visible()


def test_an_uploaded_network_is_opened_given_a_task_and_found_again(
    open_app: Opener, tmp_path: Path
) -> None:
    page = open_app("/")
    upload(page, saved_network(tmp_path, [64, 24, 10]))
    expect(page.get_by_role("heading", name="mine.pt")).to_be_visible()
    expect(page.get_by_role("radio", name="path")).to_be_checked()
    page.get_by_role("combobox", name=re.compile("What was it trained to do")).click()
    page.get_by_role("option", name=re.compile("digits")).click()
    expect(page.get_by_text(re.compile("Accuracy on 180 test examples"))).to_be_visible()
    expect(page.get_by_role("radio", name="activity")).to_be_checked()
    page.reload()
    settled(page)
    expect(page.get_by_text(re.compile("Accuracy on 180 test examples"))).to_be_visible()


def test_a_bad_upload_leaves_the_network_in_view(open_app: Opener, tmp_path: Path) -> None:
    page = open_app("/?network=digits-plain")
    path = tmp_path / "bad.safetensors"
    path.write_text("this is no network")
    upload(page, path)
    expect(page.get_by_text(re.compile("bad.safetensors is a text file"))).to_be_visible()
    expect(page.get_by_role("heading", name="digits-plain")).to_be_visible()
    assert query(page) == {"network": "digits-plain"}


@pytest.mark.parametrize("path", ["/", "/modules", "/cut_tree"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(open_app: Opener, path: str, scheme: str) -> None:
    page = open_app(path, width=390, scheme=scheme)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_two_visitors_do_not_disturb_each_other(open_app: Opener) -> None:
    first, second = open_app("/?network=pair-plain"), open_app("/?network=xor4-modular")
    for page, name in ((first, "pair-plain"), (second, "xor4-modular")):
        page.get_by_test_id("stSidebar").get_by_role("link", name="Modules").click()
        expect(page.get_by_role("heading", name=f"Modules of {name}")).to_be_visible()
        assert query(page)["network"] == name
