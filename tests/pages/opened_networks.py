"""Tiny networks of other people, as files that somebody drops on a page."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors.torch import save

from tests.network.tasks.tiny_tokenizers import words_tokenizer
from tests.network.tiny_transformers import random_module, tensors_of

BLOCKS = 4


@cache
def sharded_gpt() -> tuple[tuple[str, bytes], ...]:
    """The files of a tiny GPT in two parts, with its settings and tokenizer."""
    with TemporaryDirectory() as folder:
        size = words_tokenizer(Path(folder))
        tokenizer = (Path(folder) / "tokenizer.json").read_bytes()
    module = random_module("llama", BLOCKS, vocab_size=size)
    tensors = {key: tensor.contiguous() for key, tensor in tensors_of(module).items()}
    names = sorted(tensors)
    parts = {f"model-0000{part + 1}-of-00002.safetensors": names[part::2] for part in range(2)}
    index = {"weight_map": {key: part for part, keys in parts.items() for key in keys}}
    return (
        ("config.json", json.dumps(module.config.to_dict()).encode()),
        ("model.safetensors.index.json", json.dumps(index).encode()),
        ("tokenizer.json", tokenizer),
        *((part, save({key: tensors[key] for key in keys})) for part, keys in parts.items()),
    )
