"""The folder of continued training: its settings, state, log, and the network that came out.

::

    settings.toml        the settings it was started with
    state.safetensors    the run at its last save; replaced as a whole
    log.csv              one row every so many steps
    network/             config.json, model.safetensors and the tokenizer, at the end
"""

import csv
import io
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path

import torch
from torch import Tensor

from explorer.errors import ConfigError, FileFormatError, RunFolderError
from explorer.network.architectures import Activity
from explorer.network.atomic import write_atomically
from explorer.training.pretrained.config import ContinuedConfig, read_config
from explorer.training.pretrained.loop import ContinuedTraining, Measured
from explorer.training.pretrained.result import HISTORY_KEY, write_result, write_tensors
from explorer.training.settings_file import toml_value

_COLUMNS = tuple(field.name for field in fields(Measured))


class ContinuedFolder:
    """Reads and writes the folder of a run."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    @property
    def network(self) -> Path:
        """Folder of the network that came out."""
        return self.path / "network"

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end."""
        return (self.network / "model.safetensors").is_file()

    @property
    def log_path(self) -> Path:
        """The file of logged rows."""
        return self.path / "log.csv"

    def begin(self, config: ContinuedConfig) -> None:
        """Note the settings; refuse a folder of a run with others.

        Raises
        ------
        ConfigError
            If a run with other settings is here.
        RunFolderError
            If the folder cannot be written.
        """
        place = self.path / "settings.toml"
        if place.is_file():
            found, wanted = read_config(place).to_dict(), config.to_dict()
            odd = next((k for k, v in wanted.items() if found[k] != v), None)
            if odd is not None:
                raise ConfigError(
                    f"{self.path.name} holds a run with {odd} = {found[odd]!r:.60}; expected "
                    f"{wanted[odd]!r:.60}: give another output, or the same settings"
                )
            return
        lines = [f"{key} = {toml_value(value)}\n" for key, value in config.to_dict().items()]
        try:
            write_atomically(place, "".join(lines).encode())
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def save(self, run: ContinuedTraining) -> None:
        """Write the state of a run; a network with weights that are not finite is not written.

        Raises
        ------
        RunFolderError
            If it cannot be written; the last state is then still there.
        """
        if not all(bool(weight.isfinite().all()) for weight in run.parameters):
            return
        about = {"steps_done": run.steps_done, "processes": run.processes.count, "seen": run.seen}
        try:
            write_tensors(self._state, _tensors_of(run), {HISTORY_KEY: json.dumps(about)})
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def resume(self, run: ContinuedTraining) -> None:
        """Set a run to what was saved last, if anything was.

        Raises
        ------
        ConfigError
            If it was saved by another number of processes.
        FileFormatError
            If the file was damaged.
        """
        if not self._state.is_file():
            return
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self._state, "pt") as file:
                about = json.loads(file.metadata()[HISTORY_KEY])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            count, steps, seen = about["processes"], int(about["steps_done"]), list(about["seen"])
            if count != run.processes.count:
                raise ConfigError(
                    f"found a run of {count} processes in {self.path.name}; expected as many now, "
                    f"not {run.processes.count}: text is dealt to processes, so another number "
                    f"would go another way"
                )
            _restore(run, tensors)
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as problem:
            if isinstance(problem, ConfigError):
                raise
            raise FileFormatError(
                f"{self._state.name} in {self.path.name} cannot be read as the state of this run "
                f"({type(problem).__name__}); expected one that continued training wrote"
            ) from problem
        run.steps_done, run.seen = steps, seen

    def log(self, row: Measured) -> None:
        """Append one row to the log; rows of later steps, of a run that was killed, go."""
        kept = [old for old in self.rows() if old["step"] < row.step]
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        for one in [*kept, asdict(row)]:
            writer.writerow({k: f"{v:.6g}" for k, v in one.items()})
        try:
            write_atomically(self.log_path, text.getvalue().encode())
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def rows(self) -> list[dict[str, float]]:
        """Read the log."""
        if not self.log_path.is_file():
            return []
        lines = self.log_path.read_text("utf-8").splitlines()
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(lines)]

    def finish(self, run: ContinuedTraining) -> None:
        """Write the network that came out; see ``explorer.training.pretrained.result``."""
        rows = self.rows()
        history = {
            "continued_from": {"name": run.base.name, "id": run.base.id},
            "config": run.config.to_dict(),
            "processes": run.processes.count,
            "first": _finite(rows[0]) if rows else {},
            "last": _finite(rows[-1]) if rows else {},
        }
        try:
            write_result(run.base, run.network, self.network, history)
        except OSError as problem:
            raise self._unwritable(problem) from problem

    @property
    def _state(self) -> Path:
        return self.path / "state.safetensors"

    def _unwritable(self, problem: OSError) -> RunFolderError:
        return RunFolderError(
            f"the folder {str(self.path)!r:.200} cannot be written ({problem.strerror}); what was "
            f"saved before is still there"
        )


def _tensors_of(run: ContinuedTraining) -> dict[str, Tensor]:
    tensors = {f"weight.{name}": p.detach() for name, p in run.network.named_parameters()}
    for index, slots in run.optimiser.slots.items():
        tensors |= {f"optimiser.{index}.{name}": value for name, value in slots.items()}
    tensors |= {f"modules.{name}": value for name, value in run.modules.state().items()}
    tensors["found_at"] = torch.tensor(run.found_at)
    if run.activity is not None:
        tensors |= {f"mean.{at}": mean for at, mean in enumerate(run.activity.mean)}
        tensors |= {f"share.{at}": share for at, share in enumerate(run.activity.active_share)}
    return tensors


def _restore(run: ContinuedTraining, tensors: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        for name, weight in run.network.named_parameters():
            weight.copy_(tensors[f"weight.{name}"])
    slots: dict[int, dict[str, Tensor]] = {}
    for key, value in _under("optimiser.", tensors).items():
        index, _, name = key.partition(".")
        # Steps are counted on the CPU, wherever the averages are.
        there = value if name == "step" else value.to(run.parameters[int(index)].device)
        slots.setdefault(int(index), {})[name] = there
    run.optimiser.restore(slots)
    run.modules.restore(_under("modules.", tensors))
    run.found_at = int(tensors["found_at"])
    means, shares = _under("mean.", tensors), _under("share.", tensors)
    if means:
        device, order = run.processes.device, sorted(means, key=int)
        run.activity = Activity(
            tuple(means[key].to(device) for key in order),
            tuple(shares[key].to(device) for key in order),
        )


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _finite(row: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in row.items() if value == value}
