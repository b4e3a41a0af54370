"""Kinds of networks that auditors are calibrated on: task, shape and regime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from explorer.auditing.history import KEY as REPAIRS
from explorer.auditing.zoo.regimes import training_config
from explorer.network.architectures import build
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from explorer.network.tasks.planted.base import CaseName
from explorer.training.config import TrainingConfig
from explorer.training.initial import architecture

if TYPE_CHECKING:
    from explorer.auditing.results import NetworkResult

_ALWAYS = ("l1_coefficient", "modularity_coefficient", "polysemanticity_coefficient", "spare")
_WITH_MODULARITY = ("loss", "graph", "module_count")


@dataclass(frozen=True)
class Kind:
    """A kind of network.

    Attributes
    ----------
    task : str
        That it is declared for.
    network, shape : str
        Such as ``mlp`` and ``64-64-64-10``.
    regime : str
        Name of a regime of the zoo; several with commas where it was told by the sparsity of
        weights.
    """

    task: str
    network: str
    shape: str
    regime: str = ""

    def __str__(self) -> str:
        """Put it in a few words."""
        return ", ".join(part for part in (self.task, self.shape, self.regime) if part)


def kind_of_network(checkpoint: Checkpoint) -> Kind:
    """Return a network's kind, but for its regime."""
    made = checkpoint.task
    declared = "" if made is None else made.planted.declared if made.planted else made.name
    return Kind(declared, checkpoint.network.kind, checkpoint.network.shape)


def kind_of_result(result: "NetworkResult") -> Kind:
    """Return the kind of a network that was measured, but for its regime."""
    case = result.member.case
    return _kind_of_case(case.family, case.kind, result.member.regime)


@lru_cache(maxsize=256)
def _kind_of_case(family: str, kind: str, regime: str) -> Kind:
    """Kind of a member, without its regime: it is the same for all numbers."""
    config = _settings(family, kind, regime)
    planted = task(config.task).planted
    assert planted is not None
    network = build(architecture(config))
    return Kind(planted.declared, network.kind, network.shape)


@lru_cache(maxsize=256)
def _settings(family: str, kind: str, regime: str) -> TrainingConfig:
    return training_config(CaseName(family, kind, 0), regime)


def recorded_regime(checkpoint: Checkpoint, same: "Sequence[NetworkResult]") -> str | None:
    """Return the regime that a network's recorded recipe is; None where it is none of them."""
    recorded = checkpoint.config
    if REPAIRS in recorded or "l1_coefficient" not in recorded:
        return None
    members = {(r.member.case.family, r.member.case.kind, r.member.regime) for r in same}
    for family, kind, regime in sorted(members):
        if _same_recipe(recorded, _settings(family, kind, regime).to_dict()):
            return regime
    return None


def other_recipe(checkpoint: Checkpoint, same: "Sequence[NetworkResult]") -> str:
    """Say how a recorded recipe differs from all measured ones; empty where none is recorded.

    What scores mean depends on the recipe: longer training gives larger logits. A network that was
    repaired afterwards counts as one without a record.
    """
    recorded = checkpoint.config
    if REPAIRS in recorded or "l1_coefficient" not in recorded:
        return ""
    members = {(r.member.case.family, r.member.case.kind, r.member.regime) for r in same}
    steps = sorted({_settings(*member).to_dict()["steps"] for member in members})
    own = recorded.get("steps")
    if own not in steps:
        measured = " and ".join(f"{number:,}" for number in steps)
        trained = (
            f"{own:,}" if isinstance(own, int) else f"{own!r:.20}"
        )  # a file says what it likes
        return f"it was trained for {trained} steps; networks of {measured} steps were measured"
    return (
        f"it was trained by another recipe than the networks that were measured: "
        f"{', '.join(sorted({regime for _, _, regime in members}))}"
    )


def _same_recipe(recorded: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    names = _ALWAYS + (_WITH_MODULARITY if settings["modularity_coefficient"] else ())
    return all(recorded.get(name, 0) == settings.get(name, 0) for name in (*names, "steps"))


def why_not(found: Kind, known: set[Kind]) -> str:
    """Say why a network is of no calibrated kind."""
    if not known:
        return "no measured clean networks come with this installation"
    of_task = sorted({kind.shape for kind in known if kind.task == found.task})
    if not of_task:
        tasks = ", ".join(sorted({kind.task for kind in known}))
        return f"its task is {found.task}; networks of these tasks were measured: {tasks}"
    return (
        f"its layers are {found.shape}; of the task {found.task}, "
        f"networks of {', '.join(of_task)} were measured"
    )
