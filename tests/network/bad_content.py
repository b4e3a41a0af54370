"""Contents of files that are no networks, and what is wrong with each."""

import io
import json
import pickle
import struct
import zipfile

import torch
from safetensors.torch import save as to_safetensors

from explorer.errors import (
    ArchitectureError,
    CheckpointError,
    FileFormatError,
    FileTooLargeError,
    UnsafeFileError,
    WeightError,
)
from explorer.network.checkpoint import METADATA_KEY
from tests.networks import tiny_network

GOOD = {
    "0.weight": torch.ones(3, 2),
    "0.bias": torch.zeros(3),
    "2.weight": torch.ones(1, 3),
    "2.bias": torch.zeros(1),
}


class Own(torch.nn.Module):
    """A module of somebody's own making."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2, 3)


def pt(content, **options) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream, **options)
    return stream.getvalue()


def described(about, tensors=None) -> bytes:
    state = tiny_network().state_dict() if tensors is None else tensors
    text = about if isinstance(about, str) else json.dumps(about)
    return to_safetensors(state, metadata={METADATA_KEY: text})


def header(text: str, size: int = 0) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode() + bytes(size)


def archive(members: dict[str, bytes], compression=zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return stream.getvalue()


def folded(levels: int) -> bytes:
    """Pickle a tuple of two copies of a tuple of two copies ... as a key: endless to hash."""
    doubling = b"".join(b"h" + bytes([i]) + b"\x86q" + bytes([i + 1]) for i in range(levels))
    return b"\x80\x02}(" + b")q\x00" + doubling + b"Nu."


def shaped(widths=(2, 2, 1), **more):
    return {"architecture": {"kind": "mlp", "widths": list(widths)}, **more}


def changed(**tensors) -> dict[str, torch.Tensor]:
    return GOOD | {name.replace("_", "."): value for name, value in tensors.items()}


NAN, INF = torch.full((3, 2), float("nan")), torch.full((3, 2), float("inf"))
NEST = "[" * 100_000 + "]" * 100_000

# What is wrong: the content, the error, and a word or two that the sentence must hold.
BAD = {
    "empty": (b"", FileFormatError, "is empty"),
    "text": (b"weights: 1, 2, 3\n" * 20, FileFormatError, "is a text file"),
    "noise": (bytes(range(200, 256)) * 20, FileFormatError, "no known format"),
    "eight bytes": (b"12345678", FileFormatError, "is a text file"),
    # PyTorch files
    "truncated .pt": (pt(GOOD)[:-300], FileFormatError, "cut short"),
    "beginning of a .pt": (pt(GOOD)[:200], FileFormatError, "cut short"),
    "truncated old .pt": (
        pt(GOOD, _use_new_zipfile_serialization=False)[:-30],
        FileFormatError,
        "cut short",
    ),
    "old .pt of a few bytes": (b"\x80\x02", FileFormatError, "cut short"),
    "whole module": (pt(Own()), UnsafeFileError, "names code to run"),
    "whole module, old": (
        pt(Own(), _use_new_zipfile_serialization=False),
        UnsafeFileError,
        "names code to run",
    ),
    "plain pickle": (pickle.dumps({"a": 1}), CheckpointError, "expected"),
    "pickle of protocol 2": (pickle.dumps({"a": 1}, 2), FileFormatError, "expected"),
    "zip of text": (archive({"a.txt": b"hello"}), FileFormatError, "zip file without weights"),
    "empty zip": (archive({}), FileFormatError, "no known format"),
    "zip bomb": (
        archive({"a/data.pkl": bytes(300 * 2**20)}, zipfile.ZIP_DEFLATED),
        FileTooLargeError,
        "unpacks to 300 MB; at most 200 MB",
    ),
    "folded pickle": (folded(60), FileFormatError, "folded"),
    "folded pickle in a zip": (
        archive({"a/data.pkl": folded(60), "a/version": b"3\n"}),
        FileFormatError,
        "folded",
    ),
    "endless pickle": (b"\x80\x02" + b"N" * 3_000_000, FileFormatError, "too long"),
    "a tensor": (pt(torch.ones(3)), FileFormatError, "holds Tensor"),
    "a list": (pt([torch.ones(3, 2)]), FileFormatError, "holds list"),
    "empty dictionary": (pt({}), FileFormatError, "holds an empty dictionary"),
    "training checkpoint": (
        pt({"weights": GOOD, "epoch": 3}),
        FileFormatError,
        "holds dict under the key 'weights'",
    ),
    "keys that are no names": (pt({(1, 2): torch.ones(3, 2)}), FileFormatError, "key 'tuple'"),
    "sparse": (pt(changed(**{"0_weight": torch.eye(3, 2).to_sparse()})), FileFormatError, "sparse"),
    "without numbers": (
        pt(changed(**{"0_weight": torch.ones(3, 2, device="meta")})),
        FileFormatError,
        "dense tensors",
    ),
    "repeated without end": (
        pt({"a.weight": torch.ones(1, 1).expand(10**7, 10**7)}),
        FileFormatError,
        "'a.weight' of 100,000,000,000,000 numbers, of which it holds 1;",
    ),
    "bias repeated without end": (
        pt({"a.weight": torch.ones(3, 2), "a.bias": torch.ones(1).expand(10**12)}),
        FileFormatError,
        "'a.bias' of 1,000,000,000,000 numbers",
    ),
    # safetensors files
    "truncated safetensors": (to_safetensors(GOOD)[:-4], FileFormatError, "cut short"),
    "beginning of a safetensors": (to_safetensors(GOOD)[:40], FileFormatError, "cut short"),
    "header of 10^18 bytes": (
        struct.pack("<Q", 10**18) + b"{}" + bytes(90),
        FileFormatError,
        "damaged",
    ),
    "header is no JSON": (header('{"a": tru}'), FileFormatError, "damaged"),
    "nested header": (header('{"a":' + NEST + "}"), FileFormatError, "damaged"),
    "safetensors without tensors": (header("{}"), ArchitectureError, "no weight matrix"),
    "tensor of a thousand dimensions": (
        header(
            '{"a.weight":{"dtype":"F32","shape":[' + "1," * 999 + '1],"data_offsets":[0,4]}}', 4
        ),
        CheckpointError,
        "expected",
    ),
    "packed floats": (
        header('{"a.weight":{"dtype":"F4","shape":[2,2],"data_offsets":[0,2]}}', 2),
        CheckpointError,
        "expected",
    ),
    # what files say about themselves
    "description is no JSON": (described("{nope"), FileFormatError, "description of itself"),
    "nested description": (described(NEST), FileFormatError, "description of itself"),
    "nested settings": (
        described(
            '{"architecture":{"kind":"mlp","widths":[2,2,1]},"config":{"a":%s}}'
            % ("[" * 200 + "]" * 200)
        ),
        FileFormatError,
        "description of itself",
    ),
    "half a character": (
        described('{"architecture":{"kind":"mlp"},"config":{"\\ud800":1}}'),
        FileFormatError,
        "description of itself",
    ),
    "description is a list": (described([1]), FileFormatError, "description of itself"),
    "no architecture": (described({"task": "xor4"}), FileFormatError, "description of itself"),
    "unknown architecture": (
        described({"architecture": {"kind": "perceiver"}}),
        ArchitectureError,
        "found architecture 'perceiver'; expected one of mlp",
    ),
    "widths are no list": (
        described({"architecture": {"kind": "mlp", "widths": "wide"}}),
        ArchitectureError,
        "found widths 'wide'",
    ),
    "widths that lie": (described(shaped((2, 3, 1))), ArchitectureError, "has shape (2,)"),
    "one layer too many": (described(shaped((2, 2, 1, 1))), ArchitectureError, "none"),
    "huge widths": (described(shaped([10**4000] * 9)), ArchitectureError, "at most 200,000"),
    "many widths": (described(shaped([1] * 5000)), ArchitectureError, "1,000 layers"),
    "no neurons": (described(shaped((2, 0, 1))), ArchitectureError, "at least one neuron"),
    "task is a number": (described(shaped(task=3)), FileFormatError, "its task as 3"),
    "config is text": (described(shaped(config="a")), FileFormatError, "its config as 'a'"),
    "metrics are a list": (described(shaped(metrics=[1])), FileFormatError, "its metrics as [1]"),
    "name is a list": (described(shaped(name=[1])), FileFormatError, "its name as [1]"),
    "a metric is text": (
        described(shaped(metrics={"test_accuracy": "high"})),
        FileFormatError,
        "'test_accuracy' as 'high'",
    ),
    "a metric is NaN": (
        described(shaped(metrics={"test_accuracy": float("nan")})),
        FileFormatError,
        "finite number",
    ),
    "a metric is huge": (described(shaped(metrics={"a": 10**4000})), FileFormatError, "finite"),
    # tensors that make up no network
    "shapes that do not match": (
        pt(changed(**{"2_weight": torch.ones(1, 4)})),
        ArchitectureError,
        "'0.weight' with 3 outputs before '2.weight' with 4 inputs",
    ),
    "bias of a wrong length": (
        pt(changed(**{"0_bias": torch.ones(4)})),
        ArchitectureError,
        "'0.bias' of shape (4,) for 3 neurons; expected (3,)",
    ),
    "bias that is a number": (
        pt(changed(**{"0_bias": torch.tensor(1.0)})),
        ArchitectureError,
        "'0.bias' of shape ()",
    ),
    "convolution": (pt({"conv.weight": torch.ones(4, 3, 3, 3)}), ArchitectureError, "(4, 3, 3, 3)"),
    "normalisation": (
        pt(GOOD | {"1.running_mean": torch.ones(3)}),
        ArchitectureError,
        "1.running_mean",
    ),
    "only biases": (pt({"0.bias": torch.ones(3)}), ArchitectureError, "'0.bias'"),
    "whole numbers": (
        pt({"0.weight": torch.ones(3, 2, dtype=torch.int64)}),
        ArchitectureError,
        "'0.weight' of type int64; expected floating-point",
    ),
    "complex numbers": (
        pt({"0.weight": torch.ones(3, 2, dtype=torch.complex64)}),
        ArchitectureError,
        "complex64",
    ),
    "truth values": (
        to_safetensors({"0.weight": torch.ones(3, 2, dtype=torch.bool)}),
        ArchitectureError,
        "of type bool",
    ),
    "a layer without neurons": (
        pt({"0.weight": torch.ones(0, 2), "2.weight": torch.ones(2, 0)}),
        ArchitectureError,
        "[2, 0, 2]",
    ),
    "too wide": (pt({"0.weight": torch.ones(199_999, 2)}), ArchitectureError, "200,001 neurons"),
    "NaN": (pt(changed(**{"0_weight": NAN})), WeightError, "found 6 of 6 numbers that are NaN"),
    "infinity": (
        to_safetensors(changed(**{"0_weight": INF})),
        WeightError,
        "infinite in layers.0",
    ),
    "too large for single precision": (
        pt(changed(**{"2_bias": torch.tensor([1e300], dtype=torch.float64)})),
        WeightError,
        "layers.1.bias",
    ),
    "a long name": (pt({"x" * 10_000: torch.ones(3)}), ArchitectureError, "xxx' of shape (3,)"),
}
