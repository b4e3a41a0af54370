"""A run in a folder: resumed exactly, stopped by a signal, opened by others when it is finished."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from explorer.errors import ConfigError, FileFormatError, TrainingDivergedError
from explorer.network.load import load
from explorer.training.pretrained import __main__ as command
from explorer.training.pretrained.keeping import ContinuedFolder
from explorer.training.pretrained.loop import ContinuedTraining
from explorer.training.pretrained.result import history_of
from explorer.training.pretrained.run import continue_training


def stopped_at(config, step: int, monkeypatch) -> None:
    """Run until a step, and send this process the signal that Ctrl+C sends."""
    whole = ContinuedTraining.step

    def then_stop(self: ContinuedTraining) -> float:
        if self.steps_done == step - 1:
            os.kill(os.getpid(), signal.SIGINT)
        return whole(self)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt, match="goes on"):
        patched.setattr(ContinuedTraining, "step", then_stop)
        continue_training(config)


def test_a_stopped_run_goes_on_exactly_as_if_there_had_been_no_stop(
    config, tmp_path, monkeypatch
) -> None:
    whole = continue_training(config)
    other = replace(config, output=str(tmp_path / "other"))
    handler = signal.getsignal(signal.SIGINT)
    stopped_at(other, 3, monkeypatch)
    stopped_at(other, 8, monkeypatch)  # at a measurement
    assert signal.getsignal(signal.SIGINT) is handler
    assert not ContinuedFolder(other.output).finished
    again = continue_training(other)
    first, second = (load_file(place / "model.safetensors") for place in (whole, again))
    assert all(torch.equal(first[name], second[name]) for name in first)
    logs = [ContinuedFolder(c.output).log_path.read_text() for c in (config, other)]
    assert logs[0] == logs[1]
    rows = ContinuedFolder(config.output).rows()
    assert [row["step"] for row in rows] == [0, 4, 8, 12]
    assert continue_training(other) == again  # finished: nothing is done twice


def test_what_comes_out_is_a_folder_that_others_open(config, llama_folder) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place = continue_training(config)
    opened = load(place)
    tokens = torch.arange(10)[None]
    theirs = AutoModelForCausalLM.from_pretrained(place)
    assert torch.allclose(opened.network(tokens), theirs(tokens).logits, atol=1e-5)
    assert not torch.allclose(opened.network(tokens), load(llama_folder).network(tokens), atol=0.1)
    assert opened.origin.tokenizer == str(place)
    assert AutoTokenizer.from_pretrained(place)("w3 w7")["input_ids"] == [3, 7]
    assert json.loads((place / "config.json").read_text())["eos_token_id"] == 3
    history = history_of(place)
    assert history["config"] == config.to_dict()
    assert history["continued_from"]["id"] == load(llama_folder).id
    assert history["last"]["held_out_loss"] < history["first"]["held_out_loss"]
    assert history_of(llama_folder) == {}


def test_our_own_gpt_comes_out_as_it_went_in(tmp_path) -> None:
    (tmp_path / "stories.txt").write_text("a lion fed the wolf because it was kind . " * 40)
    (tmp_path / "run.toml").write_text(
        f"network = 'stories-plain'\ntext = '{tmp_path}/stories.txt'\n"
        f"output = '{tmp_path}/run'\nsteps = 1\nlength = 8\nmodule_count = 4\n"
    )
    assert command.main([str(tmp_path / "run.toml")]) == 0
    opened = load(tmp_path / "run" / "network")
    assert opened.task_name == "stories"
    assert opened.network.describe() == load("stories-plain").network.describe()
    assert opened.config["continued"]["continued_from"]["name"] == "stories-plain"


def test_a_run_that_diverges_keeps_its_last_good_state(config) -> None:
    wild = replace(config, learning_rate=1e2, clip=1e6, warm_up=0, weight_decay=99.0)
    with pytest.raises(TrainingDivergedError, match="expected finite numbers"):
        continue_training(wild)
    state = load_file(Path(config.output) / "state.safetensors")
    assert all(bool(tensor.isfinite().all()) for tensor in state.values())


def test_a_folder_holds_one_run(config, monkeypatch) -> None:
    stopped_at(config, 2, monkeypatch)
    with pytest.raises(ConfigError, match="a run with seed = 0; expected 1"):
        continue_training(replace(config, seed=1))
    state = Path(config.output) / "state.safetensors"
    state.write_bytes(state.read_bytes()[:-100])
    with pytest.raises(FileFormatError, match="cannot be read as the state of this run"):
        continue_training(config)


def test_the_command_says_what_is_wrong_in_one_sentence(tmp_path, capsys, monkeypatch) -> None:
    assert command.main([]) == 2
    assert "Usage: python -m explorer.training.pretrained" in capsys.readouterr().err
    assert command.main(["--example"]) == 0
    (tmp_path / "example.toml").write_text(capsys.readouterr().out)
    monkeypatch.chdir(tmp_path)
    assert command.main(["missing.toml"]) == 1
    assert capsys.readouterr().err.startswith("Error: 'missing.toml' cannot be read")
    monkeypatch.setattr("explorer.training.pretrained.processes.find_spec", lambda name: None)
    for launcher in ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE"):
        with monkeypatch.context() as started:
            started.setenv(launcher, "2")
            assert command.main(["example.toml"]) == 1
        said = capsys.readouterr().err
        assert "found 2 processes, but accelerate is not installed; expected it" in said
