"""The network that a run starts from: drawn anew, or one that was trained before."""

import torch

from explorer.errors import ConfigError
from explorer.network.architectures import Network, build
from explorer.network.load import load
from explorer.network.tasks import task as find_task
from explorer.training.config import TrainingConfig


def initial_network(config: TrainingConfig, generator: torch.Generator) -> Network:
    """Make the network of a run, ready to be trained.

    Parameters
    ----------
    config : TrainingConfig
        ``start`` names a network to continue from.
    generator : torch.Generator
        Draws the weights.

    Raises
    ------
    ConfigError
        If the settings make no network for the task, or ``start`` is a network of another
        architecture.
    CheckpointError
        If ``start`` cannot be opened.
    """
    network = build(architecture(config))
    network.initialise(generator)
    if config.start:
        trained = load(config.start).network
        if trained.describe() != network.describe():
            raise ConfigError(
                f"found a {trained.kind} of {trained.shape} at start = {config.start!r:.60}; "
                f"expected the {network.kind} of {network.shape} that the settings describe"
            )
        network.load_state_dict(trained.state_dict())
    return network.train().requires_grad_(True)


def architecture(config: TrainingConfig) -> dict[str, object]:
    """Describe the network of a run, as ``Network.describe`` does.

    Examples
    --------
    >>> architecture(TrainingConfig(task="xor4", hidden=(32, 16)))
    {'kind': 'mlp', 'widths': [8, 32, 16, 8]}
    """
    task = find_task(config.task)
    if config.network == "mlp":
        return {"kind": "mlp", "widths": [len(task.inputs), *config.hidden, len(task.outputs)]}
    if config.network == "cnn":
        image = task.images[0]
        return {
            "kind": "cnn",
            "image": [image.rows, image.columns],
            "channels": [len(task.images), *config.hidden],
            "outputs": len(task.outputs),
        }
    return {
        "kind": "gpt",
        "tokens": len(task.tokens),
        "width": config.width,
        "heads": config.heads,
        "feed_forward": list(config.hidden),
        "gate": config.module_count if config.gate != "none" else 0,
    }
