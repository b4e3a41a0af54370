"""Scores of texts that take long: said beforehand, shown as they go, stopped by people."""

import streamlit as st

from explorer.ui import text_cache
from explorer.ui.descriptions import judging
from explorer.ui.view_state import View
from tests.pages.test_pages import opened


class FakeTask:
    """A task that reads text."""

    is_text = True


def test_how_long_a_text_network_takes_is_said_beforehand(monkeypatch):
    view = View(network="xor4-modular")
    assert "some seconds" in judging.scoring_estimate(view, ["A", "A-B"])

    class Network:
        task = FakeTask()

    monkeypatch.setattr("explorer.ui.cache.network", lambda name: Network())
    assert "about 20 s the first time" in judging.scoring_estimate(view, ["A", "B"])
    assert "about 32 s" in judging.scoring_estimate(view, ["A", "A-B"])


def test_scoring_shows_how_far_it_is_and_can_be_stopped(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    seen = []
    monkeypatch.setattr(
        judging._Bar, "show", lambda self, fraction, said: seen.append((fraction, said))
    )
    app = opened("descriptions", network="xor4-modular")
    assert "find out what chance gives" in "\n".join(one.value for one in app.caption)
    next(one for one in app.button if one.label == "Score all texts").click().run()
    assert not app.exception
    fractions = [fraction for fraction, said in seen if said.startswith("Scoring")]
    assert fractions == [done / 10 for done in range(10)]
    assert any("what chance gives" in said for _, said in seen)
    assert app.dataframe[0].value["simulation"].notna().any()
    seen.clear()
    app.run()
    assert seen == []  # what is known is not shown to be computed


def test_who_stops_takes_back_what_was_asked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))

    def stopped(*_):
        st.stop()  # as Streamlit does, once a button is pressed

    monkeypatch.setattr(text_cache, "scores", stopped)
    app = opened("descriptions", network="xor4-modular")
    next(one for one in app.button if one.label == "Score all texts").click().run()
    next(one for one in app.button if one.label == "Stop").click().run()
    assert "Score all texts" in [one.label for one in app.button]
    assert app.dataframe[0].value["simulation"].isna().all()
