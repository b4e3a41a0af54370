"""The spare on the pages *Train* (to choose it) and *Ability* (to ablate it)."""

import pytest

from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.store import keep
from explorer.training.config import TrainingConfig
from explorer.ui.live import registry
from tests.pages import test_train as train_page
from tests.pages.test_ability import opened
from tests.pages.test_descriptions import captions


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[TrainingConfig]:
    """Runs that would have been started; no process is."""
    found: list[TrainingConfig] = []

    def start_run(config: TrainingConfig, name: str, go_on: bool = False) -> tuple[str, str]:
        found.append(config)
        return "r" * 24, "token"

    monkeypatch.setattr(registry, "start_run", start_run)
    return found


def test_the_spare_is_the_first_choice_where_there_is_one() -> None:
    config = TrainingConfig(
        task="backdoor-corner-3", hidden=(12, 10), spare=2, trusted=50, steps=1
    ).to_dict()
    made = Checkpoint("spared", MLP([64, 12, 10, 10]), "backdoor-corner-3", config)
    app = opened("ability", network=keep(made))
    assert app.segmented_control(key="intervene_way").value == "the spare"
    assert "Neurons 74, 75, 84, 85: the spare that it was trained with." in captions(app)


def test_a_spare_is_chosen_in_the_form(started: list[TrainingConfig]) -> None:
    app = train_page.opened()
    app.button_group(key="train_preset").set_value("spare").run()
    assert app.selectbox(key=train_page.field(app, "task")).value == "backdoor-corner-1"
    assert any("A spare is for data that nobody vouches for" in text.value for text in app.caption)
    app.number_input(key=train_page.field(app, "trusted")).set_value(100).run()
    train_page.press_start(app)
    config = started[0]
    assert (config.spare, config.trusted, config.l1_coefficient) == (8, 100, 1e-3)
    app.number_input(key=train_page.field(app, "trusted")).set_value(0).run()
    train_page.press_start(app)
    assert "found a spare without trusted examples" in app.error[0].value
    app.number_input(key=train_page.field(app, "trusted")).set_value(201).run()
    train_page.press_start(app)
    assert "expected 1 to 200" in app.error[0].value
    assert len(started) == 1


def test_a_spare_for_a_task_without_trusted_examples_of_its_own(
    started: list[TrainingConfig],
) -> None:
    app = train_page.opened()
    app.number_input(key=train_page.field(app, "spare")).set_value(4).run()
    app.number_input(key=train_page.field(app, "trusted")).set_value(50).run()
    train_page.press_start(app)
    assert (started[0].task, started[0].spare) == ("xor4", 4)
