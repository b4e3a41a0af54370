"""Explorer for modular neural networks: from a checkpoint to its modules.

The verbs, in the order in which data flows::

    checkpoint = load("pair-modular")  # or the path of a file; networks() lists the names
    graph = network_graph(checkpoint)  # neurons and edge masses
    tree = gomory_hu_tree(graph)  # all minimum cuts
    partition = find_modules(graph)  # modules and interfaces
    found = quality(graph, partition)  # figures, each beside its null
    hierarchy = module_tree(graph, partition)
    evidence(checkpoint, partition.module("A"))  # what it reads, does and is needed for
    describe(evidence(checkpoint, partition.module("A")))  # a text of claims that hold
    score(description, evidence)  # how far to believe it, each figure beside its nulls
    compare(partition, other)  # which module of one network is which of the other
    export(partition, "folder")  # everything that was found, in files that others open
    audit(checkpoint)  # does it pursue its task? verdict, false-alarm rate, suspects
    train(TrainingConfig(task="pair", hidden=(48, 48), modularity_coefficient=1.0))  # a checkpoint

Each returns a frozen value that the next one takes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.auditing.report import audit
    from explorer.description.describer import describe
    from explorer.exporting.folder import export
    from explorer.modularity.cut_tree.tree import gomory_hu_tree
    from explorer.modularity.finding import find_modules
    from explorer.modularity.module_tree import module_tree
    from explorer.modularity.quality import quality
    from explorer.network.bundled import networks
    from explorer.network.checkpoint import save
    from explorer.network.graph import network_graph
    from explorer.network.load import load
    from explorer.network.tasks.registry import tasks
    from explorer.observation.comparing.comparison import compare
    from explorer.observation.record import evidence
    from explorer.scoring.score import score
    from explorer.training.loop import train

# Imported when first asked for: torch takes seconds, and a page must paint before that.
_HOMES = {
    "audit": "explorer.auditing.report",
    "compare": "explorer.observation.comparing.comparison",
    "describe": "explorer.description.describer",
    "evidence": "explorer.observation.record",
    "export": "explorer.exporting.folder",
    "find_modules": "explorer.modularity.finding",
    "gomory_hu_tree": "explorer.modularity.cut_tree.tree",
    "load": "explorer.network.load",
    "module_tree": "explorer.modularity.module_tree",
    "network_graph": "explorer.network.graph",
    "networks": "explorer.network.bundled",
    "quality": "explorer.modularity.quality",
    "save": "explorer.network.checkpoint",
    "score": "explorer.scoring.score",
    "tasks": "explorer.network.tasks.registry",
    "train": "explorer.training.loop",
}

__all__ = [
    "audit",
    "compare",
    "describe",
    "evidence",
    "export",
    "find_modules",
    "gomory_hu_tree",
    "load",
    "module_tree",
    "network_graph",
    "networks",
    "quality",
    "save",
    "score",
    "tasks",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'explorer' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
