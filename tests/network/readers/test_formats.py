"""The same network has the same id, whatever format and place it comes from."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from explorer import load, save
from explorer.errors import UnknownNetworkError
from explorer.network.load import load_bytes
from explorer.network.readers import files
from tests.network.readers.gguf_writing import ARCHITECTURES, write_gguf
from tests.network.tiny_transformers import CONFIGS, module_of, random_module, tensors_of
from tests.networks import tiny_network

_CODE = {"auto_map": {"AutoModel": "evil.Model"}}


def write_folder(folder: Path, module, tensors=None, **changes) -> Path:
    """Write a folder as transformers does."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = module.config.to_dict() | changes
    (folder / "config.json").write_text(json.dumps(settings, default=str))
    save_file(tensors_of(module) if tensors is None else tensors, folder / "model.safetensors")
    return folder


def split(folder: Path, form: str, module) -> Path:
    """Write a folder with weights in two parts and an index."""
    write_folder(folder, module)
    (folder / "model.safetensors").unlink()
    tensors = tensors_of(module)
    stem, ending = form.split(".")
    places = {}
    for part in range(2):
        file = f"{stem}-{part + 1:05}-of-00002.{ending}"
        own = dict(list(tensors.items())[part::2])
        places |= dict.fromkeys(own, file)
        (save_file if ending == "safetensors" else torch.save)(own, folder / file)
    index = folder / f"{form}.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": places}))
    return index


@pytest.mark.parametrize("name", CONFIGS)
def test_every_format_of_every_family(name, tmp_path):
    module = random_module(name)
    if name == "bert":  # GGUF has no head of BERT
        module = module.bert
    if name.startswith("gemma"):  # GGUF adds 1 to its gains, which costs their last bits and a -0
        for key, tensor in module.state_dict().items():
            if key.endswith("norm.weight"):
                tensor.mul_(1024).round_().div_(1024).add_(0.0)
    folder = write_folder(tmp_path / "folder", module)
    first = load(folder)
    assert first.name == "folder"
    assert first.origin.format == "Hugging Face"
    assert first.origin.place == str(folder)
    index = split(tmp_path / "parts", "model.safetensors", module)
    bins = split(tmp_path / "bins", "pytorch_model.bin", module)
    wrapped = {f"module._orig_mod.{key}": value for key, value in tensors_of(module).items()}
    saved = {"model_state_dict": wrapped, "epoch": 3, "optimizer": {"lr": 0.1}}
    (tmp_path / "old").mkdir()
    torch.save(saved, tmp_path / "old" / "pytorch_model.bin")
    (tmp_path / "old" / "config.json").write_bytes((folder / "config.json").read_bytes())
    same = [
        load(folder / "model.safetensors"),
        load(index.parent),
        load(index),
        load(index.parent / "model-00002-of-00002.safetensors"),
        load(bins),
        load(tmp_path / "old"),
        load(module),
    ]
    if name in ARCHITECTURES:
        path = write_gguf(tmp_path / "a.gguf", name, module.config, arrays_of(module))
        same += [load(path), load_bytes(path.read_bytes(), "a")]
    assert {checkpoint.id for checkpoint in same} == {first.id}


def test_half_precision_is_kept_and_has_the_id_of_its_numbers(tmp_path):
    module = random_module("llama").half()
    folder = write_folder(tmp_path / "half", module)
    whole = {key: tensor.float() for key, tensor in tensors_of(module).items()}
    first, second = load(folder), load(write_folder(tmp_path / "whole", module, whole))
    assert first.id == second.id
    assert first.network.state_dict()["model.norm.weight"].dtype == torch.float16


@pytest.mark.parametrize("form", ["model.safetensors", "pytorch_model.bin"])
def test_large_files_are_mapped_and_not_read(form, tmp_path, monkeypatch):
    index = split(tmp_path / "parts", form, module_of("llama"))
    expected = load(index).id
    monkeypatch.setattr(files, "MAPPED_FROM", 0)
    monkeypatch.setattr(Path, "read_bytes", None)
    monkeypatch.setattr("explorer.network.readers.folders.read_json", read_json)
    monkeypatch.setattr("explorer.network.readers.sharded.read_json", read_json)
    found = load(index)
    assert found.id == expected
    with Path("/proc/self/maps").open() as maps:
        assert sum(str(tmp_path) in line for line in maps) >= 2


