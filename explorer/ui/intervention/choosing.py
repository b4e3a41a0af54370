"""The controls that say which neurons are changed, and how."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import AuditError
from explorer.ui import cache
from explorer.ui.intervention import results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.auditing.edits import Intervention

MODULE, SUGGESTED, DORMANT, TYPED = "a module", "suspects", "dormant neurons", "by number"
SPARE = "the spare"
_KINDS = {
    "zero": "set to 0",
    "mean": "hold at mean",
    "freeze": "freeze",
    "scale": "scale",
}
_KIND_HELP = (
    "**Set to 0**: the neurons say nothing. **Hold at mean**: they say the same on every example, "
    "their average over clean ones. **Freeze**: the same with their median, what they do on a "
    "usual example; a neuron that wakes up rarely is frozen asleep. **Scale**: they are turned "
    "down or up by a factor."
)
_WHICH_HELP = (
    "**A module**: all its hidden neurons. **Suspects**: the neurons that an auditor pointed at. "
    "**Dormant neurons**: those that could change the answers much and hardly do so on clean data, "
    "as something would that waits for its trigger. **The spare**: that a network was trained with "
    "(see *Train*). **By number**: neurons of your choice, as they are numbered on *Modules*."
)
_RANGE = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")


def choose(
    name: str, weighting: str | None, k: int | None, suggested: Sequence[int]
) -> Intervention | None:
    """Draw the controls and return what is chosen; None where nothing can be."""
    from explorer.auditing.edits import Intervention

    nodes = _choose_nodes(name, weighting, k, suggested)
    kind = st.segmented_control(
        "What is done to them",
        list(_KINDS),
        default="zero",
        key="intervene_kind",
        format_func=lambda kind: _KINDS[kind],
        required=True,
        help=_KIND_HELP,
    )
    factor = 0.5
    if kind == "scale":
        factor = st.slider(
            "Factor",
            0.0,
            3.0,
            0.5,
            0.1,
            key="intervene_factor",
            help="0 is as good as setting them to 0; 1 leaves the network as it is.",
        )
    return Intervention(nodes, kind, factor) if nodes else None


def _choose_nodes(
    name: str, weighting: str | None, k: int | None, suggested: Sequence[int]
) -> tuple[int, ...]:
    modules = results.module_nodes(name, weighting, k)
    dormant = results.dormant_neurons(name)
    spare = _spare(name)
    found = {SPARE: spare, SUGGESTED: tuple(suggested), MODULE: modules, DORMANT: dormant}
    ways = {**found, TYPED: True}
    usable = [way for way, there in ways.items() if there]
    if st.session_state.get("intervene_way") not in usable:  # another network has other ways
        st.session_state.pop("intervene_way", None)
    way = st.segmented_control(
        "Which neurons",
        usable,
        default=usable[0],
        key="intervene_way",
        required=True,
        help=_WHICH_HELP,
    )
    if way == SPARE:
        st.caption(f"Neurons {results.listed(spare)}: the spare that it was trained with.")
        return spare
    if way == MODULE:
        chosen = st.selectbox(
            "Module",
            list(modules),
            key=f"intervene_module_{name}_{len(modules)}",
            format_func=lambda module: f"{module} ({len(modules[module]):,} hidden neurons)",
            help="All its hidden neurons; inputs and outputs are left alone.",
        )
        return modules[chosen]
    if way in (DORMANT, SUGGESTED):
        among = dormant if way == DORMANT else tuple(suggested)
        most = min(8, len(among))
        count = most
        if most > 1:
            count = st.slider(
                "How many",
                1,
                most,
                min(3, most),
                key=f"intervene_count_{way}_{most}",
                help="The most suspicious first. Three go a long way in small networks.",
            )
        st.caption(f"Neurons {results.listed(among[:count])}.")
        return tuple(among[:count])
    return _typed(name)


def _spare(name: str) -> tuple[int, ...]:
    from explorer.training.spare import recorded_spare

    checkpoint = cache.network(name)
    return recorded_spare(checkpoint.network, checkpoint.config)


def _typed(name: str) -> tuple[int, ...]:
    layers = cache.network(name).network.neuron_layers
    count = sum(layer.size for layer in layers)
    said, first = [], 0
    for layer in layers:
        said.append(f"{layer.name} {first} to {first + layer.size - 1}")
        first += layer.size
    text = st.text_input(
        "Numbers",
        key="intervene_numbers",
        placeholder="such as 70, 81, 90-95",
        help="Single numbers and ranges, with commas between them.",
    )
    st.caption(f"{'; '.join(said).capitalize()}.")
    try:
        return read_nodes(text, count)
    except AuditError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return ()


def read_nodes(text: str, count: int) -> tuple[int, ...]:
    """Read numbers of neurons as people write them.

    Parameters
    ----------
    text : str
    count : int
        Of all neurons.

    Raises
    ------
    AuditError
        If it is something else, or a number is none of a neuron.

    Examples
    --------
    >>> read_nodes("70, 3, 8-10", 100)
    (3, 8, 9, 10, 70)
    """
    found: set[int] = set()
    for part in re.split(r"[,;\s]+", text.strip()):
        if not part:
            continue
        match = _RANGE.fullmatch(part)
        if match is None:
            raise AuditError(f"found {part!r:.30}; expected numbers such as 70, 81, 90-95")
        first = int(match[1])
        last = int(match[2] or first)
        if not first <= last < count:
            raise AuditError(f"found neuron {part}; expected 0 to {count - 1}")
        found |= set(range(first, last + 1))
    return tuple(sorted(found))
