"""Small networks for the tests of interventions, each made once."""

from functools import cache

from explorer.network.checkpoint import Checkpoint
from explorer.training.config import TrainingConfig
from explorer.training.loop import train


@cache
def backdoored() -> Checkpoint:
    """A small network of digits with a backdoor, sparse enough that neurons carry it."""
    return train(
        TrainingConfig(
            task="backdoor-corner-3",
            hidden=(24, 16),
            steps=250,
            l1_coefficient=1e-3,
            learning_rate=4e-3,
        ),
        "small",
    )
