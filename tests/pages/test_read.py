"""The reading quiz, through Streamlit's own AppTest."""

from dataclasses import replace

import pytest
import torch

from explorer import load
from explorer.curation.answers import Answers
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.store import keep
from explorer.ui import text_cache
from explorer.ui.descriptions.worker import Worker
from tests.pages.test_descriptions import QuickModel, captions, html, press, settled
from tests.pages.test_pages import opened, text

NETWORK = "xor4-modular"


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    monkeypatch.delenv("EXPLORER_DATABASE_URL", raising=False)


def question(app):
    return app.session_state["quiz_question"]


def answer(app, right=True):
    asked = question(app)
    at = asked.right if right else (asked.right + 1) % 4
    app.radio[0].set_value(at).run()
    return press(app, "Answer")


def test_a_question_shows_evidence_and_four_texts_but_not_whose_they_are():
    app = opened("read", network=NETWORK)
    asked = question(app)
    assert len(app.radio[0].options) == 4
    shown = text(app) + captions(app) + html(app)
    assert not any(option in shown for option in asked.options)
    assert f"Module {asked.part}" not in shown
    assert "Most active on" in shown
    assert "What it reads" in shown


def test_marks_in_the_texts_to_choose_from_stay_letters():
    app = opened("read", network=NETWORK)
    marked = replace(question(app), options=('Active on "`", "`".', "*b*", "c", "d"))
    app.session_state["quiz_question"] = marked
    app.run()
    assert app.radio[0].options == [r'Active on "\`", "\`".', r"\*b\*", "c", "d"]


def test_answers_are_told_kept_and_counted():
    app = answer(opened("read", network=NETWORK))
    assert f"Right: it is module {question(app).part}" in app.success[0].value
    assert "1 of 1 right" in text(app)
    first = question(app).part
    press(app, "Next question")
    assert question(app).part != first
    answer(app, right=False)
    assert "That describes module" in app.warning[0].value
    assert "**You:** 1 of 2 right" in text(app)
    kept = Answers().list(load(NETWORK).id)
    assert [one.hit for one in kept] == [True, False]
    again = opened("read", network=NETWORK)  # another visit, or a reload
    assert "**All people:** 1 of 2 right" in text(again)


def test_a_language_model_answers_the_same_questions(monkeypatch):
    worker = Worker(lambda spec, progress: QuickModel())
    monkeypatch.setattr(text_cache, "worker", lambda: worker)
    app = answer(opened("read", network=NETWORK))
    app = settled(press(app, "Ask it (1 question)"))
    (found,) = Answers().list(load(NETWORK).id, "Quick")
    assert found.options == question(app).options
    assert "**Quick:** 1 of 1 right" in text(app)


def test_a_network_with_two_modules_is_asked_about_with_texts_of_a_like_one():
    app = opened("read", network="pair-modular")
    assert len(set(question(app).options)) == 4


def test_an_answer_that_cannot_be_kept_is_told(monkeypatch):
    monkeypatch.setenv("EXPLORER_DATABASE_URL", "sqlite:////proc/none/texts.sqlite")
    app = answer(opened("read", network=NETWORK))
    assert any("Your answer is not kept" in error.value for error in app.error)
    assert app.success  # and the answer is told nonetheless


def test_a_network_without_modules_has_nothing_to_ask():
    network = MLP([4, 3, 2])
    for weight in network.weights:
        torch.nn.init.zeros_(weight)
    app = opened("read", network=keep(Checkpoint("zeros", network)))
    assert "too few modules" in app.info[0].value


def test_a_network_without_a_task_has_no_evidence_to_read():
    torch.manual_seed(0)
    app = opened("read", network=keep(Checkpoint("mine", MLP([6, 8, 8, 3]))))
    assert "task is not known" in app.info[0].value
    assert not app.radio
