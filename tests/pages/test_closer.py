"""The sections of made inputs and of words, and what is pinned there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.curation.pins import Pins
from explorer.errors import CurationError
from tests.pages.test_pages import opened, text


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    monkeypatch.setenv("EXPLORER_DATABASE_URL", f"sqlite:///{tmp_path}/texts.sqlite")
    yield


def section(name: str, **query: str) -> AppTest:
    app = opened("modules", **query)
    app.segmented_control(key="section").set_value(name).run()
    assert not app.exception
    return app


def press(app: AppTest, start: str) -> AppTest:
    """Press the first button whose key starts like this."""
    next(button for button in app.button if str(button.key).startswith(start)).click()
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("network", ["pair-modular", "xor4-modular"])
def test_made_inputs_stand_beside_the_best_of_the_data(network: str) -> None:
    said = text(section("Visualised", network=network))
    assert "Inputs made for it" in said
    assert "the best of the data" in said
    assert "unrelated features" in said
    assert "chance:" in said


def test_words_are_offered_of_text_networks_only() -> None:
    app = opened("modules", network="pair-modular")
    assert list(app.segmented_control(key="section").options)[-1] == "Visualised"


def test_another_network_has_other_sections() -> None:
    app = section("Words", network="stories-plain")
    said = text(app)
    assert "Words that it promotes" in said
    assert "without as many neurons at random" in said
    app.selectbox(key="network").set_value("pair-modular").run()
    assert not app.exception
    assert app.segmented_control(key="section").value == "What it does"


def test_a_snippet_is_pinned_named_moved_and_removed() -> None:
    app = section("Words", network="stories-plain")
    assert "Nothing yet" in " ".join(element.value for element in app.caption)
    for order in ("by token", "as in the texts"):
        app.selectbox(key="words-order").set_value(order).run()
    press(app, "pin-snippet")
    app.segmented_control(key="words-which").set_value("Needed most").run()
    press(app, "pin-snippet")
    first, second = Pins().list(network_of(app))
    app.text_input(key=f"pin-name-{second.id}").set_value("what is needed").run()
    press(app, f"pin-Up-{second.id}")
    found = Pins().list(network_of(app))
    assert [pin.id for pin in found] == [second.id, first.id]
    assert found[0].name == "what is needed"
    for order in ("name", "newest first"):
        app.selectbox(key="pins-order").set_value(order).run()
        assert not app.exception
    press(app, f"pin-remove-{first.id}")
    assert [pin.id for pin in Pins().list(network_of(app))] == [second.id]


def test_a_made_input_is_pinned() -> None:
    app = press(section("Visualised", network="xor4-modular"), "pin-made")
    (pin,) = Pins().list(network_of(app))
    assert pin.kind == "made"
    assert len(pin.payload["values"]) == 8
    assert pin.part.startswith("A of ")
    other = section("Visualised", network="xor4-modular", module="B")
    assert "Nothing yet" in " ".join(element.value for element in other.caption)


def test_what_somebody_else_pinned_is_not_trusted() -> None:
    app = press(section("Visualised", network="xor4-modular"), "pin-made")
    (pin,) = Pins().list(network_of(app))
    Pins().add(pin.network_id, pin.part, "made", {"values": "<script>"}, "<script>")
    Pins().add(pin.network_id, pin.part, "movie", {}, "film")
    app.run()
    assert not app.exception
    said = " ".join(element.value for element in app.caption)
    assert "cannot be drawn" in said
    assert "kind 'movie'" in said


def test_pins_that_cannot_be_kept_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    app = section("Visualised", network="xor4-modular")

    def full(self: Pins, *given: object, **more: object) -> None:
        raise CurationError("found a full disk; expected some space")

    monkeypatch.setattr(Pins, "add", full)
    press(app, "pin-made")
    assert "full disk" in app.error[0].value
    monkeypatch.setattr(Pins, "list", full)
    app.run()
    assert "full disk" in app.error[0].value
    assert "Inputs made for it" in text(app)


def test_interfaces_and_neurons_can_be_looked_at_closer() -> None:
    app = opened("modules", network="pair-modular", interface="A-B")
    app.segmented_control(key="closer-interface").set_value("Visualised").run()
    assert not app.exception
    assert "Inputs made for it" in text(app)
    app = section("Neurons", network="pair-modular")
    app.segmented_control(key="closer-neuron").set_value("Visualised").run()
    assert not app.exception
    assert "This neuron stands for about" in text(app)


def network_of(app: AppTest) -> str:
    from explorer.network.load import load

    return load(app.session_state["network"]).id
