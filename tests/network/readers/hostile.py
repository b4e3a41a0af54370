"""Hostile and broken files, made when a test asks for them; each is a folder and a place in it.

Every maker gets an empty folder and a trap: a file that code from the network would touch. It
returns the place to open.
"""

import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import save as to_safetensors

from tests.network.bad_content import GOOD, archive, header, pt
from tests.network.tiny_transformers import module_of, tensors_of

Maker = Callable[[Path, Path], Path]
_INDEX = "model.safetensors.index.json"
_PARTS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


class RunsCode:
    """Touches a file when it is unpickled."""

    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self):
        return Path.touch, (self.trap,)


def written(folder: Path, content: bytes, name: str = "network.bin") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


# Pickles that would run code, in every wrapper


def plain_pickle(folder, trap):
    return written(folder, pickle.dumps({"0.weight": RunsCode(trap)}, 4))


def torch_zip(folder, trap):
    return written(folder, pt(GOOD | {"0.weight": RunsCode(trap)}))


def torch_legacy(folder, trap):
    data = pt(GOOD | {"0.weight": RunsCode(trap)}, _use_new_zipfile_serialization=False)
    return written(folder, data)


class _RunsShell(RunsCode):
    def __reduce__(self):
        return os.system, (f"touch {self.trap}",)


def shell_pickle(folder, trap):
    data = pt({"0.weight": _RunsShell(trap)}, _use_new_zipfile_serialization=False)
    return written(folder, data)


def wrapped_in(key: str) -> Maker:
    return lambda folder, trap: written(folder, pt({key: {"0.weight": RunsCode(trap)}}))


def beside_weights(folder, trap):
    return written(folder, pt({"model": GOOD, "optimizer": RunsCode(trap)}))


def in_model_args(folder, trap):
    return written(folder, pt({"model": GOOD, "model_args": {"n_layer": RunsCode(trap)}}))


def in_a_hub_folder(folder, trap):
    written(folder, json.dumps(module_of("llama").config.to_dict()).encode(), "config.json")
    written(folder, pt({"model.norm.weight": RunsCode(trap)}), "pytorch_model.bin")
    return folder


def in_a_part(folder, trap):
    written(folder, pt({"a.weight": torch.ones(2, 2)}), "pytorch_model-00001-of-00002.bin")
    written(folder, pt({"b.weight": RunsCode(trap)}), "pytorch_model-00002-of-00002.bin")
    places = {f"{n}.weight": f"pytorch_model-0000{i}-of-00002.bin" for i, n in ((1, "a"), (2, "b"))}
    index = json.dumps({"weight_map": places}).encode()
    return written(folder, index, "pytorch_model.bin.index.json")


def legacy_tar(folder, trap):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as target:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            data = pickle.dumps(RunsCode(trap), 2)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            target.addfile(info, io.BytesIO(data))
    return written(folder, stream.getvalue())


def torchscript(folder, trap):
    module = torch.nn.Sequential(torch.nn.Linear(2, 2))
    stream = io.BytesIO()
    members = {"a/constants.pkl": pickle.dumps(()), "a/data.pkl": pickle.dumps(module.state_dict)}
    stream.write(archive(members | {"a/code/__torch__.py": b"1", "a/version": b"3\n"}))
    return written(folder, stream.getvalue())


def second_pickle_in_the_zip(folder, trap):
    good = zipfile.ZipFile(io.BytesIO(pt(GOOD)))
    members = {name: good.read(name) for name in good.namelist()}
    first = next(iter(members)).split("/")[0]
    members[f"{first}/DATA.PKL"] = pickle.dumps(RunsCode(trap), 2)
    del members[f"{first}/data.pkl"]
    return written(folder, archive(members))


# Archives that swell or lie


