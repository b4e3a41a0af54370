"""Two processes make the network that one makes of the same text."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from explorer.errors import ConfigError
from explorer.training.pretrained.config import ContinuedConfig
from explorer.training.pretrained.keeping import ContinuedFolder
from explorer.training.pretrained.result import history_of
from explorer.training.pretrained.run import continue_training


@pytest.fixture
def small(config: ContinuedConfig) -> ContinuedConfig:
    # Modules stay those of the start: by rounding alone a later search could find others.
    return replace(config, steps=4, refresh=0, measure_every=2)


def by_two(config: ContinuedConfig, place: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as torchrun starts it, twice."""
    lines = [
        f"{name} = {value!r}" for name, value in config.to_dict().items() if name != "penalty_ramp"
    ]
    place.write_text("\n".join([*lines, f"penalty_ramp = {list(config.penalty_ramp)}"]))
    ran = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    return subprocess.run(
        [*ran, "-m", "explorer.training.pretrained", str(place)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_two_processes_do_what_one_does_with_twice_the_batch(small, tmp_path) -> None:
    pytest.importorskip("accelerate")
    alone = continue_training(replace(small, batch_size=4, accumulate=2))
    both = replace(small, batch_size=2, accumulate=2, output=str(tmp_path / "both"))
    ended = by_two(both, tmp_path / "both.toml")
    assert ended.returncode == 0, ended.stderr[-3_000:]
    folder = ContinuedFolder(both.output)
    assert ended.stderr.count("2 processes, ") == 1
    assert ended.stderr.count("step 4:") == 1  # one process speaks
    one, two = (load_file(place / "model.safetensors") for place in (alone, folder.network))
    for name in one:
        assert torch.allclose(one[name], two[name], atol=1e-5), name
    for first, second in zip(ContinuedFolder(small.output).rows(), folder.rows(), strict=True):
        for key in ("held_out_loss", "inside", "q_b"):
            assert first[key] == pytest.approx(second[key], abs=1e-4)
    assert history_of(folder.network)["processes"] == 2
    # What two processes saved is not for one to go on with.
    (folder.network / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match="found a run of 2 processes in both; expected as many"):
        continue_training(both)


@pytest.mark.parametrize(
    ("count", "status"), [("2", 3), ("1", -signal.SIGABRT), ("x", -signal.SIGABRT)]
)
def test_one_of_several_ends_before_the_interpreter_is_taken_apart(count: str, status: int) -> None:
    # What a thread of gloo does by chance, this does for certain.
    lines = (
        "import atexit, os; from explorer.training.pretrained.processes import leave; "
        "atexit.register(os.abort); print('said', end=''); leave(3)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", lines],
        env={**os.environ, "WORLD_SIZE": count},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == status, ended.stderr
    assert count != "2" or ended.stdout == "said"
