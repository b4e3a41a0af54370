"""All that a run needs to go on exactly: kept in a file of tensors, never in a pickle."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from explorer.errors import ConfigError, FileFormatError
from explorer.network.architectures import Activity
from explorer.network.atomic import write_atomically
from explorer.training.config import TrainingConfig

if TYPE_CHECKING:
    from explorer.training.loop import Training

_KEY = "modular-network-explorer-run"


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A run at one moment.

    Attributes
    ----------
    config : TrainingConfig
    steps_done : int
    tensors : mapping of str to Tensor
        Weights (``network.``), optimiser (``optimiser.``), random state, activity averages
        (``mean.``, ``active.``), the structure of the loss (``loss.``) and the weights that were
        not cut (``stay.``).
    """

    config: TrainingConfig
    steps_done: int
    tensors: Mapping[str, Tensor]


def training_state(training: "Training") -> TrainingState:
    """Copy everything that changes in a run."""
    tensors = {f"network.{k}": v.detach().clone() for k, v in training.network.state_dict().items()}
    for index, slots in training.optimiser.slots.items():
        tensors |= {f"optimiser.{index}.{k}": v.detach().clone() for k, v in slots.items()}
    tensors["random"] = training.generator.get_state()
    if training.activity is not None:
        for site, mean in enumerate(training.activity.mean):
            tensors[f"mean.{site}"] = mean.clone()
        for site, share in enumerate(training.activity.active_share):
            tensors[f"active.{site}"] = share.clone()
    if training.stay is not None:
        tensors |= {f"stay.{index}": stays.clone() for index, stays in enumerate(training.stay)}
    tensors |= {f"loss.{name}": value.clone() for name, value in training.loss.state().items()}
    return TrainingState(training.config, training.steps_done, tensors)


def restore_training(training: "Training", state: TrainingState, same_changes: bool = True) -> None:
    """Set a run to a state.

    Raises
    ------
    ConfigError
        If the state is that of a run with other settings.
    """
    # What was changed in mid-run belongs to the state, not to the settings that it must match.
    wanted, found = (replace(c, changes=()) for c in (training.config, state.config))
    if wanted != found:
        odd = [k for k, v in wanted.to_dict().items() if found.to_dict()[k] != v]
        raise ConfigError(
            f"found a run with {odd[0]} = {found.to_dict()[odd[0]]!r:.60}; expected "
            f"{wanted.to_dict()[odd[0]]!r:.60}: a run can only be resumed with its own settings"
        )
    tensors = state.tensors
    training.network.load_state_dict(_under("network.", tensors))
    slots: dict[int, dict[str, Tensor]] = {}
    for key, value in _under("optimiser.", tensors).items():
        index, _, name = key.partition(".")
        slots.setdefault(int(index), {})[name] = value.clone()
    training.optimiser.restore(slots)
    training.generator.set_state(tensors["random"])
    means, shares = _under("mean.", tensors), _under("active.", tensors)
    training.activity = Activity(_in_order(means), _in_order(shares)) if means and shares else None
    training.stay = _in_order(_under("stay.", tensors)) or None
    training.loss.restore(_under("loss.", tensors))
    training.steps_done = state.steps_done
    if same_changes:
        training.config = state.config


def save_state(state: TrainingState, path: str | os.PathLike[str]) -> Path:
    """Write a state to a file; it appears whole or not at all.

    Raises
    ------
    OSError
        If the file cannot be written, for example because the disk is full.
    """
    from safetensors.torch import save as to_bytes

    about = {"config": state.config.to_dict(), "steps_done": state.steps_done}
    tensors = {name: tensor.contiguous() for name, tensor in state.tensors.items()}
    target = Path(path)
    write_atomically(target, to_bytes(tensors, metadata={_KEY: json.dumps(about, sort_keys=True)}))
    return target


def load_state(path: str | os.PathLike[str]) -> TrainingState:
    """Read a state that ``save_state`` wrote.

    Raises
    ------
    FileFormatError
        If the file is none.
    ConfigError
        If its settings are out of range.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as from_bytes

    name = Path(path).name
    try:
        data = Path(path).read_bytes()
        tensors = from_bytes(data)
        header: dict[str, Any] = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        about = json.loads(header["__metadata__"][_KEY])
        steps_done, config = int(about["steps_done"]), dict(about["config"])
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as problem:
        raise FileFormatError(
            f"{name} cannot be read as the state of a run ({type(problem).__name__}); expected a "
            f"file that explorer.training.state.save_state wrote"
        ) from problem
    return TrainingState(TrainingConfig.from_dict(config), steps_done, tensors)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _in_order(numbered: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
    return tuple(numbered[key] for key in sorted(numbered, key=int))
