"""What adapters of convolutional networks share: steps written down by the names of tensors."""

from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.readers import WeightFile

_COUNTED = ".num_batches_tracked"


class Plan:
    """A recipe whose weights are asked for by name.

    Parameters
    ----------
    content : WeightFile
    name : str
        Of the file, for messages.
    input_shape : tuple of int
    """

    def __init__(self, content: WeightFile, name: str, input_shape: tuple[int, ...]) -> None:
        self.content, self.name = content, name
        self.shapes = content.shapes
        self.recipe = Recipe(input_shape)
        self._used: set[str] = set()

    def has(self, key: str) -> bool:
        """Tell whether there is a tensor of this name."""
        return key in self.shapes

    def shape(self, key: str, axes: int) -> tuple[int, ...]:
        """Shape of a tensor of so many axes.

        Raises
        ------
        ArchitectureError
            If it is missing or of another number of axes.
        """
        found = self.shapes.get(key)
        if found is None or len(found) != axes:
            what = "no tensor" if found is None else f"a tensor of shape {tuple(found)!r:.40} as"
            raise ArchitectureError(
                f"{self.name} has {what} {key!r:.60}; expected one of {axes} axes"
            )
        return tuple(found)

    def convolution(self, value: int, key: str, stride: int = 1, padding: int | None = None) -> int:
        """Add the convolution ``key``; as many groups as its shape tells."""
        _, each, *kernel = self.shape(f"{key}.weight", 4)
        channels = self.recipe.shapes[value][0]
        if not each or channels % each:
            raise ArchitectureError(
                f"{self.name} has a convolution {key!r:.60} of {each} input channels behind "
                f"{channels}; expected as many, or a divisor"
            )
        return self.recipe.add(
            "convolution",
            value,
            {
                "stride": [stride, stride],
                "padding": [side // 2 if padding is None else padding for side in kernel],
                "dilation": [1, 1],
                "groups": channels // each,
            },
            weight=self._take(f"{key}.weight"),
            bias=self._take(f"{key}.bias") if self.has(f"{key}.bias") else None,
        )

    def linear(self, value: int, key: str) -> int:
        """Add the linear layer ``key``."""
        columns = self.shape(f"{key}.weight", 2)[1]
        if columns != self.recipe.shapes[value][-1]:
            raise ArchitectureError(
                f"{self.name} has a linear layer {key!r:.60} of {columns} inputs behind "
                f"{self.recipe.shapes[value][-1]} numbers; expected as many"
            )
        bias = self._take(f"{key}.bias") if self.has(f"{key}.bias") else None
        return self.recipe.add("linear", value, weight=self._take(f"{key}.weight"), bias=bias)

    def batch_norm(self, value: int, key: str, eps: float = 1e-5) -> int:
        """Add the batch norm ``key``."""
        channels = self.recipe.shapes[value][0]
        for part in ("running_mean", "running_var", "weight", "bias"):
            if self.has(f"{key}.{part}") or part.startswith("running"):
                (found,) = self.shape(f"{key}.{part}", 1)
                if found != channels:
                    raise ArchitectureError(
                        f"{self.name} has {key}.{part!s:.60} of {found} numbers for {channels} "
                        f"channels; expected as many"
                    )
        gain, shift = (
            self._take(f"{key}.{part}") if self.has(f"{key}.{part}") else None
            for part in ("weight", "bias")
        )
        mean, variance = self._take(f"{key}.running_mean"), self._take(f"{key}.running_var")
        return self.recipe.batch_norm(value, mean, variance, gain, shift, eps)

    def norm(self, value: int, key: str, kind: str, eps: float) -> int:
        """Add the layer norm or RMS norm ``key`` over the last axis."""
        (found,) = self.shape(f"{key}.weight", 1)
        if found != self.recipe.shapes[value][-1]:
            raise ArchitectureError(
                f"{self.name} has a norm {key!r:.60} of {found} numbers behind "
                f"{self.recipe.shapes[value][-1]}; expected as many"
            )
        shift = self._take(f"{key}.bias") if kind == "layer_norm" else None
        settings = {"axes": 1, "eps": eps}
        return self.recipe.add(
            kind, value, settings, scale=self._take(f"{key}.weight"), shift=shift
        )

    def relu(self, value: int) -> int:
        """Add a ReLU."""
        return self.recipe.add("relu", value)

    def max_pool(self, value: int, size: int, stride: int, padding: int = 0) -> int:
        """Add a max pooling of squares."""
        settings = {"size": [size] * 2, "stride": [stride] * 2, "padding": [padding] * 2}
        return self.recipe.add("max_pool", value, {**settings, "dilation": [1, 1], "ceil": False})

    def flat(self, value: int) -> int:
        """Add a flattening."""
        shape = self.recipe.shapes[value]
        count = 1
        for size in shape:
            count *= size
        return self.recipe.add("reshape", value, {"shape": [count]})

    def check_all_used(self, kind: str) -> None:
        """Refuse tensors that have no part in the network.

        Raises
        ------
        ArchitectureError
        """
        strange = [k for k in self.shapes if k not in self._used and not k.endswith(_COUNTED)]
        if strange:
            raise ArchitectureError(
                f"{self.name} holds a tensor {strange[0]!r:.60} of shape "
                f"{tuple(self.shapes[strange[0]])!r:.60}, which no {kind} has; expected only the "
                f"tensors of a {kind}"
            )

    def _take(self, key: str) -> Tensor:
        self._used.add(key)
        return self.content.tensors[key]
