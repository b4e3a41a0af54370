"""Every page runs, through Streamlit's own AppTest; what it draws is tested in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer.network.architectures import MLP
from explorer.network.bundled import bundled_names
from explorer.network.checkpoint import Checkpoint
from explorer.store import keep

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "explorer" / "ui" / "frame.py"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    yield


def opened(page: str = "overview", **query: str) -> AppTest:
    """Open a page as a link with these parameters would."""
    app = AppTest.from_file(str(FRAME), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if page != "overview":
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


@pytest.mark.parametrize("page", ["overview", "modules", "cut_tree"])
@pytest.mark.parametrize("network", bundled_names())
def test_every_page_shows_every_network(page: str, network: str) -> None:
    app = opened(page, network=network)
    assert network in app.title[0].value
    assert not app.error
    assert not app.warning


def test_the_overview_says_how_modular_in_words() -> None:
    assert "Clearly modular" in text(opened(network="pair-modular"))
    assert "Not modular beyond chance" in text(opened(network="digits-plain"))


@pytest.mark.parametrize("weighting", ["path", "layer"])
def test_weightings_and_counts_of_a_link_are_taken(weighting: str) -> None:
    app = opened(network="digits-modular", weighting=weighting, k="3")
    assert app.selectbox(key="k").value == 3
    assert app.session_state["weighting_shown"] == weighting
    assert "three modules" in text(app)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"network": "nothing"}, "found no network 'nothing'"),
        ({"network": "../../etc/passwd"}, "found no network"),
        ({"network": "pair-modular", "k": "0"}, "k = '0'"),
        ({"network": "pair-modular", "k": "9" * 400}, "expected a whole number"),
        ({"network": "pair-modular", "weighting": "<b>"}, "weighting '<b>'"),
        ({"network": "pair-modular", "color": "red"}, "parameter 'color'"),
    ],
)
def test_a_bad_link_opens_the_overview_and_says_why(query: dict[str, str], said: str) -> None:
    app = opened(**query)
    assert said in app.warning[0].value
    assert app.title[0].value == "pair-modular"
    assert app.query_params["network"] == "pair-modular"


def test_a_warning_is_shown_once() -> None:
    app = opened(network="nothing")
    app.run()
    assert not app.warning


def test_a_network_without_a_task_is_shown_by_its_weights(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network_id = keep(Checkpoint("mine", MLP([5, 7, 3])))
    app = opened(network=network_id)
    assert "No task known here" in app.info[0].value
    assert app.session_state["weighting_shown"] == "path"
    assert "no data to run it on" in "".join(
        element.value for element in opened("modules", network=network_id).caption
    )
    assert opened("cut_tree", network=network_id).title


def test_a_network_of_zeros_has_no_modules() -> None:
    network = MLP([4, 3, 2])
    for weight in network.weights:
        torch.nn.init.zeros_(weight)
    network_id = keep(Checkpoint("zeros", network))
    assert "no weight of this network carries anything" in text(opened(network=network_id))
    assert "no modules" in opened("modules", network=network_id).info[0].value
    opened("cut_tree", network=network_id)


@pytest.mark.parametrize("section", ["What it does", "Examples", "Neurons", "Weights"])
@pytest.mark.parametrize("network", ["pair-modular", "xor4-modular"])
def test_every_section_of_a_module(section: str, network: str) -> None:
    app = opened("modules", network=network)
    app.segmented_control(key="section").set_value(section).run()
    assert not app.exception


def test_the_cut_tree_page_says_whether_the_modules_are_certified() -> None:
    assert "**Certified:** a minimum cut parts off module" in text(
        opened("cut_tree", network="pair-modular")
    )
    plain = text(opened("cut_tree", network="pair-plain"))
    assert "**Not certified:**" in plain
    assert "times what the heaviest neuron" in plain


def test_a_neuron_that_was_searched_is_shown_with_its_cut() -> None:
    app = opened("cut_tree", network="digits-plain")
    search = next(box for box in app.selectbox if box.label == "Find a neuron in the tree")
    search.select_index(100).run()
    assert not app.exception
    assert "This minimum cut isolates" in text(app)
