"""What is wrong with hostile files, by who makes them: the error, and words of its sentence."""

import torch

from explorer.errors import (
    ArchitectureError,
    CheckpointError,
    FileFormatError,
    FileTooLargeError,
    UnknownNetworkError,
    UnsafeFileError,
    WeightError,
)
from tests.network.readers import hostile as h
from tests.network.readers import hostile_gguf as g

NAN, INF = float("nan"), float("inf")
_PACKING = b"output_norm.weight\1\0\0\0\x10" + bytes(7)  # what stands before it
# What is wrong: who makes it, the error, and words that the sentence must hold.
HOSTILE = {
    # code in pickles
    "plain pickle": (h.plain_pickle, CheckpointError, "network.bin"),
    "torch zip": (h.torch_zip, UnsafeFileError, "names code to run, such as getattr"),
    "torch before 1.6": (h.torch_legacy, UnsafeFileError, "names code to run"),
    "a shell before 1.6": (h.shell_pickle, UnsafeFileError, "such as posix.system"),
    "pictures in a zip": (
        lambda folder, trap: h.written(folder, h.archive({"a/1.png": b"PNG"})),
        FileFormatError,
        "is a zip file without weights",
    ),
    "in model": (h.wrapped_in("model"), UnsafeFileError, "names code to run"),
    "in state_dict": (h.wrapped_in("state_dict"), UnsafeFileError, "names code to run"),
    "in module": (h.wrapped_in("module"), UnsafeFileError, "names code to run"),
    "beside weights": (h.beside_weights, UnsafeFileError, "names code to run"),
    "in model_args": (h.in_model_args, UnsafeFileError, "names code to run"),
    "in a hub folder": (h.in_a_hub_folder, UnsafeFileError, "names code to run"),
    "in a part": (h.in_a_part, UnsafeFileError, "pytorch_model-00002-of-00002.bin"),
    "legacy tar": (h.legacy_tar, FileFormatError, "no known format"),
    "TorchScript": (h.torchscript, UnsafeFileError, "TorchScript program"),
    "second pickle": (h.second_pickle_in_the_zip, CheckpointError, "network.bin"),
    # archives
    "bomb": (h.bomb, FileTooLargeError, "unpacks to 300 MB"),
    "bomb in a tensor": (h.bomb_in_a_tensor, FileTooLargeError, "unpacks to 300 MB"),
    "bomb in a bomb": (h.bomb_in_a_bomb, FileFormatError, "damaged"),
    "overlapping entries": (h.overlapping_entries, FileTooLargeError, "unpacks to 1,000 MB"),
    "sizes that lie": (h.sizes_that_lie, FileFormatError, "damaged"),
    "storage that lies": (h.storage_that_lies, FileFormatError, "damaged"),
    # headers of safetensors
    "overlap": (
        h.tensors("{" + h.entry() + "," + h.entry(name="b.weight") + "}"),
        FileFormatError,
        "damaged",
    ),
    "beyond the end": (
        h.tensors("{" + h.entry(offsets="[0,99]") + "}"),
        FileFormatError,
        "damaged",
    ),
    "backwards": (h.tensors("{" + h.entry(offsets="[16,0]") + "}"), FileFormatError, "damaged"),
    "below zero": (h.tensors("{" + h.entry(offsets="[-16,0]") + "}"), FileFormatError, "damaged"),
    "a hole": (h.tensors("{" + h.entry(offsets="[8,24]") + "}", 24), FileFormatError, "damaged"),
    "more than it says": (h.tensors("{" + h.entry() + "}", 99), FileFormatError, "damaged"),
    "size that lies": (h.tensors("{" + h.entry("[3,2]") + "}"), FileFormatError, "damaged"),
    "size that overflows": (
        h.tensors("{" + h.entry("[4294967296,4294967296]") + "}"),
        FileFormatError,
        "damaged",
    ),
    "unknown kind": (h.tensors("{" + h.entry(dtype="F33") + "}"), FileFormatError, "damaged"),
    "said twice": (
        h.tensors("{" + h.entry("[0]", "[0,0]") + "," + h.entry() + "}"),
        FileFormatError,
        "damaged",
    ),
    "metadata that is a list": (
        h.tensors('{"__metadata__":[1],' + h.entry() + "}"),
        FileFormatError,
        "damaged",
    ),
    "shape of text": (h.tensors("{" + h.entry('"2"') + "}"), FileFormatError, "damaged"),
    # networks in parts
    "a part is missing": (
        h.parts({"0.weight": "model-00003-of-00003.safetensors"}),
        FileFormatError,
        "'model-00003-of-00003.safetensors' is not there",
    ),
    "a tensor is missing": (
        h.parts({"7.weight": h._PARTS[0]}),
        FileFormatError,
        "no tensor '7.weight'",
    ),
    "up and away": (h.parts({"0.weight": "../x"}), UnsafeFileError, "not in its folder"),
    "absolute": (h.parts({"0.weight": "/etc/passwd"}), UnsafeFileError, "not in its folder"),
    "the folder itself": (h.parts({"0.weight": "."}), UnsafeFileError, "not in its folder"),
    "null byte": (h.parts({"0.weight": "a\x00b"}), FileFormatError, "is not there"),
    "a part of text": (
        h.parts({"0.weight": "a.txt"}, **{"a.txt": b"hello"}),
        FileFormatError,
        "a text file",
    ),
    "places that are numbers": (h.parts({"0.weight": 3}), FileFormatError, "names of at most"),
    "link out of the folder": (h.link_out, UnsafeFileError, "link out of its folder"),
    "link of the weights": (h.link_of_the_weights, UnsafeFileError, "link out of its folder"),
    "link of the settings": (h.link_of_the_settings, UnsafeFileError, "link out of its folder"),
    "link of the tokenizer": (h.link_of_the_tokenizer, UnsafeFileError, "link out of its folder"),
    "links in a circle": (h.links_in_a_circle, FileFormatError, "is not there"),
    "a pipe": (h.a_pipe_as_a_part, FileFormatError, "as something else"),
    "half a network": (h.one_part, FileFormatError, "without the index"),
    "index without places": (h.bad_index(b"{}"), FileFormatError, "holds no index"),
    "index of lists": (h.bad_index(b'{"weight_map": {"a": [1]}}'), CheckpointError, "expected"),
    "index is no JSON": (h.bad_index(b"{nope"), FileFormatError, "cannot be read"),
    "nested index": (
        h.bad_index(b'{"weight_map":' + b"[" * 10**5 + b"]" * 10**5 + b"}"),
        FileFormatError,
        "cannot be read",
    ),
    # settings
    "settings are no JSON": (h.settings("{nope"), FileFormatError, "cannot be read"),
    "settings are a list": (h.settings("[1]"), FileFormatError, "holds a list"),
    "settings with NaN": (h.settings('{"a": NaN}'), FileFormatError, "the number NaN"),
    "nested settings": (h.settings('{"a":' + "[" * 99 + "]" * 99 + "}"), FileFormatError, "deeply"),
    "huge width": (h.settings(hidden_size=10**9), ArchitectureError, "expected"),
    "endless number": (
        h.settings('{"vocab_size": 1' + "0" * 5000 + "}"),
        FileFormatError,
        "cannot",
    ),
    "million blocks": (h.settings(num_hidden_layers=10**6), ArchitectureError, "at most 1,000"),
    "no heads": (h.settings(num_attention_heads=0), ArchitectureError, "expected"),
    "below zero heads": (h.settings(num_attention_heads=-4), ArchitectureError, "expected"),
    "width of text": (h.settings(hidden_size="wide"), ArchitectureError, "expected"),
    "blocks of lists": (h.settings(num_hidden_layers=[2]), ArchitectureError, "at most 1,000"),
    "activation that is code": (
        h.settings(hidden_act="__import__('os').abort()"),
        ArchitectureError,
        "expected",
    ),
    "rotation of text": (h.settings(rope_parameters="evil"), ArchitectureError, "expected"),
    "quantised": (
        h.settings(quantization_config={"quant_method": "gptq"}),
        ArchitectureError,
        "is quantised ('gptq')",
    ),
    # tensors
    "missing tensor": (
        h.numbers(norm=lambda tensor: None),
        ArchitectureError,
        "'model.norm.weight' is missing",
    ),
    "tensor of another shape": (
        h.numbers(norm=lambda tensor: tensor[:-1].clone()),
        ArchitectureError,
        "'model.norm.weight' has shape",
    ),
    "NaN": (h.numbers(norm=h.with_a(NAN)), WeightError, "1 of 16 numbers"),
    "infinity": (h.numbers(head=h.with_a(-INF)), WeightError, "1 of 640 numbers"),
    "NaN in half precision": (
        h.numbers(norm=lambda tensor: h.with_a(NAN)(tensor.half())),
        WeightError,
        "1 of 16 numbers",
    ),
    "infinity in bfloat16": (
        h.numbers(norm=lambda tensor: h.with_a(INF)(tensor.bfloat16())),
        WeightError,
        "1 of 16 numbers",
    ),
    "int8": (
        h.numbers(norm=lambda tensor: tensor.to(torch.int8)),
        ArchitectureError,
        "of type int8, which is quantised",
    ),
    # GGUF
    "GGUF of version 9": (g.gguf(g.instead(b"GGUF\3", rb"GGUF\9")), FileFormatError, "version"),
    "GGUF of another byte order": (
        g.gguf(g.instead(b"GGUF\3\0\0\0", b"GGUF\0\0\0\3")),
        FileFormatError,
        "version",
    ),
    "GGUF cut short": (g.gguf(lambda data: data[:-64]), FileFormatError, "not within the file"),
    "GGUF cut in its header": (g.gguf(lambda data: data[:99]), FileFormatError, "missing"),
    "GGUF of endless tensors": (g.gguf(g.at(8, 2**63)), FileFormatError, "missing"),
    "GGUF of endless settings": (g.gguf(g.at(16, 2**63)), FileFormatError, "missing"),
    "GGUF of fewer tensors": (g.gguf(g.at(8, 3)), CheckpointError, "expected"),
    "GGUF with an endless name": (g.gguf(g.at(24, 2**64 - 1)), FileFormatError, "missing"),
    "GGUF of an unknown packing": (
        g.gguf(g.instead(_PACKING + b"\0", _PACKING + b"\x63")),
        FileFormatError,
        "unknown packing 99",
    ),
    "GGUF of a falcon": (g.gguf(g.instead(b"llama", b"eagle")), ArchitectureError, "'eagle'"),
    "GGUF with a strange tensor": (
        g.gguf(g.instead(b"attn_norm", b"attn_worm")),
        ArchitectureError,
        "attn_worm",
    ),
    "GGUF without heads": (
        g.gguf(g.instead(b"llama.attention.head_count", b"llama.attention.head_cocoa")),
        FileFormatError,
        "head_count = None",
    ),
    "GGUF of no heads": (
        g.gguf(lambda d: d, **{"attention.head_count": 0}),
        FileFormatError,
        "= 0",
    ),
    "GGUF of heads that do not fit": (
        g.gguf(lambda d: d, **{"attention.head_count": 7}),
        ArchitectureError,
        "for 7 heads",
    ),
    "GGUF of text for a number": (
        g.gguf(lambda d: d, block_count=2.5),
        FileFormatError,
        "= 2.5",
    ),
    "GGUF of more blocks": (g.gguf(lambda d: d, block_count=3), ArchitectureError, "is missing"),
    # nothing
    "empty file": (lambda f, t: h.written(f, b""), FileFormatError, "is empty"),
    "empty folder": (lambda f, t: f, UnknownNetworkError, "without weights"),
    "folder of an empty file": (
        lambda f, t: h.written(f, b"", "model.safetensors").parent,
        FileFormatError,
        "is empty",
    ),
}
