"""Packing of a live run's pictures; ``wire`` says what stands where."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import FileFormatError
from explorer.training.live.plain_json import to_json

KIND_PICTURES = 2
FORMS = ("none", "plane", "weights")
_PICTURES = np.dtype(
    [
        ("kind", "u1"),
        ("form", "u1"),
        ("rows", "u1"),
        ("columns", "u1"),
        ("step", "<u4"),
        ("layers", "<u2"),
        ("pictures", "<u2"),
        ("neurons", "<u4"),
    ]
)


@dataclass(frozen=True, eq=False)
class Pictures:
    """Small pictures of neurons, and the module of every neuron.

    Attributes
    ----------
    form : {"none", "plane", "weights"}
    step : int
    sizes : tuple of int
        Neurons in every layer.
    labels : array of int8, shape (neurons,)
    chosen : array of uint16, shape (pictures,)
        The neuron of each picture, counted through all layers.
    pixels : array of uint8, shape (pictures, rows, columns)
    more : mapping
        Plain data: ``guesses`` or ``text``.
    """

    form: str
    step: int
    sizes: tuple[int, ...]
    labels: NDArray[np.int8]
    chosen: NDArray[np.uint16]
    pixels: NDArray[np.uint8]
    more: Mapping[str, Any] = field(default_factory=dict)


def build_pictures(pictures: Pictures) -> bytes:
    """Pack pictures."""
    head = np.zeros((), _PICTURES)
    count, rows, columns = pictures.pixels.shape
    head["kind"], head["form"] = KIND_PICTURES, FORMS.index(pictures.form)
    head["rows"], head["columns"], head["step"] = rows, columns, pictures.step
    head["layers"], head["pictures"], head["neurons"] = (
        len(pictures.sizes),
        count,
        len(pictures.labels),
    )
    return b"".join(
        (
            head.tobytes(),
            np.asarray(pictures.sizes, "<u2").tobytes(),
            pictures.labels.astype("i1").tobytes(),
            pictures.chosen.astype("<u2").tobytes(),
            pictures.pixels.astype("u1").tobytes(),
            to_json(dict(pictures.more)),
        )
    )


def parse_pictures(message: bytes) -> Pictures:
    """Unpack pictures.

    Raises
    ------
    FileFormatError
        If the message is none.
    """
    try:
        head = np.frombuffer(message, _PICTURES, 1)[0]
        at = _PICTURES.itemsize
        layers, count, neurons = (int(head[name]) for name in ("layers", "pictures", "neurons"))
        shape = (count, int(head["rows"]), int(head["columns"]))
        parts: list[NDArray[Any]] = []
        for kind, length in (
            ("<u2", layers),
            ("i1", neurons),
            ("<u2", count),
            ("u1", math.prod(shape)),
        ):
            parts.append(np.frombuffer(message, kind, length, at))
            at += parts[-1].nbytes
        sizes, labels, chosen, pixels = parts
        form = FORMS[head["form"]]
        more = json.loads(message[at:].decode())
        if head["kind"] != KIND_PICTURES or not isinstance(more, dict):
            raise ValueError
    except (ValueError, IndexError) as problem:
        raise FileFormatError(
            f"found {len(message)} bytes that are no pictures; expected what build_pictures packs"
        ) from problem
    return Pictures(
        form, int(head["step"]), tuple(sizes.tolist()), labels, chosen, pixels.reshape(shape), more
    )
