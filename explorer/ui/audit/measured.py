"""What an audit rests on, measured once for a server: potential and use, what is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache
from explorer.ui.audit.kept import MODULES

if TYPE_CHECKING:
    from explorer.auditing.view import AuditView
    from explorer.views.audit_charts import NeuronMark
    from explorer.views.audit_reading import HeadReading


def _view(network: str) -> AuditView:
    from explorer.auditing.view import audit_view

    return audit_view(cache.network(network))


def why_no_use(network: str) -> str:
    """Say why potential and use cannot be measured; empty if they can."""
    from explorer.auditing.auditors.images import unfit

    return unfit(_view(network), chain=True)


@st.cache_resource(max_entries=32, show_spinner="Measuring what every neuron could do …")
def potential_and_use(network: str) -> tuple[NeuronMark, ...]:
    """Return every hidden neuron with its use across and its potential up, in logits."""
    from explorer.auditing.auditors.dormancy import dormancy

    found = dormancy(_view(network))
    figures = zip(found.nodes, found.used.tolist(), found.potential.tolist(), strict=True)
    return tuple(_mark(network, node, used, potential) for node, used, potential in figures)


def two_features(network: str) -> tuple[str, str] | None:
    """Return the names of the first two images of a network's task; None where it has one."""
    task = cache.network(network).task
    if task is None or len(task.images) < 2 or cache.network(network).network.kind != "mlp":
        return None
    return task.images[0].name, task.images[1].name


@st.cache_resource(max_entries=32, show_spinner="Exchanging one input after the other …")
def by_two_features(network: str) -> tuple[NeuronMark, ...]:
    """Return every hidden neuron with how far each of the first two images moves it.

    That is the mean change of its activation when the image is exchanged between clean examples,
    as a share of the largest such change in its layer.
    """
    import numpy as np
    import torch

    from explorer.auditing.auditors.features import changed

    view = _view(network)
    made = view.checkpoint.network
    with torch.no_grad():
        before = made.trace(view.clean.inputs).layers[1:-1]
        moved = []
        for image in view.task.images[:2]:
            inputs = changed(view, image, np.random.default_rng(view.seed))
            after = made.trace(inputs).layers[1:-1]
            moved.append([(b - a).abs().mean(dim=0) for a, b in zip(before, after, strict=True)])
    marks, node = [], made.neuron_layers[0].size
    for first, second in zip(*moved, strict=True):
        most = max(float(first.max()), float(second.max())) or 1.0
        for across, up in zip((first / most).tolist(), (second / most).tolist(), strict=True):
            marks.append(_mark(network, node, across, up))
            node += 1
    return tuple(marks)


@st.cache_resource(max_entries=32, show_spinner="Asking by gradients what is read …")
def readings(network: str) -> tuple[HeadReading, ...]:
    """Return what every head reads, by module; none where nothing is declared."""
    from explorer.auditing.auditors.features import why_no_features
    from explorer.auditing.auditors.reading import feature_effects
    from explorer.views.audit_reading import HeadReading, ReadRow

    view = _view(network)
    if why_no_features(view) or len(view.task.images) < 2:
        return ()
    found = []
    for at, head in enumerate(view.task.heads):
        whole = feature_effects(view, at, "network")
        parts = feature_effects(view, at, "modules")
        total = sum(float(values.sum()) for values in whole.values()) or 1.0
        rows = [ReadRow("whole network", tuple(float(v.sum()) / total for v in whole.values()))]
        for module in view.partition.modules:
            shares = tuple(float(values[module.index]) / total for values in parts.values())
            if sum(shares) > 0:
                rows.append(ReadRow(f"module {module.name}", shares))
        allowed = tuple(name in view.task.declared[at] for name in whole)
        found.append(HeadReading(head.name, tuple(whole), allowed, tuple(rows)))
    return tuple(found)


def _mark(network: str, node: int, across: float, up: float) -> NeuronMark:
    from explorer.views.audit_charts import NeuronMark

    partition = cache.partition(network, None, MODULES)
    label = int(partition.labels[node])
    name = partition.modules[label].name if label >= 0 else ""
    return NeuronMark(node, partition.graph.names[node], name, label, across, up)
