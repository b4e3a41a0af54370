"""Q_B of bins that are fixed from the start."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from explorer.network.graph import Ints, NetworkGraph
from explorer.training.losses.layered import LayeredModularity


class FixedBins(LayeredModularity):
    """Penalty 1 - Q_B / (1 - 1/k) of contiguous bins: neuron i of n is in bin floor(i k / n).

    Nothing is searched for. Inner neurons can change places at initialisation, so that any bins
    will do for them; inputs and outputs cannot, and bins that part what belongs together cost
    accuracy. A GPT has no input or output nodes; its bins over residual dimensions, heads and
    neurons are those of its gate (``GPT.bins``).

    Golechha et al. raise the share of squared weights inside bins, which one giant bin would
    maximise too; Q_B, on the masses of the run's graph, does not allow that.

    References
    ----------
    Golechha, Chaudhary, Velja, Abate, Schoots (2025), Modular training of neural networks aids
    interpretability, arXiv:2502.02470.
    """

    title: ClassVar[str] = "Fixed bins"
    summary: ClassVar[str] = (
        "Raises Q_B of modules that are fixed from the start: in each layer, contiguous bins of "
        "neurons."
    )

    def find_partition(self, graph: NetworkGraph) -> Ints:
        """The bins, whatever the graph is."""
        return contiguous_bins(self.sizes, self.count)


def contiguous_bins(sizes: Sequence[int], count: int) -> Ints:
    """Labels of all nodes that put every layer into ``count`` contiguous bins of like size.

    Examples
    --------
    >>> contiguous_bins([4, 2], 2).tolist()
    [0, 0, 1, 1, 0, 1]
    """
    return np.concatenate([np.arange(size) * count // size for size in sizes])
