"""Damaged files of every kind raise nothing but the errors of this package."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save as to_safetensors

from explorer.errors import ExplorerError
from explorer.network.load import load_bytes
from tests.network.bad_content import GOOD, described, pt, shaped

SEEDS = [
    to_safetensors(GOOD),
    described(shaped(config={"seed": 1}, metrics={"a": 0.5})),
    pt(GOOD),
    pt(GOOD, _use_new_zipfile_serialization=False),
]
edits = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 255),
        st.sampled_from(["set", "drop", "add"]),
    ),
    max_size=6,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(range(len(SEEDS))), edits, st.floats(0, 1))
def test_damage_raises_nothing_unexpected(which, changes, keep):
    data = bytearray(SEEDS[which])
    for share, value, kind in changes:
        place = int(share * len(data))
        if kind == "set":
            data[place] = value
        elif kind == "drop":
            del data[place : place + 1 + value // 8]
        else:
            data[place:place] = bytes([value])
    if keep < 0.5:
        data = data[: int(2 * keep * len(data))]
    try:
        load_bytes(bytes(data), "damaged.pt")
    except ExplorerError as problem:
        assert "\n" not in str(problem)
        assert len(str(problem)) < 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["architecture", "kind", "widths", "task", "config", "metrics", "a"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(json_values | st.fixed_dictionaries({"architecture": json_values, "config": json_values}))
def test_any_description_raises_nothing_unexpected(about):
    try:
        load_bytes(described(json.dumps(about)), "odd.safetensors")
    except ExplorerError as problem:
        assert "\n" not in str(problem)
        assert len(str(problem)) < 400


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", b"PK\x03\x04", b"\x80", b"\x80\x02", b"\x02" + bytes(7) + b"{}"]),
    st.binary(max_size=200),
)
def test_any_bytes_raise_nothing_unexpected(start, rest):
    with pytest.raises(ExplorerError):
        load_bytes(start + rest, "noise")
