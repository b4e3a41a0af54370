"""What a live run sends, byte by byte: frames, pictures and events, all little endian.

The first byte of every message is its kind.

Kind 1, a frame: one record of ``FRAME``, sent up to 30 times a second. ``offsets()`` is the table
of its fields; a browser reads them with a ``DataView``. NaN stands for a figure that is not known.

=====================  ======  =====  ==========================================================
field                  offset  type   meaning
=====================  ======  =====  ==========================================================
kind                   0       u1     1
status                 1       u1     index into ``STATUSES``
modules                2       u1     places for modules in ``mass`` and ``nodes``, at most 8, some
                                      of which may be empty; 0 before there is a partition
side                   3       u1     side of ``grid``: 32 for a task of the plane, else 0
sequence               4       u4     counts the frames of a run
step                   8       u4     optimiser steps made
steps                  12      u4     optimiser steps in all
interface_count        16      f4     weights between modules whose mass is above the mean mass
                                      of their layer: how large the interfaces are
task_loss              20      f4     on the batch, in nats
penalty                24      f4     before it is weighted; NaN while it is switched off
strength               28      f4     what the penalty is weighted with now: lambda r(t)
modularity_coefficient 32      f4     lambda
l1_coefficient         36      f4     mu
learning_rate          40      f4     after its schedule
accuracy               44      f4     on (a part of) the validation split
validation_loss        48      f4     in nats, on the same examples
layered_modularity     52      f4     Q_B of the partition shown, on the masses of now
inside                 56      f4     share of the mass inside modules
trivial_share          60      f4     share of the cut tree's edges that cut off one neuron
steps_per_second       64      f4     over about the last second
mass                   68      f4     8 x 8, row by row: share of all mass that leads from module
                                      (row) to module (column)
nodes                  324     u2     8: neurons in every module
revision               340     u4     counts the partitions shown
found                  344     u2     modules of the partition
grid                   346     u1     32 x 32, row by row from the top (y falls), x and y from
                                      -reach to reach: what the network decides there. High four
                                      bits: the class (15 stands for 15 and all above); low four:
                                      its probability, 0 for 1 / classes and 15 for 1
=====================  ======  =====  ==========================================================

Modules from the eighth on are counted together as module 7.

Kind 2, pictures: a few times a second. u1 kind, u1 form (index into ``FORMS``), u1 rows, u1
columns, u4 step, u2 layers, u2 pictures, u4 neurons; then u2 size of every layer; then i1 module of
every neuron, through all layers (-1 for none); then u2 neuron of every picture; then rows x columns
u1 for every picture; then, to the end, UTF-8 JSON. Nothing is padded. In a picture 128 stands for
0, and 255 and 1 for the largest size among this neuron's values. Forms:

- ``none``: no pictures; modules and JSON alone.
- ``plane``: what the neuron answers over the plane, on the points of a grid as above.
- ``weights``: what a neuron of the first hidden layer weighs each pixel with; several images of
  the inputs stand side by side.

The JSON is an object: ``guesses`` (for every image in the event ``about`` a list of [index of the
class, its probability], one a head) or ``text`` (a text that the network wrote).

Kind 3, an event: kind, then UTF-8 JSON, an object with the key ``event``:

- ``about``: ``run``, ``name``, ``config``, ``owner`` (whether this socket may steer), ``go_on``
  (whether the run goes on when nobody watches), ``layers`` (objects of ``name``, ``role``,
  ``size``), ``heads`` (objects of ``name``, ``classes``), ``searches`` (whether modules are looked
  for while the penalty does not count: not in a network that is too large for that), ``reach`` and
  ``points`` (rows of x, y, class) for a task of the plane, ``examples`` (objects of ``rows``,
  ``columns``, ``pixels`` 0 to 255, ``truth``, index of the class in every head) for images. First
  on every socket, as soon as the run has begun.
- ``history``: ``columns`` (names, as in a frame), ``rows`` (null for NaN), ``changes`` (objects of
  ``step``, ``name``, ``value``). Second on every socket: curves to draw after a reload.
- ``changed``: ``step``, ``name``, ``value``. A setting that changed in mid-run.
- ``diverged``: ``step``, ``message``. The run was set back and is paused.
- ``saved``: ``step``. The run's state is on the disk.
- ``unsaved``: ``step``, ``message``. It could not be written; the run goes on.
- ``finished``, ``stopped``: ``step``, ``network`` (the id to open it by, or null), ``message``.
- ``failed``: ``message``. The run ended and will not go on.
- ``refused``: ``message``. A command was not obeyed; the run goes on as it was.
- ``turned_away``: ``message``. This socket is closed next, and another may be tried.

Browser to server, JSON text: first ``{"do": "hello", "run": ID, "owner": TOKEN or null}``, then
``{"do": "pause" | "resume" | "step" | "stop", "owner": TOKEN}`` and ``{"do": "change", "name":
NAME, "value": NUMBER, "owner": TOKEN}`` and ``{"do": "go_on", "value": BOOL, "owner": TOKEN}``.
Without the owner's token one can watch and not steer.
"""

