"""A tiny Llama with a tokenizer of its own, and a text for it."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from explorer.network.architectures import Transformer
from explorer.network.threads import single_threaded
from explorer.training.pretrained.config import ContinuedConfig

WORDS = 30
SETTINGS = {
    "vocab_size": WORDS,
    "hidden_size": 16,
    "intermediate_size": 24,
    "head_dim": 4,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "tie_word_embeddings": True,
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums are compared to the bit."""
    with single_threaded():
        yield


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("llama")
    network = Transformer("llama", SETTINGS)
    network.initialise(torch.Generator().manual_seed(0))
    generator = torch.Generator().manual_seed(1)
    weights = {
        name: tensor + 0.2 * torch.randn(tensor.shape, generator=generator)
        for name, tensor in network.state_dict().items()
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = {**network.settings, "model_type": "llama", "eos_token_id": 3}
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer = Tokenizer(models.WordLevel({f"w{k}": k for k in range(WORDS)}, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text("{}")
    return folder


@pytest.fixture(scope="session")
def text_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Words each of which says which three may follow."""
    drawn = np.random.default_rng(0)
    word, words = 0, []
    for _ in range(4_000):
        word = (3 * word + int(drawn.integers(3))) % WORDS
        words.append(f"w{word}")
    place = tmp_path_factory.mktemp("text") / "text.txt"
    place.write_text("\n".join(" ".join(words[at : at + 50]) for at in range(0, 4_000, 50)))
    return place


@pytest.fixture
def config(llama_folder: Path, text_file: Path, tmp_path: Path) -> ContinuedConfig:
    return ContinuedConfig(
        network=str(llama_folder),
        text=str(text_file),
        output=str(tmp_path / "run"),
        steps=12,
        batch_size=4,
        length=16,
        learning_rate=1e-2,
        warm_up=2,
        modularity_coefficient=3.0,
        module_count=2,
        refresh=5,
        measured_windows=8,
        measure_every=4,
    )
