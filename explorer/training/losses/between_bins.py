"""The share of weight between bins that are fixed from the start, pushed down and nothing else."""

from typing import ClassVar

from explorer.network.graph import Ints, NetworkGraph
from explorer.training.losses.between_modules import BetweenModules
from explorer.training.losses.fixed_bins import contiguous_bins


class BetweenBins(BetweenModules):
    """Penalty: share of edge mass between fixed bins, over its share 1 - 1/k at random.

    See ``BetweenModules``. One bin with everything in it would be an optimum, so it is for networks
    that must use all bins, such as a GPT with a gate.
    """

    title: ClassVar[str] = "Between bins"
    summary: ClassVar[str] = (
        "Shrinks the weights between modules that are fixed from the start, and leaves those "
        "inside alone: for a GPT with a gate."
    )

    def find_partition(self, graph: NetworkGraph) -> Ints:
        """The bins, whatever the graph is."""
        return contiguous_bins(self.sizes, self.count)
