"""The certificate in words: it passes for modules, and not for splits by depth."""

import torch

from explorer import find_modules, gomory_hu_tree, load, network_graph
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.views.certificate_text import describe_certificate


def said(checkpoint: Checkpoint, k: int, weighting: str = "activity") -> str:
    graph = network_graph(checkpoint, weighting)
    return describe_certificate(gomory_hu_tree(graph), find_modules(graph, k))


def test_modules_that_hang_on_by_little_are_certified() -> None:
    text = said(load("pair-modular"), 2)
    assert text.startswith("**Certified:** a minimum cut parts off module ")
    assert "parts off module" in said(load("xor4-modular"), 4)


def test_a_plain_network_is_not_and_hears_by_how_much() -> None:
    text = said(load("pair-plain"), 2)
    assert text.startswith("**Not certified:**")
    assert "times what the heaviest neuron" in text


def test_a_bottleneck_between_layers_is_no_split_into_modules() -> None:
    torch.manual_seed(0)
    deep = Checkpoint("deep", MLP([4, *[3] * 60, 2]))
    text = said(deep, 2, "path")
    assert text.startswith("**Not certified:**")
    assert "by depth" in text
