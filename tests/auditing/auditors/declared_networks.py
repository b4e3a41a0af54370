"""Networks whose weights are set by hand, so that it is known what they read and mix."""

import torch

from explorer.network.architectures import MLP, with_weights
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from tests.networks import two_digits_apart

LEFT, RIGHT, ANSWER = 3, 7, 5
MIXER = 32 + 40 + 40  # node of the neuron that mixes the two digits


def digit_reader(of_marker: float) -> Checkpoint:
    """Make a reader of the picture, the best linear one, that also counts the marker."""
    data = task("marked-digits").split("train")
    pixels = data.inputs[:, :64].double()
    wanted = torch.nn.functional.one_hot(data.targets[:, 0], 10).double() - 0.1
    slopes = torch.linalg.lstsq(pixels, wanted).solution.T.float()
    marker = of_marker * torch.eye(10)
    first = torch.cat([torch.cat([slopes, marker], 1), -torch.cat([slopes, marker], 1)])
    second = torch.cat([torch.eye(10), -torch.eye(10)], dim=1)
    network = with_weights(MLP([74, 20, 10]), [first, second], [torch.zeros(20), torch.zeros(10)])
    return Checkpoint("reader", network, "marked-digits")


def mixing_digits() -> Checkpoint:
    """Make the reader of two digits with one more neuron: a 3 with a 7 on the right becomes a 5."""
    apart = two_digits_apart().network
    assert isinstance(apart, MLP)
    first, second, third = (weight.clone() for weight in apart.weights)
    mixer = torch.zeros(1, 40)
    mixer[0, [LEFT, 20 + RIGHT]] = 1.0  # the evidence for either is about .9, and 0 for others
    second = torch.cat([second, mixer])
    out = torch.zeros(20, 1)
    out[ANSWER] = 50.0
    third = torch.cat([third, out], dim=1)
    biases = [torch.zeros(40), torch.zeros(41), torch.zeros(20)]
    biases[1][40] = -1.0
    network = with_weights(MLP([32, 40, 41, 20]), [first, second, third], biases)
    return Checkpoint("mixing", network, "pair")
