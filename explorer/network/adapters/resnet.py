"""Residual networks as torchvision names their tensors."""

from explorer.network.adapters.base import Adapter
from explorer.network.adapters.plan import Plan
from explorer.network.architectures import Network
from explorer.network.architectures.dataflow_forms import network_from
from explorer.network.readers import WeightFile

_SMALL, _LARGE = 32, 224


class ResNet(Adapter):
    """ResNet of any depth and width, with plain or bottleneck blocks.

    The strides, which no tensor tells, are those of torchvision: 2 in the first block of every
    stage but the first. A first kernel of 7x7 is followed by pooling; a smaller one, as in networks
    for pictures of 32x32, is not.

    References
    ----------
    He et al. (2016), Deep residual learning for image recognition, arXiv:1512.03385.
    """

    name = "ResNet (torchvision)"
    needs = "conv1, bn1, the blocks layer1.0, layer1.1, ..., and fc"

    def recognises(self, content: WeightFile) -> bool:
        """Tell by the first convolution, the first block and the last layer."""
        shapes = content.shapes
        named = ("conv1.weight", "bn1.running_mean", "layer1.0.conv1.weight", "fc.weight")
        return all(key in shapes for key in named) and len(shapes["conv1.weight"]) == 4

    def open(self, content: WeightFile, name: str) -> Network:
        """Write down the stages one after the other."""
        side = _side(content)
        plan = Plan(content, name, (content.shapes["conv1.weight"][1], side, side))
        large = side == _LARGE
        value = plan.convolution(0, "conv1", stride=2 if large else 1)
        value = plan.relu(plan.batch_norm(value, "bn1"))
        if large:
            value = plan.max_pool(value, 3, 2, padding=1)
        stage = 1
        while plan.has(f"layer{stage}.0.conv1.weight"):
            block = 0
            while plan.has(f"layer{stage}.{block}.conv1.weight"):
                stride = 2 if stage > 1 and block == 0 else 1
                value = _block(plan, value, f"layer{stage}.{block}", stride)
                block += 1
            stage += 1
        value = plan.recipe.add("mean", value, {"axes": [1, 2], "keep": True})
        plan.linear(plan.flat(value), "fc")
        plan.check_all_used("ResNet")
        return network_from(plan.recipe)

    def notes(self, content: WeightFile) -> tuple[str, ...]:
        """Say which size of pictures and which strides were assumed."""
        side = _side(content)
        return (
            f"Its file does not say how large its pictures are, nor its strides: {side}x{side} "
            f"pixels and the strides of torchvision's ResNet are assumed.",
        )


def _side(content: WeightFile) -> int:
    return _LARGE if content.shapes["conv1.weight"][-1] >= 7 else _SMALL


def _block(plan: Plan, value: int, key: str, stride: int) -> int:
    """Add one block: two or three convolutions beside an identity or a projection."""
    deep = plan.has(f"{key}.conv3.weight")
    path = value
    for number in (1, 2, 3) if deep else (1, 2):
        # In a bottleneck the middle convolution halves the picture (torchvision's version 1.5).
        own = stride if number == (2 if deep else 1) else 1
        path = plan.convolution(path, f"{key}.conv{number}", stride=own)
        path = plan.batch_norm(path, f"{key}.bn{number}")
        if number < (3 if deep else 2):
            path = plan.relu(path)
    if plan.has(f"{key}.downsample.0.weight"):
        value = plan.convolution(value, f"{key}.downsample.0", stride=stride)
        value = plan.batch_norm(value, f"{key}.downsample.1")
    return plan.relu(plan.recipe.add("add", (path, value)))
