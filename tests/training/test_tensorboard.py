"""Rows for TensorBoard: written where it is installed, left out where it is not."""

import sys
from types import ModuleType

from explorer.training import tensorboard
from explorer.training.tensorboard import board_writer


def test_where_it_is_installed_every_figure_is_a_scalar(tmp_path, monkeypatch):
    written = []

    class Writer:
        def __init__(self, log_dir):
            self.log_dir = log_dir

        def add_scalar(self, name, value, step):
            written.append((self.log_dir, name, value, step))

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = Writer
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr(tensorboard, "find_spec", lambda name: name)
    board_writer(tmp_path).add({"step": 20, "task_loss": 0.5, "penalty": 0.25})
    folder = str(tmp_path / "tensorboard")
    assert written == [(folder, "task_loss", 0.5, 20), (folder, "penalty", 0.25, 20)]


def test_where_it_is_not_installed_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(tensorboard, "find_spec", lambda name: None)
    board_writer(tmp_path).add({"step": 20, "task_loss": 0.5})
    assert list(tmp_path.iterdir()) == []
