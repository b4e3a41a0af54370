"""What a live run sends can be read back, and its layout is as documented."""

import math
import re

import numpy as np
import pytest

from explorer.errors import FileFormatError
from explorer.training.live import wire


def test_the_documented_table_is_the_layout():
    rows = re.findall(r"^(\w+) +(\d+) +([uf]\d) ", wire.__doc__, re.MULTILINE)
    assert [(name, int(offset), kind) for name, offset, kind in rows] == [
        (name, offset, kind) for name, (offset, kind, _) in wire.offsets().items()
    ]


def test_the_fields_fill_the_frame_without_gaps():
    at = 0
    for offset, kind, count in wire.offsets().values():
        assert offset == at
        assert offset % int(kind[1]) == 0, "a DataView reads anything, typed arrays only aligned"
        at += int(kind[1]) * count
    assert at == wire.FRAME.itemsize <= 2_000


def test_a_frame_comes_back():
    mass = np.arange(64, dtype=np.float32).reshape(8, 8) / 64
    grid = np.arange(1024, dtype=np.uint8).reshape(32, 32)
    message = wire.build_frame(
        "paused", step=7, steps=4_000_000_000, task_loss=0.5, mass=mass, grid=grid, nodes=range(8)
    )
    frame = wire.parse_frame(message)
    assert (frame["status"], frame["step"], frame["steps"]) == ("paused", 7, 4_000_000_000)
    assert frame["task_loss"] == 0.5
    assert math.isnan(frame["penalty"])
    assert np.array_equal(frame["mass"], mass)
    assert np.array_equal(frame["grid"], grid)
    assert frame["nodes"].tolist() == list(range(8))
    assert message[8:12] == (7).to_bytes(4, "little")


def test_pictures_come_back():
    rng = np.random.default_rng(0)
    sent = wire.Pictures(
        form="plane",
        step=9,
        sizes=(2, 3, 2),
        labels=np.array([0, -1, 1, 1, 0, 63, 0], np.int8),
        chosen=np.array([2, 4], np.uint16),
        pixels=rng.integers(0, 256, (2, 16, 16)).astype(np.uint8),
        more={"text": "größer", "loss": math.nan},
    )
    found = wire.parse_pictures(wire.build_pictures(sent))
    assert (found.form, found.step, found.sizes) == ("plane", 9, (2, 3, 2))
    assert found.labels.tolist() == sent.labels.tolist()
    assert found.chosen.tolist() == [2, 4]
    assert np.array_equal(found.pixels, sent.pixels)
    assert found.more == {"text": "größer", "loss": None}


def test_events_come_back_and_are_strict_json():
    message = wire.build_event("history", rows=[[1, math.inf], [2, math.nan]])
    assert b"NaN" not in message
    assert b"Infinity" not in message
    assert wire.parse_event(message) == {"event": "history", "rows": [[1, None], [2, None]]}


@pytest.mark.parametrize("parse", [wire.parse_frame, wire.parse_pictures, wire.parse_event])
def test_other_bytes_are_refused(parse):
    rng = np.random.default_rng(1)
    messages = [b"", b"\x01", b"\x03{}", b"\x03[1]", b'\x03"x"', bytes(wire.FRAME.itemsize)]
    messages += [rng.bytes(int(size)) for size in rng.integers(1, 3_000, 200)]
    for message in messages:
        with pytest.raises(FileFormatError):
            parse(message)
