"""Networks that a run begins with: not every network that can be opened can be trained."""

import pytest

from explorer.errors import ArchitectureError
from explorer.network.architectures import MLP
from explorer.training.config import TrainingConfig
from explorer.training.initial import initial_network


@pytest.mark.parametrize("hidden", [(5_000,), (3_000, 3_000), (5_000,) * 900])
def test_networks_too_large_to_be_trained(hidden):
    assert MLP([8, 3_000, 3_000, 8]).input_size == 8  # it could be opened
    with pytest.raises(ArchitectureError, match=r"found (an MLP|widths) .*; expected at most"):
        initial_network(TrainingConfig(task="xor4", hidden=hidden), None)