def read_json(path, name):
    with path.open() as stream:
        return json.load(stream)


def arrays_of(module):
    return {key: tensor.numpy() for key, tensor in tensors_of(module).items()}


@pytest.mark.parametrize("packing", ["Q8_0", "BF16"])
def test_packed_gguf_is_near(packing, tmp_path):
    module = random_module("llama", hidden_size=32, intermediate_size=64)
    path = write_gguf(tmp_path / "a.gguf", "llama", module.config, arrays_of(module), packing)
    found = load(path).network.state_dict()
    for key, tensor in tensors_of(module).items():
        torch.testing.assert_close(found[key], tensor, atol=0.02, rtol=0.02)


def test_an_unembedding_that_is_the_embedding_over_again_is_the_embedding(tmp_path):
    module = module_of("gpt2")
    tensors = arrays_of(module)
    first = load(write_gguf(tmp_path / "a.gguf", "gpt2", module.config, tensors))
    twice = tensors | {"lm_head.weight": tensors["transformer.wte.weight"]}
    second = load(write_gguf(tmp_path / "b.gguf", "gpt2", module.config, twice))
    assert first.id == second.id
    other = tensors | {"lm_head.weight": tensors["transformer.wte.weight"] + 1}
    third = load(write_gguf(tmp_path / "c.gguf", "gpt2", module.config, other))
    assert third.network.describe()["config"]["tie_word_embeddings"] is False


def test_a_training_checkpoint_of_nanogpt(tmp_path):
    module = module_of("gpt2")
    turned = ("c_attn.weight", "c_proj.weight", "c_fc.weight")  # its layers are linear
    tensors = {
        f"_orig_mod.{key}": tensor.T.contiguous() if key.endswith(turned) else tensor
        for key, tensor in tensors_of(module).items()
    }
    args = {"n_layer": 2, "n_head": 4, "n_embd": 16, "block_size": 32, "bias": True}
    saved = {
        "model": tensors,
        "optimizer": {"state": {0: {"step": torch.ones(1)}}},
        "model_args": args | {"vocab_size": 40, "dropout": 0.0},
        "iter_num": 3,
        "best_val_loss": torch.ones(()),
        "config": {"out_dir": "out"},
    }
    torch.save(saved, tmp_path / "ckpt.pt")
    found = load(tmp_path / "ckpt.pt")
    assert found.origin.format == "nanoGPT"
    assert found.origin.notes[0] == (
        "Of a training checkpoint, 'model' was taken and left out: optimizer, iter_num, "
        "best_val_loss, config."
    )
    first, second = found.network, load(module).network
    inputs = torch.arange(8)[None]
    assert (first(inputs).softmax(-1) - second(inputs).softmax(-1)).abs().max() < 0.05


def test_code_that_settings_name_is_never_run(tmp_path):
    (tmp_path / "evil.py").write_text("raise SystemExit('it was run')")
    folder = write_folder(tmp_path, module_of("llama"), **_CODE)
    found = load(folder)
    assert found.id == load(module_of("llama")).id
    assert found.origin.notes == ("Its config.json names code of its own, which is never run.",)


def test_what_stands_beside_weights(tmp_path):
    folder = write_folder(tmp_path / "a", module_of("llama"))
    assert load(folder).origin.tokenizer is None
    (folder / "tokenizer.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"")
    found = load(folder)
    assert found.origin.tokenizer == str(folder)
    assert found.origin.notes == (
        "The folder holds pytorch_model.bin too; model.safetensors was taken.",
    )
    (folder / "tokenizer_config.json").write_text(json.dumps(_CODE))
    assert load(folder).origin.tokenizer is None


def test_a_folder_of_one_file_and_of_several(tmp_path):
    torch.save(tiny_network().state_dict(), tmp_path / "a.pt")
    assert load(tmp_path).id == load(tmp_path / "a.pt").id
    assert load(tmp_path).name == tmp_path.name
    torch.save(tiny_network().state_dict(), tmp_path / "b.pt")
    with pytest.raises(UnknownNetworkError, match=r"found 2 files of weights .*a.pt, b.pt"):
        load(tmp_path)


def test_a_network_that_says_what_it_is_can_be_in_half_precision(tmp_path):
    first = load(random_module("llama").half())
    second = load(save(first, tmp_path / "a.safetensors"))
    assert second.id == first.id
    assert second.network.state_dict()["model.norm.weight"].dtype == torch.float16
