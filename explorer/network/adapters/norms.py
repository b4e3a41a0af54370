"""Stacks of linear layers with norms between them, as ``nn.Sequential`` numbers them."""

from itertools import pairwise

from explorer.network.adapters.base import Adapter
from explorer.network.adapters.plan import Plan
from explorer.network.adapters.stack import natural_order
from explorer.network.architectures import Network
from explorer.network.architectures.dataflow_forms import network_from
from explorer.network.readers import WeightFile

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
_EPS = 1e-5


class NormedStack(Adapter):
    """Linear layers with batch norms, layer norms or RMS norms, ReLU in the gaps.

    What has no tensors has a number still in ``nn.Sequential``: a gap in the numbers is taken for
    the ReLU. Without numbers it is taken to stand behind the norm.
    """

    name = "Linear layers with norms and ReLU"
    needs = "linear layers in a row, with batch norms, layer norms or RMS norms among them"

    def recognises(self, content: WeightFile) -> bool:
        """Tell by parts that are each a matrix or a norm, at least one of either."""
        if content.config is not None and "model_type" in content.config:
            return False
        kinds = [_kind(parts) for parts in _parts(content).values()]
        return None not in kinds and "linear" in kinds and len(set(kinds)) > 1

    def open(self, content: WeightFile, name: str) -> Network:
        """Put the parts in a row."""
        parts = _parts(content)
        order = list(parts) if content.in_definition_order else sorted(parts, key=natural_order)
        first = next(key for key in order if _kind(parts[key]) == "linear")
        plan = Plan(content, name, (content.shapes[f"{first}.weight"][1],))
        value = _add(plan, 0, order[0], _kind(parts[order[0]]))
        waits = False  # for the ReLU between the last linear layer and the next
        for before, key in pairwise(order):
            waits = waits or _kind(parts[before]) == "linear"
            kind = _kind(parts[key])
            if waits and (kind == "linear" or _gap(before, key) > 1):
                value, waits = plan.relu(value), False
            value = _add(plan, value, key, kind)
        plan.check_all_used("stack of linear layers with norms")
        return network_from(plan.recipe)

    def notes(self, content: WeightFile) -> tuple[str, ...]:
        """Say what was assumed."""
        return ("Its file does not say what stands between its layers: a ReLU is assumed.",)


def _parts(content: WeightFile) -> dict[str, dict[str, tuple[int, ...]]]:
    """Shapes of tensors by the part that they belong to."""
    parts: dict[str, dict[str, tuple[int, ...]]] = {}
    for key, shape in content.shapes.items():
        part, _, role = key.rpartition(".")
        parts.setdefault(part, {})[role] = shape
    return parts


def _kind(part: dict[str, tuple[int, ...]]) -> str | None:
    """Tell what a part is by its tensors."""
    axes = len(part.get("weight", ()))
    rest = set(part) - {"weight", "bias"}
    if axes == 2 and not rest:
        return "linear"
    if "running_mean" in part and rest <= set(_STATISTICS):
        return "batch_norm"
    if axes == 1 and not rest:
        return "layer_norm" if "bias" in part else "rms_norm"
    return None


def _add(plan: Plan, value: int, key: str, kind: str | None) -> int:
    if kind == "linear":
        return plan.linear(value, key)
    if kind == "batch_norm":
        return plan.batch_norm(value, key)
    return plan.norm(value, key, kind or "layer_norm", _EPS)


def _gap(before: str, key: str) -> int:
    """How far apart two parts are numbered; 1 where they are not numbered alike."""
    one, other = before.rpartition("."), key.rpartition(".")
    if one[0] != other[0] or not (one[2].isascii() and one[2].isdigit() and other[2].isdigit()):
        return 1
    return int(other[2][:9]) - int(one[2][:9])
