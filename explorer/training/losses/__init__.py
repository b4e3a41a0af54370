"""The losses that make a network modular, by name: one form, many structures."""

from explorer.errors import ConfigError
from explorer.network.architectures import Network
from explorer.network.weightings import weightings_of
from explorer.training.config import TrainingConfig
from explorer.training.losses.base import ModularityLoss, Penalty, backpropagate
from explorer.training.losses.between_bins import BetweenBins
from explorer.training.losses.bimt import BrainInspired
from explorer.training.losses.chains import averaged_activity, l1_gradients
from explorer.training.losses.closed_writes import ClosedWrites
from explorer.training.losses.contracted_cut_tree import ContractedCutTree
from explorer.training.losses.cut_tree_sum import CutTreeSum
from explorer.training.losses.fixed_bins import FixedBins
from explorer.training.losses.group_lasso import GroupLasso
from explorer.training.losses.l1 import L1
from explorer.training.losses.layered import (
    LayeredModularity,
    layered_modularity,
    modularity_penalty,
)
from explorer.training.losses.n_cut import NCut
from explorer.training.losses.slopes import mean_slopes
from explorer.training.losses.soft_layered import SoftLayered

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
    "mean_slopes",
    "modularity_penalty",
]

MODULARITY_LOSSES: dict[str, type[ModularityLoss]] = {
    "layered": LayeredModularity,
    "contracted_cut_tree": ContractedCutTree,
    "cut_tree_sum": CutTreeSum,
    "soft_layered": SoftLayered,
    "n_cut": NCut,
    "fixed_bins": FixedBins,
    "between_bins": BetweenBins,
    "closed_writes": ClosedWrites,
    "bimt": BrainInspired,
    "group_lasso": GroupLasso,
    "l1": L1,
}


def make_loss(config: TrainingConfig, network: Network) -> ModularityLoss:
    """Make the loss that a run's settings name.

    Raises
    ------
    ConfigError
        If there is none of this name, or its graph has no meaning for the network.
    """
    if config.loss not in MODULARITY_LOSSES:
        raise ConfigError(
            f"found loss = {config.loss!r:.40}; expected one of {', '.join(MODULARITY_LOSSES)}"
        )
    known = weightings_of(network)
    strengths = [config.modularity_coefficient]
    strengths += [value for _, name, value in config.changes if name == "modularity_coefficient"]
    if max(strengths) > 0 and config.graph not in known:
        raise ConfigError(
            f"found graph = {config.graph!r} for a {network.kind}; expected one of "
            f"{', '.join(known)}"
        )
    return MODULARITY_LOSSES[config.loss](config, network)
