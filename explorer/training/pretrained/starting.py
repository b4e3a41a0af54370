"""The network that continued training starts from."""

from explorer.errors import ConfigError
from explorer.network.architectures import Network, Transformer
from explorer.network.checkpoint import Checkpoint


def trainable(checkpoint: Checkpoint) -> Network:
    """Copy a network so that it can be trained: in float32, with memory of its own.

    Dropout stays off: a batch then says all that a step depends on.

    Raises
    ------
    ConfigError
        If it does not name the next token of a text.
    """
    network = checkpoint.network
    if network.reads != "tokens":
        raise ConfigError(
            f"found {checkpoint.name}, which reads {network.reads}; expected a GPT, which reads "
            f"tokens"
        )
    if not network.names_next:
        raise ConfigError(
            f"found {checkpoint.name}, which names the tokens that it reads; expected a GPT, which "
            f"names the next one"
        )
    made = network.trainable() if isinstance(network, Transformer) else network.copy()
    return made.eval().requires_grad_(True)
