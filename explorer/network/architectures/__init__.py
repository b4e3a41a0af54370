"""The networks that can be opened and trained, each a page of plain code."""

from collections.abc import Mapping
from typing import Any

from explorer.errors import ArchitectureError
from explorer.network.architectures.base import (
    MAX_NEURONS,
    MAX_NODES,
    Activity,
    Change,
    Edit,
    Layer,
    Network,
    Trace,
    activity_of,
)
from explorer.network.architectures.cnn import CNN
from explorer.network.architectures.dataflow import Dataflow
from explorer.network.architectures.gpt import GPT
from explorer.network.architectures.mlp import MLP, with_weights
from explorer.network.architectures.transformer import Transformer

__all__ = [
    "ARCHITECTURES",
    "CNN",
    "GPT",
    "MAX_NEURONS",
    "MAX_NODES",
    "MLP",
    "Activity",
    "Change",
    "Dataflow",
    "Edit",
    "Layer",
    "Network",
    "Trace",
    "Transformer",
    "activity_of",
    "build",
    "with_weights",
]

ARCHITECTURES: dict[str, type[Network]] = {
    made.kind: made for made in (MLP, CNN, GPT, Transformer, Dataflow)
}


def build(description: Mapping[str, Any]) -> Network:
    """Make the network that a description names, with untrained weights.

    Parameters
    ----------
    description : mapping
        Such as ``{"kind": "mlp", "widths": [...]}``: what ``Network.describe`` gave.

    Raises
    ------
    ArchitectureError
        If the kind is not known or the rest makes no network.
    """
    kind = description.get("kind")
    if not isinstance(kind, str) or kind not in ARCHITECTURES:
        raise ArchitectureError(
            f"found architecture {kind!r:.80}; expected one of {', '.join(ARCHITECTURES)}"
        )
    return ARCHITECTURES[kind].from_description(description)
