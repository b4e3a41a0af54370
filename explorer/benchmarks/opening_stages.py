"""One network from its file to its modules, in a process of its own, stage by stage.

The first stage has all that a process needs to import. Kernels are loaded meanwhile by a thread, as
by the page's server and by nobody else: their loading is in the first stage, and not in that of the
tree.

Run as ``python -m explorer.benchmarks.opening_stages NAME``; the last line that it prints is JSON.
"""

import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

GEMMA, RESNET, NULLS, ACTIVITY = "gemma-270m", "resnet-18", "nulls", "activity"
SNIPPETS, TOKENS = 200, 64
_KEEP = 32


def run(what: str) -> dict[str, Any]:
    """Run the stages of one measurement.

    Parameters
    ----------
    what : {"gemma-270m", "resnet-18", "nulls", "activity"}
        Of the bundled GPT: from its file to its modules; of a ResNet-18 of random weights the same;
        one shuffled network of the GPT; 200 snippets of 64 tokens through it.

    Returns
    -------
    dict
        ``seconds`` by stage, ``memory`` (the most that the process held, in bytes), ``load`` of the
        machine at the start, and ``figures`` of what was found.
    """
    stages = _Stages()
    figures = {GEMMA: _gemma, RESNET: _resnet, NULLS: _nulls, ACTIVITY: _activity}[what](stages)
    return {
        "what": what,
        "seconds": stages.seconds,
        # Linux counts in kilobytes.
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "load": stages.load,
        "figures": figures,
    }


class _Stages:
    """Seconds of every stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.load = os.getloadavg()[0]

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - start


def _gemma(stages: _Stages) -> dict[str, Any]:
    with stages.timed("open"), _warming_up():
        from explorer import load

        checkpoint = load(GEMMA)
    return _to_modules(stages, checkpoint)


def _resnet(stages: _Stages) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "resnet18.safetensors"
        from safetensors.torch import save_file

        save_file(resnet_tensors(), path)
        with stages.timed("open"), _warming_up():
            from explorer import load

            checkpoint = load(path)
        return _to_modules(stages, checkpoint)


@contextmanager
def _warming_up() -> Iterator[None]:
    """Import what modules are found with, and load its kernels, beside what is done here."""

    def warm_up() -> None:
        from explorer.modularity import cut_tree, finding

        assert finding.METHODS
        cut_tree.warm_up()

    beside = threading.Thread(target=warm_up)
    beside.start()
    yield
    beside.join()


def _to_modules(stages: _Stages, checkpoint: Any) -> dict[str, Any]:
    from explorer import find_modules, gomory_hu_tree, network_graph

    with stages.timed("graph"):
        graph = network_graph(checkpoint, "layer")
    with stages.timed("tree"):
        tree = gomory_hu_tree(graph)
    with stages.timed("modules"):
        partition = find_modules(graph)
    with stages.timed("tables"):
        names = [module.name for module in partition.modules]
        interfaces = len(partition.interfaces)
    return {
        "nodes": graph.node_count,
        "edges": graph.edge_count,
        "modules": len(names),
        "interfaces": interfaces,
        "one-neuron cuts": tree.trivial_share,
    }


def _nulls(stages: _Stages) -> dict[str, Any]:
    from explorer import find_modules, load, network_graph, quality

    graph = network_graph(load(GEMMA), "layer", _KEEP)
    partition = find_modules(graph, 2)
    with stages.timed("one shuffled network"):
        found = quality(graph, partition, null_count=1)
    null = found.layered_modularity.null("all")
    return {"Q_B": found.layered_modularity.value, "Q_B shuffled": null.mean}


def _activity(stages: _Stages) -> dict[str, Any]:
    import torch

    from explorer import load
    from explorer.network.weightings import measure_activity

    network = load(GEMMA).network
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randint(network.input_size, (SNIPPETS, TOKENS), generator=generator)
    with stages.timed("activity"):
        measured = measure_activity(network, inputs)
    return {"sites": len(measured.mean)}


def resnet_tensors(seed: int = 0) -> dict[str, Any]:
    """Draw the tensors of a ResNet-18 of random weights, named as in torchvision.

    Examples
    --------
    >>> sum(tensor.numel() for name, tensor in resnet_tensors().items() if "running" not in name)
    11689512
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    tensors: dict[str, Any] = {}

    def weight(name: str, *shape: int) -> None:
        fan_in = max(1, torch.Size(shape[1:]).numel())
        drawn = torch.randn(*shape, generator=generator)
        tensors[f"{name}.weight"] = drawn * (2 / fan_in) ** 0.5

    def norm(name: str, size: int) -> None:
        values: dict[str, Callable[..., Any]] = {
            "weight": torch.ones,
            "bias": torch.zeros,
            "running_mean": torch.zeros,
            "running_var": torch.ones,
        }
        tensors.update({f"{name}.{key}": make(size) for key, make in values.items()})

    weight("conv1", 64, 3, 7, 7)
    norm("bn1", 64)
    before = 64
    for stage, width in enumerate((64, 128, 256, 512), start=1):
        for block in (0, 1):
            key = f"layer{stage}.{block}"
            for number, read in ((1, before), (2, width)):
                weight(f"{key}.conv{number}", width, read, 3, 3)
                norm(f"{key}.bn{number}", width)
            if before != width:
                weight(f"{key}.downsample.0", width, before, 1, 1)
                norm(f"{key}.downsample.1", width)
            before = width
    weight("fc", 1000, 512)
    tensors["fc.bias"] = torch.zeros(1000)
    return tensors


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(sys.argv[1])) + "\n")
