"""An export of a small network, written once for all tests that read it back."""

import pytest

from explorer import describe, evidence, export, find_modules, gomory_hu_tree, load, network_graph
from explorer.modularity.quality import quality


@pytest.fixture(scope="package")
def partition():
    return find_modules(network_graph(load("xor4-modular")), k=4)


@pytest.fixture(scope="package")
def found(partition):
    return quality(partition.graph, partition, null_count=2)


@pytest.fixture(scope="package")
def tree(partition):
    return gomory_hu_tree(partition.graph)


@pytest.fixture(scope="package")
def description(partition):
    return describe(evidence(partition.graph.checkpoint, partition.module("A")))


@pytest.fixture(scope="package")
def folder(partition, found, tree, description, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_HOME", str(home))
        seen = []
        made = export(
            partition, home / "xor4", [description], tree, progress=seen.append, quality=found
        )
    assert seen == sorted(seen)
    assert seen[-1] == 1
    return made
