"""Networks with different tokenizers are put side by side where both have read the same text."""

import numpy as np
import pytest
import torch

from explorer import compare, find_modules, network_graph
from explorer.network.architectures import GPT
from explorer.network.checkpoint import Checkpoint, Origin
from explorer.network.tasks import task_from_texts
from explorer.network.tasks.samples_vocabulary import open_tokenizer
from explorer.observation.comparing import texts
from explorer.observation.comparing.texts import common_text, read_places
from tests.network.tasks.tiny_tokenizers import TEXT, bytes_tokenizer, words_tokenizer


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Modules of two tiny GPTs, of which one reads words with a mark and one pieces of them."""
    folders = [tmp_path_factory.mktemp(name) for name in ("words", "bytes")]
    sizes = words_tokenizer(folders[0], marks=True), bytes_tokenizer(folders[1])
    found = []
    for folder, size, seed in zip(folders, sizes, (0, 1), strict=True):
        torch.manual_seed(seed)
        network = GPT(tokens=size, width=8, heads=2, feed_forward=(16,))
        origin = Origin("test", tokenizer=str(folder))
        found.append(partition_of(Checkpoint(folder.name, network, origin=origin)))
    return found


def partition_of(checkpoint):
    return find_modules(network_graph(checkpoint, "layer"), 2)


def on_cats(partition):
    checkpoint = partition.graph.checkpoint
    return partition_of(checkpoint.with_task(task_from_texts(TEXT, checkpoint, "cats").name))


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


def test_places_are_those_at_which_both_have_read_the_same(pair):
    on_text = on_cats(pair[0])
    found = common_text(on_text, pair[1], 100)
    assert found.title == "cats"
    assert len(found.places[0]) == len(found.places[1]) == 100
    read = []
    for side, partition in enumerate(pair):
        checkpoint = partition.graph.checkpoint
        tokenizer = open_tokenizer(checkpoint.origin.tokenizer, checkpoint.name)
        length = found.tokens[side].shape[1]
        rows = [divmod(place, length) for place in found.places[side].tolist()]
        read.append(
            [
                (row, tokenizer.decode(found.tokens[side][row, : at + 1].tolist()).strip())
                for row, at in rows
            ]
        )
    assert read[0] == read[1]
    assert len(set(read[0])) == 100
    assert all(" " in said for _, said in read[0])  # never the first token of a passage


def test_a_place_holds_what_the_neurons_do_there(pair, monkeypatch):
    checkpoint = pair[1].graph.checkpoint
    network = checkpoint.network
    tokens = torch.randint(0, 200, (7, 9), generator=torch.Generator().manual_seed(0))
    places = np.array([3, 9, 10, 40, 62])
    whole = torch.cat([layer.flatten(0, 1) for layer in network.trace(tokens).layers[:1]], dim=1)
    monkeypatch.setattr(type(network), "examples_inside", lambda self, positions: 2)
    found = read_places(checkpoint, tokens, places).values
    assert found.shape == (5, pair[1].graph.node_count)
    assert found[:, : whole.shape[1]] == pytest.approx(whole[places].detach().numpy(), abs=1e-6)


def test_without_data_both_are_run_on_the_built_in_text(pair, monkeypatch):
    monkeypatch.setattr(texts, "_PASSAGES", 10)
    shares = []
    found = compare(*pair, progress=shares.append)
    assert found.way == "function"
    assert "in the same text, the documentation of networkx, at" in found.reason
    assert found.shared >= 32
    assert [match.null.count for match in found.matches] == [40, 40]
    assert shares == sorted(shares) and shares[-1] == 1
    itself = compare(pair[0], pair[0], by="function")
    assert [match.similarity for match in itself.matches] == pytest.approx([1, 1])


def test_without_a_tokenizer_there_is_no_common_text(pair):
    bare = partition_of(Checkpoint("bare", pair[1].graph.checkpoint.network))
    assert common_text(pair[0], bare, 100) is None
    assert compare(pair[0], bare).way != "function"
    # A tokenizer of another network, whose tokens this one does not know.
    torch.manual_seed(0)
    origin = pair[1].graph.checkpoint.origin
    small = partition_of(
        Checkpoint("small", GPT(tokens=30, width=8, heads=2, feed_forward=(16,)), origin=origin)
    )
    assert common_text(pair[0], small, 100) is None
