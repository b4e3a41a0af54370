"""The network of an export, with the modules of its neurons in its own file."""

import json
import struct
from typing import Any

from explorer.exporting.files import ExportFile, json_file
from explorer.modularity.partition import Partition, module_name
from explorer.network.checkpoint import Checkpoint

MAX_BYTES = 200 * 2**20
LABELS_KEY = "modular-network-explorer.modules"


def network_files(partition: Partition) -> tuple[ExportFile, ...]:
    """Return the network as safetensors with the labels in its metadata; of a large one, labels."""
    checkpoint = partition.graph.checkpoint
    if checkpoint is None:
        return ()
    labels = json_file(
        "labels.json",
        "the module of every neuron, layer by layer, as network.safetensors has it in its metadata "
        f"under {LABELS_KEY}",
        lambda: module_labels(partition),
        indent=None,
    )
    if size_of(checkpoint) > MAX_BYTES:
        return (labels,)
    network = ExportFile(
        "network.safetensors",
        f"the network; its metadata hold the modules of its neurons under {LABELS_KEY}",
        lambda: with_labels(partition),
    )
    return (network, labels)


def size_of(checkpoint: Checkpoint) -> int:
    """Bytes that the weights of a network take."""
    return sum(t.numel() * t.element_size() for t in checkpoint.network.state_dict().values())


def module_labels(partition: Partition) -> dict[str, Any]:
    """Return the module of every neuron, layer by layer; an empty name for one without edges."""
    graph = partition.graph
    names = [module_name(label) if label >= 0 else "" for label in partition.labels.tolist()]
    return {
        "partition": partition.id,
        "graph": graph.id,
        "weighting": graph.weighting,
        "layers": [
            {"name": layer.name, "role": layer.role, "modules": names[start : start + layer.size]}
            for layer, start in zip(graph.layers, graph.offsets.tolist(), strict=False)
        ],
    }


def with_labels(partition: Partition) -> bytes:
    """Return a network as the bytes of a safetensors file with labels in its metadata."""
    import tempfile
    from pathlib import Path

    from explorer.network.checkpoint import save

    checkpoint = partition.graph.checkpoint
    assert checkpoint is not None
    with tempfile.TemporaryDirectory() as place:
        data = save(checkpoint, Path(place) / "network.safetensors").read_bytes()
    # A safetensors file is the length of a header of JSON, that header, and the numbers, whose
    # places are counted from the header's end: so the header alone is written anew.
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"][LABELS_KEY] = json.dumps(module_labels(partition), ensure_ascii=True)
    written = json.dumps(header, separators=(",", ":")).encode()
    written += b" " * (-len(written) % 8)
    return struct.pack("<Q", len(written)) + written + data[8 + length :]
