"""VGG networks as torchvision names their tensors."""

import math
import re

from explorer.errors import ArchitectureError
from explorer.network.adapters.base import Adapter
from explorer.network.adapters.plan import Plan
from explorer.network.architectures import Network
from explorer.network.architectures.dataflow_forms import network_from
from explorer.network.readers import WeightFile

_SIDE = 224
_FEATURE = re.compile(r"features\.([0-9]{1,4})\.weight")
_CLASSIFIER = re.compile(r"classifier\.([0-9]{1,4})\.weight")


class VGG(Adapter):
    """VGG with or without batch norm: 3x3 convolutions with ReLU, pooled now and then.

    Pooling and ReLU have no tensors, but a number each in torchvision's ``features``: a gap of two
    numbers behind a convolution is a ReLU and a pooling.

    References
    ----------
    Simonyan and Zisserman (2015), Very deep convolutional networks for large-scale image
    recognition, arXiv:1409.1556.
    """

    name = "VGG (torchvision)"
    needs = "features.0, ... with 3x3 kernels, and classifier.0, ..."

    def recognises(self, content: WeightFile) -> bool:
        """Tell by a first 3x3 convolution and linear layers called classifier."""
        shapes = content.shapes
        first = shapes.get("features.0.weight", ())
        return len(first) == 4 and first[2:] == (3, 3) and "classifier.0.weight" in shapes

    def open(self, content: WeightFile, name: str) -> Network:
        """Write down the convolutions, poolings and linear layers by their numbers."""
        plan = Plan(content, name, (content.shapes["features.0.weight"][1], _SIDE, _SIDE))
        features = _numbers(_FEATURE, content)
        value = 0
        convolutions = [n for n in features if len(content.shapes[f"features.{n}.weight"]) == 4]
        for number, following in zip(convolutions, [*convolutions[1:], None], strict=True):
            value = plan.convolution(value, f"features.{number}")
            last = number
            if number + 1 in features and number + 1 != following:
                last = number + 1
                value = plan.batch_norm(value, f"features.{last}")
            value = plan.relu(value)
            # Behind the last convolution comes a pooling in every VGG.
            gap = 2 if following is None else following - last - 1
            if gap not in (1, 2):
                raise ArchitectureError(
                    f"{name} has features.{number} and features.{following} with {gap} numbers "
                    f"between them; expected a ReLU, or a ReLU and a pooling"
                )
            if gap == 2:
                value = plan.max_pool(value, 2, 2)
        channels = plan.recipe.shapes[value][0]
        places = plan.shape("classifier.0.weight", 2)[1] // channels
        side = math.isqrt(places)
        value = plan.recipe.add("adaptive_average", value, {"size": [max(side, 1)] * 2})
        value = plan.flat(value)
        linear = _numbers(_CLASSIFIER, content)
        for number in linear:
            value = plan.linear(value, f"classifier.{number}")
            value = plan.relu(value) if number != linear[-1] else value
        plan.check_all_used("VGG")
        return network_from(plan.recipe)

    def notes(self, content: WeightFile) -> tuple[str, ...]:
        """Say what was assumed."""
        return (
            f"Its file does not say how large its pictures are, nor where it pools: {_SIDE}x"
            f"{_SIDE} pixels are assumed, and a pooling wherever torchvision's numbering leaves "
            f"room for one.",
        )


def _numbers(pattern: re.Pattern[str], content: WeightFile) -> list[int]:
    return sorted(int(found[1]) for key in content.shapes if (found := pattern.fullmatch(key)))
