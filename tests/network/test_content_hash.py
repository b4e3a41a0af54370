"""Ids: hashes of all weights in single precision, taken in pieces, and looked at on the way."""

import hashlib
import json

import pytest
import torch

from explorer.errors import WeightError
from explorer.network import content_hash as module
from explorer.network.checkpoint import Checkpoint
from explorer.network.content_hash import content_hash
from tests.networks import random_network, tiny_network


def by_definition(network, task_name=None) -> str:
    digest = hashlib.sha256(json.dumps([network.describe(), task_name], sort_keys=True).encode())
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.to(torch.float32).contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


@pytest.mark.parametrize("piece", [1, 3, 7, 10**6])
def test_pieces_hash_as_the_whole(piece, monkeypatch):
    monkeypatch.setattr(module, "_PIECE", piece)
    network = random_network([8, 5, 8])
    assert content_hash(network, None, "it") == by_definition(network)
    assert content_hash(network, "xor4", "it") == by_definition(network, "xor4")
    network.layers[0].weight.data = network.layers[0].weight.data.T.contiguous().T
    assert not network.layers[0].weight.is_contiguous()
    assert content_hash(network, None, "it") == by_definition(network)


def test_the_known_id_of_a_network():
    """Links and kept networks go by ids: they must never change."""
    assert Checkpoint("it", tiny_network()).id == by_definition(tiny_network())


def test_a_large_network_is_hashed_once_until_it_changes(monkeypatch):
    monkeypatch.setattr(module, "_LARGE", 10)
    counted = []
    add = module._add_weights
    monkeypatch.setattr(module, "_add_weights", lambda *a: (counted.append(1), add(*a)))
    network = random_network([8, 5, 8])
    first = content_hash(network, None, "it")
    assert content_hash(network, "xor4", "it") != first
    assert content_hash(network, None, "it") == first
    assert len(counted) == 1
    with torch.no_grad():
        network.layers[0].weight[0, 0] += 1
    assert content_hash(network, None, "it") != first
    network.layers[0].weight.data = torch.zeros(5, 8)
    content_hash(network, None, "it")
    assert len(counted) == 3
    assert content_hash(random_network([8, 5, 8]), None, "it") == first


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("place", [0, 17, 39])
def test_one_bad_number_is_found_in_any_piece(value, place, monkeypatch):
    monkeypatch.setattr(module, "_PIECE", 4)
    network = random_network([8, 5, 8])
    with torch.no_grad():
        network.layers[0].weight.view(-1)[place] = value
    with pytest.raises(WeightError, match=r"found 1 of 40 numbers .* in layers.0.weight of it"):
        content_hash(network, None, "it")
