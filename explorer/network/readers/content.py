"""What a file of weights holds, before anybody asks which network it is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_recipe import Recipe

EXPECTED = (
    "expected weights as a safetensors file, a PyTorch state_dict (.pt, .pth, .bin), GGUF or ONNX"
)


class LazyTensors(Mapping[str, Tensor]):
    """Tensors that are made when they are first asked for.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
    make : callable
        Called with the name of a tensor.
    """

    def __init__(
        self, shapes: Mapping[str, tuple[int, ...]], make: Callable[[str], Tensor]
    ) -> None:
        self.shapes = dict(shapes)
        self._make = make
        self._made: dict[str, Tensor] = {}

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._made:
            if name not in self.shapes:
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def __contains__(self, name: object) -> bool:  # without making the tensor
        return name in self.shapes


@dataclass(frozen=True, eq=False)
class Drawn:
    """The plan of a network that a file draws beside its weights, as ONNX does.

    Attributes
    ----------
    recipe : Recipe
        Its steps, as far as they are known.
    output : int
        Number of the value that it gives.
    problem : ArchitectureError or None
        What is not known here.
    head_size : int
        Numbers of a head of attention, where the file tells; else 0.
    """

    recipe: Recipe
    output: int = 0
    problem: ArchitectureError | None = None
    head_size: int = 0


@dataclass(frozen=True)
class WeightFile:
    """What a file holds, before anybody asks which network it is.

    Attributes
    ----------
    tensors : mapping of str to Tensor
        In the order of the file. Those of a large file lie in it, mapped into memory; those of a
        GGUF file are unpacked when they are first asked for (``shapes`` does not ask).
    about : mapping or None
        What the file says about itself, if it was written by ``explorer.save``.
    in_definition_order : bool
        True where the file keeps the order in which the network's layers were defined.
    config : mapping or None
        Settings of the network as its own library writes them: the ``config.json`` of a Hugging
        Face folder, the ``model_args`` of nanoGPT, or the first of these that a GGUF file amounts
        to.
    format : str
        For people: ``safetensors``, ``PyTorch``, ``nanoGPT``, ``Hugging Face``, ``GGUF``, ``ONNX``.
    tokenizer : Path or None
        Folder of the tokenizer that came with the weights.
    notes : tuple of str
        Sentences that people must know, such as which of two files was taken.
    drawn : Drawn or None
        How its layers are joined, where the file says so.
    """

    tensors: Mapping[str, Tensor]
    about: Mapping[str, Any] | None
    in_definition_order: bool
    config: Mapping[str, Any] | None = None
    format: str = ""
    tokenizer: Path | None = None
    notes: tuple[str, ...] = ()
    drawn: Drawn | None = None

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of every tensor, without making any."""
        if isinstance(self.tensors, LazyTensors):
            return self.tensors.shapes
        return {name: tuple(tensor.shape) for name, tensor in self.tensors.items()}