import json
import math
from typing import Any

import numpy as np

from explorer.errors import FileFormatError
from explorer.training.live.pictures_format import (
    FORMS,
    KIND_PICTURES,
    Pictures,
    build_pictures,
    parse_pictures,
)
from explorer.training.live.plain_json import to_json

__all__ = [
    "ENDED",
    "FORMS",
    "FRAME",
    "KIND_EVENT",
    "KIND_FRAME",
    "KIND_PICTURES",
    "MAX_MODULES",
    "SIDE",
    "STATUSES",
    "Pictures",
    "build_event",
    "build_frame",
    "build_pictures",
    "offsets",
    "parse_event",
    "parse_frame",
    "parse_pictures",
]

KIND_FRAME, KIND_EVENT = 1, 3
STATUSES = ("starting", "running", "paused", "finished", "stopped", "failed")
ENDED = ("finished", "stopped", "failed")
MAX_MODULES = 8
SIDE = 32

FRAME = np.dtype(
    [
        ("kind", "u1"),
        ("status", "u1"),
        ("modules", "u1"),
        ("side", "u1"),
        ("sequence", "<u4"),
        ("step", "<u4"),
        ("steps", "<u4"),
        ("interface_count", "<f4"),
        ("task_loss", "<f4"),
        ("penalty", "<f4"),
        ("strength", "<f4"),
        ("modularity_coefficient", "<f4"),
        ("l1_coefficient", "<f4"),
        ("learning_rate", "<f4"),
        ("accuracy", "<f4"),
        ("validation_loss", "<f4"),
        ("layered_modularity", "<f4"),
        ("inside", "<f4"),
        ("trivial_share", "<f4"),
        ("steps_per_second", "<f4"),
        ("mass", "<f4", (MAX_MODULES, MAX_MODULES)),
        ("nodes", "<u2", (MAX_MODULES,)),
        ("revision", "<u4"),
        ("found", "<u2"),
        ("grid", "u1", (SIDE, SIDE)),
    ]
)


def offsets() -> dict[str, list[Any]]:
    """Table of a frame's fields, plain data: name -> [offset, type, numbers in it].

    Examples
    --------
    >>> offsets()["step"], offsets()["mass"], FRAME.itemsize
    ([8, 'u4', 1], [68, 'f4', 64], 1370)
    """
    assert FRAME.fields is not None
    table: dict[str, list[Any]] = {}
    for name, (kind, offset, *_) in FRAME.fields.items():
        base = kind.base
        table[name] = [int(offset), f"{base.kind}{base.itemsize}", kind.itemsize // base.itemsize]
    return table


def build_frame(status: str, **values: Any) -> bytes:
    """Pack a frame; floats that are not given are NaN, all else is 0."""
    record = np.zeros((), FRAME)
    for name in FRAME.names or ():
        if FRAME[name].base.kind == "f" and FRAME[name].shape == ():
            record[name] = math.nan
    for name, value in values.items():
        record[name] = value
    record["kind"], record["status"] = KIND_FRAME, STATUSES.index(status)
    return record.tobytes()


def parse_frame(message: bytes) -> dict[str, Any]:
    """Unpack a frame: plain numbers and arrays, the status by its name.

    Raises
    ------
    FileFormatError
        If the message is none.
    """
    if len(message) != FRAME.itemsize or message[0] != KIND_FRAME or message[1] >= len(STATUSES):
        raise FileFormatError(
            f"found {len(message)} bytes that are no frame; expected {FRAME.itemsize} that begin "
            f"with {KIND_FRAME}"
        )
    record = np.frombuffer(message, FRAME)[0]
    values: dict[str, Any] = {
        name: record[name] if FRAME[name].shape else record[name].item()
        for name in FRAME.names or ()
    }
    return {**values, "status": STATUSES[values["status"]]}


def build_event(event: str, **values: Any) -> bytes:
    """Pack an event.

    Examples
    --------
    >>> build_event("changed", step=3, name="learning_rate", value=0.1)[1:].decode()
    '{"event":"changed","step":3,"name":"learning_rate","value":0.1}'
    """
    return bytes((KIND_EVENT,)) + to_json({"event": event, **values})


def parse_event(message: bytes) -> dict[str, Any]:
    """Unpack an event.

    Raises
    ------
    FileFormatError
        If the message is none.
    """
    try:
        found = json.loads(message[1:].decode())
        if message[0] != KIND_EVENT or not isinstance(found["event"], str):
            raise ValueError
    except (ValueError, IndexError, KeyError, TypeError) as problem:
        raise FileFormatError(
            f"found {len(message)} bytes that are no event; expected what build_event packs"
        ) from problem
    return dict(found)
