"""What a trained network of a sweep is worth: ability and modularity, in one flat frozen value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from explorer.errors import SweepError
from explorer.modularity.cut_tree import gomory_hu_tree
from explorer.modularity.finding import find_modules
from explorer.modularity.layered import layered_modularity, maximise_layered_modularity
from explorer.modularity.null_models import shuffled_graphs
from explorer.modularity.partition import Partition
from explorer.modularity.quality import inside_mass, n_cut
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import NetworkGraph, network_graph
from explorer.observation.functional import functional_modularity
from explorer.observation.interface_size import interface_size

LEAST_VOLUME = 0.02  # of a module that counts
_NULLS = 5


@dataclass(frozen=True)
class RunFigures:
    """Figures of one trained network.

    None where a figure has no meaning, such as those of weights where a network has none left.

    Attributes
    ----------
    validation_accuracy, test_accuracy : float or None
        Mean share of right answers over heads or skills.
    validation_loss, test_loss : float or None
        Cross-entropy in nats.
    q_b : float
        Layered modularity of the partition that was found, by activity.
    q_b_path : float or None
        The same partition's by path norms; None for a network that is no chain of layers.
    q_b_null : float
        Mean of what the same search finds in networks with the weights of each layer shuffled.
    n_cut : float or None
    inside : float
        Share of the weight inside modules.
    modules : int
        Modules with at least 2 % of the volume.
    functional : float or None
        Functional modularity on the test split; None with fewer than two heads or modules.
    interface : int
        Weights between modules that must stay for at most a point of accuracy lost on the
        validation split.
    cut_balance, cut_boundary : float or None
        Of the most balanced cut in the cut tree: balance, and cut over volume. None where every
        cut isolates a neuron.
    trivial_cut_share : float
        Share of the cuts that isolate a neuron.
    seconds : float or None
        That the training took.
    checkpoint_id : str
    """

    validation_accuracy: float | None
    test_accuracy: float | None
    validation_loss: float | None
    test_loss: float | None
    q_b: float | None
    q_b_path: float | None
    q_b_null: float | None
    n_cut: float | None
    inside: float | None
    modules: int
    functional: float | None
    interface: int
    cut_balance: float | None
    cut_boundary: float | None
    trivial_cut_share: float | None
    seconds: float | None
    checkpoint_id: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for a file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RunFigures":
        """Make figures of plain data.

        Raises
        ------
        SweepError
            If it is no such data.
        """
        if set(values) != {field.name for field in fields(cls)}:
            raise SweepError(
                f"found figures {', '.join(sorted(values)):.80}; expected those of RunFigures"
            )
        for name, value in values.items():
            kinds = str if name == "checkpoint_id" else int | float | None
            if not isinstance(value, kinds) or isinstance(value, bool):
                raise SweepError(f"found {name} = {value!r:.40}; expected a number")
        return cls(**values)


def summarise(
    checkpoint: Checkpoint, modules: int | None = None, seconds: float | None = None
) -> RunFigures:
    """Measure a trained network.

    Parameters
    ----------
    checkpoint : Checkpoint
        With its task, and the figures that training recorded.
    modules : int, optional
        Number of modules to look for, at most; by default it is chosen (see ``find_modules``).
    seconds : float, optional
        That the training took.

    Returns
    -------
    RunFigures

    Examples
    --------
    >>> from explorer import load
    >>> found = summarise(load("xor4-modular"))
    >>> found.modules, found.q_b > found.q_b_null, found.interface
    (4, True, 0)
    """
    graph = network_graph(checkpoint, "activity")
    partition = find_modules(graph, modules)
    tree = gomory_hu_tree(graph)
    cuts = tree.balanced_cuts(graph)
    return RunFigures(
        **{
            name: _number(checkpoint.metrics.get(name))
            for name in ("validation_accuracy", "test_accuracy", "validation_loss", "test_loss")
        },
        q_b=_number(layered_modularity(graph, partition.labels)),
        q_b_path=_by_path(checkpoint, partition),
        q_b_null=_chance(graph, partition),
        n_cut=_number(n_cut(partition)),
        inside=_number(inside_mass(partition)),
        modules=sum(module.volume >= LEAST_VOLUME for module in partition.modules),
        functional=_number(functional_modularity(partition)),
        interface=interface_size(partition).kept,
        cut_balance=_number(cuts[0].balance) if cuts else None,
        cut_boundary=_number(cuts[0].cut_per_volume) if cuts else None,
        trivial_cut_share=_number(tree.trivial_share),
        seconds=seconds,
        checkpoint_id=checkpoint.id,
    )


def _by_path(checkpoint: Checkpoint, partition: Partition) -> float | None:
    if not checkpoint.network.is_chain:
        return None
    return _number(layered_modularity(network_graph(checkpoint, "path"), partition.labels))


def _chance(graph: NetworkGraph, partition: Partition) -> float | None:
    count = max(partition.count, 1)
    found = [
        layered_modularity(null, maximise_layered_modularity(null, count))
        for null in shuffled_graphs(graph, _NULLS, "all", seed=0)
    ]
    return _number(float(np.mean(found)))


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
