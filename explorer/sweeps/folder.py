"""The folder of a sweep: its grid, and one record and one network for every run.

::

    grid.toml              what is run
    runs/ID.json           settings and figures of a run, or the sentence that says why it failed
    runs/ID.safetensors    its network
    lock                   held by the process that runs the sweep
    stop                   written to ask that process to stop

A run is done when its record is there. Records are whole files, written by one process, so that
whenever that process or a worker dies, nothing is lost that was done, and nothing counts twice.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.errors import ExplorerError, SweepError, UnknownNetworkError
from explorer.network.checkpoint import Checkpoint
from explorer.network.load import load_bytes
from explorer.sweeps.figures import RunFigures
from explorer.sweeps.grid import SweepGrid, grid_text, read_grid, run_id
from explorer.sweeps.work_folder import WorkFolder
from explorer.training.config import TrainingConfig

_VERSION = 1  # of the figures: what another version measured is measured again


@dataclass(frozen=True)
class RunRecord:
    """A run of a sweep that has come to its end.

    Attributes
    ----------
    config : TrainingConfig
    figures : RunFigures or None
        None where it failed.
    failed : str or None
        One sentence that says why there are no figures.
    modules : int
        Number of modules that were looked for, at most; 0: chosen.
    """

    config: TrainingConfig
    figures: RunFigures | None = None
    failed: str | None = None
    modules: int = 0

    @property
    def id(self) -> str:
        """Name of the run: the hash of its settings."""
        return run_id(self.config)


class SweepFolder(WorkFolder):
    """A sweep on disk.

    Parameters
    ----------
    path : path

    Examples
    --------
    >>> import tempfile
    >>> folder = SweepFolder(tempfile.mkdtemp())
    >>> folder.write_grid(SweepGrid({"task": "xor4", "hidden": [8]}, {"seed": [0, 1]}))
    >>> len(folder.grid().configs), folder.records(), folder.running
    (2, {}, False)
    """

    what, parts, error = "sweep", "runs", SweepError

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path)
        self._read: dict[str, RunRecord] = {}

    @property
    def exists(self) -> bool:
        """Whether there is a sweep."""
        return (self.path / "grid.toml").is_file()

    def grid(self) -> SweepGrid:
        """Read what is run.

        Raises
        ------
        SweepError
            If there is no sweep here.
        ConfigError
            If the grid was damaged.
        """
        if not self.exists:
            raise SweepError(
                f"found no sweep in {str(self.path)!r:.200}; expected a folder with a grid.toml"
            )
        return read_grid(self.path / "grid.toml")

    def write_grid(self, grid: SweepGrid) -> None:
        """Say what is run; runs of an earlier grid that are in this one too stay done."""
        self._write("grid.toml", grid_text(grid).encode())

    def records(self, grid: SweepGrid | None = None) -> dict[str, RunRecord]:
        """Read the runs of the grid that have come to their end, in the grid's order, by id."""
        grid = grid or self.grid()
        configs, modules = grid.by_id, grid.measured_modules
        for id_ in configs:
            if id_ in self._read and self._read[id_].modules != modules:
                del self._read[id_]
            if id_ not in self._read:
                record = self._record(id_, configs[id_], modules)
                if record is not None:
                    self._read[id_] = record
        return {id_: self._read[id_] for id_ in configs if id_ in self._read}

    def add(self, record: RunRecord, network: bytes = b"") -> None:
        """Keep a run: first its network, then the record that says it is done.

        Raises
        ------
        SweepError
            If it cannot be written, for example because the disk is full.
        """
        kept: dict[str, Any] = {"version": _VERSION, "settings": record.config.to_dict()}
        if record.figures is None:
            kept["failed"] = record.failed
        else:
            kept["figures"] = record.figures.to_dict()
            kept["measured_modules"] = record.modules
            self._write(f"runs/{record.id}.safetensors", network)
        text = json.dumps(kept, indent=1, allow_nan=False)
        self._write(f"runs/{record.id}.json", text.encode())
        self._read[record.id] = record

    def network(self, id_: str) -> Checkpoint:
        """Open the network of a run.

        Raises
        ------
        CheckpointError
            If there is none, or it was damaged.
        """
        path = self.path / "runs" / f"{Path(id_).name}.safetensors"
        try:
            data = path.read_bytes()
        except OSError as problem:
            raise UnknownNetworkError(
                f"the network of the run {id_:.60} cannot be read ({problem.strerror}); expected "
                f"a file at {path}"
            ) from problem
        return load_bytes(data, path.name, recorded_name=True)

    def _record(self, id_: str, config: TrainingConfig, modules: int) -> RunRecord | None:
        """Read a record; None where there is none, or it is of no use and must be made again."""
        now = config.to_dict()
        try:
            kept = json.loads((self.path / "runs" / f"{id_}.json").read_bytes())
            changed = any(now.get(name) != value for name, value in kept["settings"].items())
            # Earlier versions did not say what was measured.
            changed |= kept.get("measured_modules", modules) != modules
            if kept["version"] != _VERSION or changed:
                return None
            if "failed" in kept:
                return RunRecord(config, failed=str(kept["failed"]), modules=modules)
            figures = RunFigures.from_dict(kept["figures"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ExplorerError):
            return None
        there = (self.path / "runs" / f"{id_}.safetensors").is_file()
        return RunRecord(config, figures, modules=modules) if there else None
