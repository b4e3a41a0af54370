"""The spare on the page *Ability*: a network that was trained with one offers to ablate it."""

import pytest

from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.store import keep
from explorer.training.config import TrainingConfig
from tests.pages.test_ability import opened
from tests.pages.test_descriptions import captions


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


def test_the_spare_is_the_first_choice_where_there_is_one() -> None:
    config = TrainingConfig(
        task="backdoor-corner-3", hidden=(12, 10), spare=2, trusted=50, steps=1
    ).to_dict()
    made = Checkpoint("spared", MLP([64, 12, 10, 10]), "backdoor-corner-3", config)
    app = opened("ability", network=keep(made))
    assert app.segmented_control(key="intervene_way").value == "the spare"
    assert "Neurons 74, 75, 84, 85: the spare that it was trained with." in captions(app)
