"""The page *Ability*, through Streamlit's own AppTest."""

import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from explorer import load
from explorer.auditing.history import history
from explorer.network.architectures import GPT, MLP
from explorer.network.checkpoint import Checkpoint, save
from explorer.network.tasks import registry
from explorer.store import fetch, keep
from explorer.ui import cache
from tests.auditing.networks import backdoored
from tests.pages.test_descriptions import captions, html, press
from tests.pages.test_pages import FRAME, ROOT, text

NETWORK = "xor4-modular"


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


def opened(page: str, **query: str) -> AppTest:
    """Open a page as a link does, without the overview before it, which takes longer than all."""
    app = AppTest.from_file(str(FRAME), default_timeout=60)
    app.query_params.update(query)
    app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not app.exception
    return app


def test_abilities_are_shown_whole_and_without_each_module():
    app = opened("ability", network=NETWORK)
    assert not app.error
    assert "whole network" in html(app)
    assert "without A" in html(app)
    assert "It takes clean accuracy from" in text(app)
    assert "20 random sets" in text(app)
    app.segmented_control(key="ability_measure").set_value("cross-entropy").run()
    assert not app.exception
    assert ">all</th>" in html(app)


def test_neurons_by_number_are_scaled_saved_and_opened():
    app = opened("ability", network=NETWORK)
    app.segmented_control(key="intervene_way").set_value("by number").run()
    assert "Choose at least one neuron." in captions(app)
    app.text_input(key="intervene_numbers").set_value("nine").run()
    assert "found 'nine'; expected numbers such as 70" in app.error[0].value
    app.text_input(key="intervene_numbers").set_value("9999").run()
    assert "expected 0 to 79" in app.error[0].value
    app.text_input(key="intervene_numbers").set_value("9, 12-13").run()
    assert not app.error
    app.segmented_control(key="intervene_kind").set_value("scale").run()
    app.slider(key="intervene_factor").set_value(0.0).run()
    press(app, "Save as a new network")
    assert not app.exception
    kept = app.session_state["network"]
    made = fetch(kept)
    (entry,) = history(made)
    assert (entry.did, entry.nodes, entry.of) == ("scale", (9, 12, 13), load(NETWORK).id)
    assert not made.network.weights[1][:, [1, 4, 5]].any()
    assert app.title[0].value == "Abilities of xor4-modular, repaired"
    assert "Neurons 9, 12 and 13 were scaled by 0" in text(app)
    assert app.query_params["network"] == kept


def finished(app):
    for _ in range(100):
        if "intervene_job" not in app.session_state:
            return app
        time.sleep(0.05)
        app.run()
    raise AssertionError("the repair did not end")


def test_a_known_attack_is_measured_and_repairs_are_compared():
    name = keep(backdoored())
    app = opened("ability", network=name)
    assert "attack success" in text(app)
    app.slider(key="intervene_steps").set_value(20).run()
    for button, title in (
        ("Intervene, then fine-tune", "then 20 steps on 200 examples"),
        ("Fine-prune", "fine-pruned, 20 steps"),
    ):
        press(app, button)
        finished(app)
        assert not app.exception
        assert not app.error
        assert title in " ".join(app.table[-1].value.index)
    assert list(app.table[-1].value.columns) == [
        "attack success",
        "clean accuracy",
        "cross-entropy",
    ]
    press(app, "Save and open it")
    entries = history(fetch(app.session_state["network"]))
    assert [entry.did for entry in entries] == ["fine-prune"]
    assert "This network was repaired" in text(app)
    assert list(app.table[0].value.index) == ["before", "after"]


def test_the_way_of_a_policy_is_drawn_before_and_after():
    task = registry.task("proxy-coin100-3")
    network = MLP([len(task.inputs), 6, len(task.outputs)])
    app = opened("ability", network=keep(Checkpoint("policy", network, task.name)), k="2")
    assert "proxy-following" in text(app)
    assert "**Before:** The agent" in text(app)
    assert "**After:** The agent" in text(app)
    assert captions(app).count("Of all walks with the coin outside that corner") == 2
    app.slider(key="intervene_coin").set_value(3).run()
    assert not app.exception


def test_networks_without_data_and_bad_histories_are_one_sentence(tmp_path):
    for sizes in ([5, 4, 3], [64, 12, 10]):
        app = opened("ability", network=keep(Checkpoint("odd", MLP(sizes))))
        assert not app.exception
        assert "there is no data to see" in app.info[0].value
    network = load(NETWORK).network
    odd = Checkpoint("bad history", network, "xor4", {"repairs": [{"did": "burn"}]})
    save(odd, tmp_path / "odd.safetensors")
    cache.network.clear()
    app = opened("ability", network=keep(odd))
    assert "among its repairs; expected the list" in app.warning[0].value
    assert "whole network" in html(app)
    press(app, "Save as a new network")
    assert not app.exception
    assert "among its repairs" in app.error[0].value


def test_stories_are_read_in_pairs_without_each_module(monkeypatch):
    stories = registry.task("stories")
    assert stories.winograd is not None
    pairs = stories.winograd()
    few = replace(pairs, right=pairs.right[:32], wrong=pairs.wrong[:32], lengths=pairs.lengths[:32])
    fewer = replace(stories, winograd=lambda: few)
    monkeypatch.setitem(registry._TASKS, "stories", fewer)
    network = GPT(tokens=146, width=8, heads=2, feed_forward=(6,))
    app = opened("ability", network=keep(Checkpoint("tiny", network, "stories")), k="2")
    assert not app.exception
    assert "not measured" in html(app)
    assert "the first 128 examples of the test split" in captions(app)
    app.segmented_control(key="intervene_kind").set_value("mean").run()
    assert "This cannot be saved as a network: found" in captions(app)
    press(app, "Read the pairs without each module")
    assert not app.exception
    assert "not measured" not in html(app)
