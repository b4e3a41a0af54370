"""A bare stack of linear layers, read off the names and shapes of its tensors."""

import re
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.adapters.base import Adapter
from explorer.network.architectures import MAX_NODES, MLP
from explorer.network.readers import WeightFile


class LinearStack(Adapter):
    """Weight matrices and biases of linear layers with ReLU between them."""

    name = "Linear layers with ReLU"
    needs = "only the weight matrices and biases of linear layers"

    def recognises(self, content: WeightFile) -> bool:
        """Take matrices with biases, if no settings say that they are something else."""
        if content.config is not None and "model_type" in content.config:
            return False
        shapes = content.shapes
        has_matrix = any(len(shape) == 2 for shape in shapes.values())
        return has_matrix and not any(is_strange(key, content) for key in shapes)

    def open(self, content: WeightFile, name: str) -> MLP:
        """Order the matrices so that the outputs of one are the inputs of the next."""
        return infer_mlp(content, name)


def infer_mlp(content: WeightFile, name: str) -> MLP:
    """Read a stack of linear layers off the names and shapes of its tensors."""
    tensors = content.tensors
    matrices = [key for key, tensor in tensors.items() if tensor.dim() == 2]
    biases = {key: _bias_name(key) for key in matrices}
    natural = sorted(matrices, key=natural_order)
    orders = [matrices, natural] if content.in_definition_order else [natural, matrices]
    order = next((o for o in orders if _chains([tensors[k] for k in o])), None)
    if order is None:
        first, second = next(
            (a, b) for a, b in pairwise(orders[0]) if tensors[a].shape[0] != tensors[b].shape[1]
        )
        raise ArchitectureError(
            f"{name} has {first!r:.60} with {tensors[first].shape[0]} outputs before "
            f"{second!r:.60} with {tensors[second].shape[1]} inputs; expected layers in which the "
            f"outputs of one are the inputs of the next"
        )
    widths = [tensors[order[0]].shape[1], *(tensors[key].shape[0] for key in order)]
    if sum(widths) > MAX_NODES:
        raise ArchitectureError(
            f"{name} has {sum(widths):,} neurons; at most {MAX_NODES:,} can be opened"
        )
    if min(widths) < 1:
        raise ArchitectureError(
            f"{name} has layers of widths {widths!r:.60}; expected at least one neuron in each"
        )
    network = MLP(widths)
    state: dict[str, Tensor] = {}
    for index, key in enumerate(order):
        state[f"layers.{index}.weight"] = as_float(tensors[key], key, name)
        bias = tensors.get(biases[key], torch.zeros(widths[index + 1]))
        if tuple(bias.shape) != (widths[index + 1],):
            raise ArchitectureError(
                f"{name} has {biases[key]!r:.60} of shape {tuple(bias.shape)!r:.60} for "
                f"{widths[index + 1]} neurons; expected ({widths[index + 1]},)"
            )
        state[f"layers.{index}.bias"] = as_float(bias, biases[key], name)
    network.load_state_dict(state)
    return network


def is_strange(key: str, content: WeightFile) -> bool:
    """Tell whether a tensor is neither a matrix nor the bias of one."""
    if len(content.shapes[key]) == 2:
        return False
    return (
        len(content.shapes.get("weight".join(key.rsplit("bias", 1)), ())) != 2 or "bias" not in key
    )


def _bias_name(weight_name: str) -> str:
    """Name of the bias that goes with a weight matrix; of one that is not a weight, none."""
    return "bias".join(weight_name.rsplit("weight", 1)) if "weight" in weight_name else ""


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """Key that sorts names with numbers in them as people count: layer 2 before layer 10."""
    parts = re.split(r"([0-9]+)", name)
    digits = [part.lstrip("0") for part in parts]
    return [
        (0, len(d), d) if p[0] in "0123456789" else (1, 0, p)
        for p, d in zip(parts, digits, strict=True)
        if p
    ]


def _chains(matrices: Sequence[Tensor]) -> bool:
    return all(a.shape[0] == b.shape[1] for a, b in pairwise(matrices))


def as_float(tensor: Tensor, key: str, name: str) -> Tensor:
    """Return a tensor of any floating-point type in single precision; refuse whole numbers."""
    if not tensor.dtype.is_floating_point:
        raise ArchitectureError(
            f"{name} has {key!r:.60} of type {str(tensor.dtype).removeprefix('torch.')}; expected "
            f"floating-point weights"
        )
    try:
        return tensor.detach().to(torch.float32)
    except (RuntimeError, NotImplementedError) as problem:  # packed types of four bits
        raise ArchitectureError(
            f"{name} has {key!r:.60} of type {str(tensor.dtype).removeprefix('torch.')}, which "
            f"cannot be computed with; expected floats of 8 bits or more"
        ) from problem
