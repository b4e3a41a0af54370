"""The small convolutional networks of this package, by the names of their tensors."""

import math
import re

from explorer.errors import ArchitectureError
from explorer.network.adapters.base import Adapter
from explorer.network.adapters.stack import as_float
from explorer.network.architectures import CNN
from explorer.network.readers import WeightFile

_KERNEL = re.compile(r"convolutions\.([0-9]{1,3})\.weight")


class ConvolutionStack(Adapter):
    """3x3 convolutions with ReLU, pictures halved after each, and one linear layer."""

    name = "CNN of this package"
    needs = "convolutions.0, convolutions.1, ... with 3x3 kernels, and head"

    def recognises(self, content: WeightFile) -> bool:
        """Tell by a first 3x3 kernel and the linear layer called head."""
        shapes = content.shapes
        first = shapes.get("convolutions.0.weight", ())
        return len(first) == 4 and first[2:] == (3, 3) and len(shapes.get("head.weight", ())) == 2

    def open(self, content: WeightFile, name: str) -> CNN:
        """Read channels off the kernels, and the size of square pictures off the linear layer."""
        shapes = content.shapes
        depth = sum(1 for key in shapes if _KERNEL.fullmatch(key))
        kernels = [shapes.get(f"convolutions.{i}.weight", (0, 0)) for i in range(depth)]
        channels = [kernels[0][1], *(kernel[0] for kernel in kernels)]
        outputs, inputs = shapes["head.weight"]
        side = math.isqrt(inputs // max(channels[-1], 1)) * 2**depth
        network = CNN((side, side), channels, outputs)
        wanted = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
        if wanted != dict(shapes):
            odd = min(set(wanted.items()) ^ set(shapes.items()))[0]
            raise ArchitectureError(
                f"{name} has {odd!r:.60} of shape {shapes.get(odd, 'none')!s:.40}; expected "
                f"{wanted.get(odd, 'no such tensor')!s:.40} of a CNN for square pictures"
            )
        network.load_state_dict({k: as_float(content.tensors[k], k, name) for k in wanted})
        return network

    def notes(self, content: WeightFile) -> tuple[str, ...]:
        """Say what was assumed."""
        return ("Its file does not say how large its pictures are: squares are assumed.",)
