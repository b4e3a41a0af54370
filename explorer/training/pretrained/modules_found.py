"""The modules that continued training holds on to: how they are found, and how pure they are."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from explorer.errors import ConfigError
from explorer.network.architectures import Activity, Network
from explorer.network.graph import EdgeBlock, Floats, Ints, NetworkGraph
from explorer.network.pruning import pruned_blocks, resolved_keep
from explorer.training.losses.between_modules import BetweenModules
from explorer.training.losses.mixing import indicators, module_blocks


class FoundModules(BetweenModules):
    """The penalty between modules that are found at the start, or given and never changed."""

    def given(self, labels: Ints) -> None:
        """Take a partition that was found before.

        Raises
        ------
        ConfigError
            If it is not one of the network, or of one module alone.
        """
        if len(labels) != sum(self.sizes):
            raise ConfigError(
                f"found a partition of {len(labels):,} nodes; expected one of the "
                f"{sum(self.sizes):,} that the network has"
            )
        self.labels, self.count = labels, int(labels.max(initial=-1)) + 1
        if self.count < 2:
            raise ConfigError("found a partition of one module; expected at least two")

    def figures(self, network: Network, activity: Activity | None) -> tuple[float, float]:
        """Share of weight inside modules, and Q_B, averaged over links; every edge counts."""
        assert self.labels is not None
        sizes, inside, quality = sizes_by_link(network, activity), [], []
        with torch.no_grad():
            for link, ends in enumerate(self.links):
                mass = sizes(link).double()
                mass = mass / mass.sum().clamp(min=1e-30)
                parts = [part.to(mass.device) for part in self.by_layer]
                members = indicators(parts, self.count, mass.dtype)
                block = module_blocks([mass], members, [ends])[0]
                inside.append(float(block.trace()))
                quality.append(float(block.trace() - block.sum(dim=0) @ block.sum(dim=1)))
        return float(np.mean(inside)), float(np.mean(quality))


def sizes_by_link(network: Network, activity: Activity | None) -> Callable[[int], Tensor]:
    """Return a function that gives the sizes of the edges of one link after the other."""
    if network.streams:
        return lambda link: network.link_magnitude(link, activity)
    sizes = network.magnitudes(activity)
    return lambda link: sizes[link]


def graph_now(network: Network, weighting: str, activity: Activity | None) -> NetworkGraph:
    """Make the graph of a network that is being trained, on whatever device it is.

    Of a large one the strongest edges of every neuron, as in ``network_graph``.
    """
    sizes, links = sizes_by_link(network, activity), network.links

    def mass_of(link: int) -> Floats:
        with torch.no_grad():
            size = sizes(link).detach().double().cpu().numpy()
        return np.asarray(size / (size.sum() or 1.0))

    keep, pruning = resolved_keep(network, None), None
    if keep is None:
        blocks = tuple(EdgeBlock(*ends, mass_of(link)) for link, ends in enumerate(links))
    else:
        blocks, pruning = pruned_blocks(network, mass_of, keep)
    layers = network.neuron_layers
    names = tuple(map(str, range(sum(layer.size for layer in layers))))
    return NetworkGraph(layers, blocks, names, weighting, None, pruning)


def moved(activity: Activity | None, device: torch.device) -> Activity | None:
    """Bring averages to a device."""
    if activity is None:
        return None
    means = tuple(mean.to(device) for mean in activity.mean)
    return Activity(means, tuple(share.to(device) for share in activity.active_share))


def read_labels(path: str) -> Ints:
    """Read the module of every node from a file, in the order of nodes.

    That is ``partition.csv`` or ``partition.json`` of ``explorer.export``, or any CSV file with a
    column ``module``, or a JSON list. Modules are names or numbers; an empty name or -1 is none.

    Raises
    ------
    ConfigError
        If it is no such file.
    """
    file = Path(path)
    try:
        text = file.read_text("utf-8")
        if file.suffix == ".csv":
            modules = [row["module"] or "" for row in csv.DictReader(text.splitlines())]
        else:
            found = json.loads(text)
            rows = [one["module"] for one in found["nodes"]] if isinstance(found, dict) else found
            modules = [str(module) for module in rows]
    except OSError as problem:
        raise ConfigError(
            f"found partition = {path!r:.200}, which cannot be read ({problem.strerror}); expected "
            f"a CSV or JSON file"
        ) from problem
    except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as problem:
        raise ConfigError(
            f"found partition = {path!r:.200}, which holds no modules; expected a CSV file with a "
            f"column module, or a JSON list"
        ) from problem
    return _numbered(modules)


def _numbered(modules: Sequence[str]) -> Ints:
    nowhere = ("", "-1", "None")
    number = {name: at for at, name in enumerate(sorted(set(modules) - set(nowhere)))}
    return np.array([number.get(name, -1) for name in modules], dtype=np.int64)
