"""Tiny networks opened with data of somebody's own, and ways to run few examples at a time."""

from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.network.architectures import CNN, GPT, MLP, Transformer
from explorer.network.checkpoint import Checkpoint, Origin
from explorer.network.tasks import (
    kept,
    task_from_pictures,
    task_from_rows,
    task_from_texts,
)
from explorer.observation import activations, effects
from tests.network.tasks.test_samples_numbers import picture, rows, zipped
from tests.network.tasks.tiny_tokenizers import TEXT, words_tokenizer

SIZES = {
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 4,
    "max_position_embeddings": 64,
}
KINDS = ("llama", "gpt", "pictures", "rows")


def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep nothing of other tests."""
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    kept._made.cache_clear()
    effects._before.clear()


def opened(kind: str, folder: Path) -> Checkpoint:
    """A tiny network of a kind, opened with data of somebody's own."""
    generator = torch.Generator().manual_seed(1)
    if kind == "pictures":
        network = CNN((6, 8), [3, 4, 5], 3)
        network.initialise(generator)
        checkpoint = Checkpoint("cnn", network)
        made = task_from_pictures(zipped({f"{n}.png": picture(n) for n in range(30)}), checkpoint)
    elif kind == "rows":
        mlp = MLP([3, 6, 5, 2])
        mlp.initialise(generator)
        checkpoint = Checkpoint("mlp", mlp)
        made = task_from_rows(rows(), checkpoint)
    else:
        size = words_tokenizer(folder, marks=kind == "llama")
        gpt = (
            Transformer("llama", {**SIZES, "vocab_size": size})
            if kind == "llama"
            else GPT(tokens=size, width=8, heads=2, feed_forward=(12, 12))
        )
        gpt.initialise(generator)
        if kind == "llama":  # the usual small start would make all logits alike
            gpt.load_state_dict({n: t * 10 for n, t in gpt.state_dict().items()})
        checkpoint = Checkpoint(kind, gpt, origin=Origin("test", tokenizer=str(folder)))
        made = task_from_texts(TEXT, checkpoint)
    return checkpoint.with_task(made.name)


def few_at_once(monkeypatch, count: int = 3) -> None:
    """Let every network run so few examples at a time."""
    for kind in (CNN, GPT, MLP, Transformer):
        for name in ("examples_at_once", "examples_inside"):
            monkeypatch.setattr(kind, name, lambda self, positions=1: count)


def forget() -> None:
    activations._open.clear()
    effects._before.clear()


def counted(task) -> np.ndarray:
    """Which rows are no marks."""
    inputs = task.split("explain").inputs.flatten()
    return ~np.isin(inputs.numpy(), task.marks) if task.is_text else np.ones(len(inputs), bool)
