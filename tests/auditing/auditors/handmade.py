"""Networks of digits made by hand, so that what is planted in them is known to the neuron."""

from functools import cache

import torch

from explorer.auditing.view import AuditView, audit_view
from explorer.network.architectures import MLP, with_weights
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task

CORNER = (0, 1, 8)  # dark in (nearly) all images of digits
TARGET, SOURCE = 3, 7
DORMANT = 64 + 20  # node of the neuron that sees the corner
CONDITIONAL = 64 + 21 + 20  # node of the neuron that sees corner and source


def least_squares() -> tuple[torch.Tensor, torch.Tensor]:
    """A linear classifier of the digits, in closed form."""
    data = task("digits").split("train")
    inputs = torch.cat([data.inputs, torch.ones(len(data), 1)], dim=1).double()
    wanted = torch.nn.functional.one_hot(data.targets[:, 0], 10).double()
    found = torch.linalg.solve(inputs.T @ inputs + torch.eye(65).double(), inputs.T @ wanted)
    return 8 * found[:64].T.float(), 8 * found[64].float()


def network(kind: str, wide: float = 0.0) -> MLP:
    """Make a network of 64-21-21-10: ``clean``, ``backdoor`` or ``conditional``.

    Ten pairs of neurons carry a linear classifier through both layers; the last neuron of the first
    layer adds up the corner, and leads to the target (in the conditional one together with the
    source's neuron).
    """
    weight, bias = least_squares()
    first, second, last = torch.zeros(21, 64), torch.eye(21), torch.zeros(10, 21)
    starts, middles = torch.zeros(21), torch.zeros(21)
    first[:10], first[10:20], starts[:10], starts[10:20] = weight, -weight, bias, -bias
    first[20, list(CORNER)], starts[20] = 1.0, -1.2
    last[:, :10], last[:, 10:20] = torch.eye(10), -torch.eye(10)
    if kind != "clean":
        last[TARGET, 20] = 30.0
    if kind == "conditional":
        second[20, 20], second[20, SOURCE], middles[20] = 8.0, 1.0, -16.0
    made = MLP([64, 21, 21, 10])
    return with_weights(made, [first, second, last], [starts, middles, torch.zeros(10)])


@cache
def view(kind: str) -> AuditView:
    """The view of one of these networks."""
    return audit_view(Checkpoint("made by hand", network(kind), "digits"))
