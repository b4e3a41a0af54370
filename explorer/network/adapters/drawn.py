"""Networks whose files say themselves how their layers are joined."""

from explorer.network.adapters.base import Adapter
from explorer.network.architectures import Network
from explorer.network.architectures.dataflow_forms import network_from
from explorer.network.readers import WeightFile


class DrawnNetwork(Adapter):
    """Whatever an ONNX file draws: linear layers, convolutions, norms, activations, sums."""

    name = "Any graph in ONNX"
    needs = "an ONNX file whose operations are known here"

    def recognises(self, content: WeightFile) -> bool:
        """Tell by the plan that the file draws."""
        return content.drawn is not None

    def open(self, content: WeightFile, name: str) -> Network:
        """Run its steps as they are drawn."""
        assert content.drawn is not None
        if content.drawn.problem is not None:
            raise content.drawn.problem
        return network_from(content.drawn.recipe, content.drawn.output)

    def notes(self, content: WeightFile) -> tuple[str, ...]:
        """Say what was left out or assumed."""
        return () if content.drawn is None else tuple(dict.fromkeys(content.drawn.recipe.notes))
