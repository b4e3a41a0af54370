"""The losses that make a network modular, by name: one form, many structures."""

from pathlib import Path

from explorer.errors import ConfigError
from explorer.modularity.kernel_cache import drop_stale_kernels
from explorer.network.architectures import Network
from explorer.training.config import TrainingConfig
from explorer.training.losses.base import ModularityLoss, Penalty, backpropagate
from explorer.training.losses.chains import averaged_activity, l1_gradients
from explorer.training.losses.layered import (
    LayeredModularity,
    layered_modularity,
    modularity_penalty,
)

drop_stale_kernels(Path(__file__).parent)

__all__ = [
    "MODULARITY_LOSSES",
    "LayeredModularity",
    "ModularityLoss",
    "Penalty",
    "averaged_activity",
    "backpropagate",
    "l1_gradients",
    "layered_modularity",
    "make_loss",
    "modularity_penalty",
]

MODULARITY_LOSSES: dict[str, type[ModularityLoss]] = {"layered": LayeredModularity}


def make_loss(config: TrainingConfig, network: Network) -> ModularityLoss:
    """Make the loss that a run's settings name.

    Raises
    ------
    ConfigError
        If there is none of this name, or it does not fit the network.
    """
    if config.loss not in MODULARITY_LOSSES:
        raise ConfigError(
            f"found loss = {config.loss!r:.40}; expected one of {', '.join(MODULARITY_LOSSES)}"
        )
    return MODULARITY_LOSSES[config.loss](config, network)
