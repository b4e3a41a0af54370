"""What was done to a network after its training: kept in its file, whoever opens it."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from explorer.errors import AuditError
from explorer.network.architectures import Network
from explorer.network.checkpoint import Checkpoint

KEY = "repairs"
KINDS = ("zero", "mean", "freeze", "scale", "fine-tune", "fine-prune")
_MAX_ENTRIES = 100
_ID = re.compile(r"[0-9a-f]{16}")
_NAME_LENGTH = 60


@dataclass(frozen=True)
class Repair:
    """One thing that was done to a network.

    Attributes
    ----------
    did : {"zero", "mean", "freeze", "scale", "fine-tune", "fine-prune"}
    of : str
        Id of the network that it was done to.
    nodes : tuple of int
        Neurons that were changed; of a fine-tuning none.
    factor : float
        What they were scaled with.
    steps, examples, seed : int
        Of a fine-tuning, also of the one that follows a pruning.
    learning_rate : float
    """

    did: str
    of: str
    nodes: tuple[int, ...] = ()
    factor: float = 0.0
    steps: int = 0
    examples: int = 0
    learning_rate: float = 0.0
    seed: int = 0

    def in_words(self) -> str:
        """Say it in one plain sentence.

        Examples
        --------
        >>> Repair("zero", "00112233445566aa", nodes=(70, 81)).in_words()
        'Neurons 70 and 81 were set to 0 (in network 001122).'
        """
        tuned = (
            f"fine-tuned for {self.steps:,} steps on {self.examples:,} examples "
            f"(Adam, learning rate {self.learning_rate:g})"
        )
        if self.did == "fine-tune":
            return f"The network {self.of[:6]} was {tuned}."
        change = {
            "zero": "set to 0",
            "mean": "held at their mean",
            "freeze": "frozen at their usual value",
            "scale": f"scaled by {self.factor:g}",
            "fine-prune": "pruned, and the network was " + tuned,
        }[self.did]
        one = len(self.nodes) == 1
        change = change.replace("their", "its") if one else change
        was = "was" if one else "were"
        return f"{named(self.nodes)} {was} {change} (in network {self.of[:6]})."


def named(nodes: tuple[int, ...]) -> str:
    """Name neurons, the first few by number.

    Examples
    --------
    >>> named((7,)), named((7, 8, 9)), named(tuple(range(30)))
    ('Neuron 7', 'Neurons 7, 8 and 9', '30 neurons (0, 1, 2, ...)')
    """
    if len(nodes) == 1:
        return f"Neuron {nodes[0]}"
    if len(nodes) > 8:
        return f"{len(nodes):,} neurons ({', '.join(str(node) for node in nodes[:3])}, ...)"
    listed = ", ".join(str(node) for node in nodes[:-1])
    return f"Neurons {listed} and {nodes[-1]}" if nodes else "No neuron"


def history(checkpoint: Checkpoint) -> tuple[Repair, ...]:
    """What was done to a network after its training, the first first.

    Raises
    ------
    AuditError
        If its file records something else there.
    """
    found = checkpoint.config.get(KEY, [])
    if not isinstance(found, list) or len(found) > _MAX_ENTRIES:
        raise _bad(checkpoint, found)
    return tuple(_entry(checkpoint, entry) for entry in found)


def with_history(checkpoint: Checkpoint, network: Network, repair: Repair) -> Checkpoint:
    """Make the checkpoint of what a repair made of a network.

    It does the same task, keeps the recorded training with the repair added to it, and has none of
    the figures: they were measured on the network as it was.

    Raises
    ------
    AuditError
        If the file of the network records a history that cannot be read, or one too long to be
        added to.
    """
    before = history(checkpoint)
    if len(before) >= _MAX_ENTRIES:
        raise AuditError(
            f"{checkpoint.name} was repaired {len(before)} times; expected fewer than that"
        )
    entries = [_plain(entry) for entry in (*before, repair)]
    base = checkpoint.name.removesuffix(", repaired")[:_NAME_LENGTH]
    config = {**checkpoint.config, KEY: entries}
    return Checkpoint(f"{base}, repaired", network, checkpoint.task_name, config)


def _plain(repair: Repair) -> dict[str, Any]:
    """Plain data of what was done: lists for tuples, and nothing that does not apply."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(repair).items()
        if value not in ((), 0, 0.0) or name in ("did", "of")
    }


def _entry(checkpoint: Checkpoint, entry: object) -> Repair:
    if not isinstance(entry, Mapping) or not set(entry) <= set(Repair.__dataclass_fields__):
        raise _bad(checkpoint, entry)
    count = sum(layer.size for layer in checkpoint.network.neuron_layers)
    nodes = entry.get("nodes", [])
    numbers = [entry.get(name, 0) for name in ("steps", "examples", "seed")]
    reals = [entry.get(name, 0.0) for name in ("factor", "learning_rate")]
    good = (
        entry.get("did") in KINDS
        and _ID.fullmatch(str(entry.get("of"))) is not None
        and isinstance(nodes, list)
        and all(type(node) is int and 0 <= node < count for node in nodes)
        and all(type(number) is int and 0 <= number < 10**12 for number in numbers)
        and all(type(real) in (int, float) and math.isfinite(real) for real in reals)
    )
    if not good:
        raise _bad(checkpoint, entry)
    return Repair(**{**entry, "nodes": tuple(nodes)})


def _bad(checkpoint: Checkpoint, found: object) -> AuditError:
    return AuditError(
        f"{checkpoint.name} records {found!r:.60} among its repairs; expected the list that "
        f"explorer writes of what was done to a network"
    )
