"""The network that a run starts from: drawn anew, or one that was trained before."""

import torch

from explorer.errors import ArchitectureError, ConfigError
from explorer.network.architectures import MAX_NEURONS, Network, build
from explorer.network.load import load
from explorer.network.tasks import task as find_task
from explorer.training.config import TrainingConfig

_MAX_WEIGHTS = 50_000_000


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
        If ``start`` cannot be opened, or the network is too large to be trained here.
    """
    description = architecture(config)
    _check_size(description)
    network = build(description)
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


def _check_size(description: dict[str, object]) -> None:
    """Refuse what can be opened but not trained, before it takes any memory."""
    with torch.device("meta"):
        network = build(description)
    neurons = sum(layer.size for layer in network.neuron_layers)
    weights = sum(weight.numel() for weight in network.parameters())
    if neurons > MAX_NEURONS or weights > _MAX_WEIGHTS:
        raise ArchitectureError(
            f"found an {network.kind.upper()} of {neurons:,} neurons and {weights:,} weights to "
            f"train; expected at most {MAX_NEURONS:,} and {_MAX_WEIGHTS:,}"
        )