@cache
def swelling(name: str) -> bytes:
    """300 MB of nothing in one entry of an archive."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
        target.open(name, "w") as entry,
    ):
        for _ in range(300):
            entry.write(bytes(2**20))
    return stream.getvalue()


def bomb(folder, trap):
    return written(folder, swelling("a/data.pkl"))


def bomb_in_a_tensor(folder, trap):
    """A good network, one of whose tensors swells."""
    good = zipfile.ZipFile(io.BytesIO(pt(GOOD)))
    path = written(folder, swelling("archive/data/0"))
    with zipfile.ZipFile(path, "a") as target:
        for name in good.namelist():
            if name != "archive/data/0":
                target.writestr(name, good.read(name))
    return path


def bomb_in_a_bomb(folder, trap):
    inner = archive({"a/data.pkl": bytes(20 * 2**20)}, zipfile.ZIP_DEFLATED)
    return written(folder, archive({f"a/{n}.pkl": inner for n in range(20)}))


def overlapping_entries(folder, trap):
    """One stored megabyte, named by a thousand entries."""
    data = bytearray(archive({"a/data.pkl": bytes(2**20)}))
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry, tail = bytes(data[start:end]), bytearray(data[end:])
    tail[8:12] = struct.pack("<HH", 1000, 1000)
    tail[12:16] = struct.pack("<I", 1000 * len(entry))
    return written(folder, bytes(data[:start]) + entry * 1000 + bytes(tail))


def sizes_that_lie(folder, trap):
    data = bytearray(archive({"a/data.pkl": bytes(10 * 2**20)}, zipfile.ZIP_DEFLATED))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    return written(folder, bytes(data))


def storage_that_lies(folder, trap):
    good = zipfile.ZipFile(io.BytesIO(pt({"a": torch.ones(4)})))
    members = {name: good.read(name) for name in good.namelist()}
    more = members["archive/data.pkl"].replace(b"K\x04", b"J\x00\x00\x00\x08")
    return written(folder, archive(members | {"archive/data.pkl": more}))


# Headers of safetensors that lie


def tensors(text: str, size: int = 16) -> Maker:
    return lambda folder, trap: written(folder, header(text, size))


def entry(shape="[2,2]", offsets="[0,16]", dtype="F32", name="a.weight") -> str:
    return f'"{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}'


# Networks in parts


def parts(places: dict[str, str], **files: bytes) -> Maker:
    def make(folder, trap):
        for number, part in enumerate(_PARTS):
            written(folder, to_safetensors({f"{number}.weight": torch.ones(2, 2)}), part)
        for name, content in files.items():
            written(folder, content, name)
        return written(folder, json.dumps({"weight_map": places}).encode(), _INDEX)

    return make


def secret(folder: Path) -> Path:
    """A network outside the folder, which nobody gave away."""
    outside = folder.parent / "secret"
    outside.mkdir()
    return written(outside, to_safetensors({"0.weight": torch.ones(2, 2)}), "secret.safetensors")


def link_out(folder, trap):
    (folder / _PARTS[0]).symlink_to(secret(folder))
    index = json.dumps({"weight_map": {"0.weight": _PARTS[0]}}).encode()
    return written(folder, index, _INDEX)


def link_of_the_weights(folder, trap):
    (folder / "model.safetensors").symlink_to(secret(folder))
    return folder


def link_of_the_settings(folder, trap):
    written(folder.parent, b"{}", "config.json")
    (folder / "config.json").symlink_to(folder.parent / "config.json")
    written(folder, to_safetensors({"0.weight": torch.ones(2, 2)}), "model.safetensors")
    return folder


def link_of_the_tokenizer(folder, trap):
    written(folder.parent, b"{}", "tokenizer.json")
    (folder / "tokenizer.json").symlink_to(folder.parent / "tokenizer.json")
    written(folder, to_safetensors({"0.weight": torch.ones(2, 2)}), "model.safetensors")
    return folder


def links_in_a_circle(folder, trap):
    (folder / _PARTS[0]).symlink_to(folder / _PARTS[1])
    (folder / _PARTS[1]).symlink_to(folder / _PARTS[0])
    index = json.dumps({"weight_map": {"0.weight": _PARTS[0]}}).encode()
    return written(folder, index, _INDEX)


def a_pipe_as_a_part(folder, trap):
    os.mkfifo(folder / _PARTS[0])
    index = json.dumps({"weight_map": {"0.weight": _PARTS[0]}}).encode()
    return written(folder, index, _INDEX)


def one_part(folder, trap):
    return written(folder, to_safetensors({"0.weight": torch.ones(2, 2)}), _PARTS[0])


def bad_index(content: bytes) -> Maker:
    return lambda folder, trap: written(folder, content, _INDEX)


# Folders of Hugging Face with hostile settings


def settings(text: str | None = None, **changes) -> Maker:
    def make(folder, trap):
        module = module_of("llama")
        said = json.dumps(module.config.to_dict() | changes) if text is None else text
        written(folder, said.encode(), "config.json")
        kept = {key: tensor.clone() for key, tensor in tensors_of(module).items()}
        written(folder, to_safetensors(kept), "model.safetensors")
        return folder

    return make


def numbers(**changed) -> Maker:
    """A folder in which a tensor is another one."""

    def make(folder, trap):
        settings()(folder, trap)
        kept = {key: tensor.clone() for key, tensor in tensors_of(module_of("llama")).items()}
        for key, change in changed.items():
            name = {"norm": "model.norm.weight", "head": "lm_head.weight"}[key]
            made = change(kept.pop(name))
            if made is not None:
                kept[name] = made
        written(folder, to_safetensors(kept), "model.safetensors")
        return folder

    return make


def with_a(value: float) -> Callable[[torch.Tensor], torch.Tensor]:
    def change(tensor: torch.Tensor) -> torch.Tensor:
        tensor.view(-1)[-1] = value
        return tensor

    return change
