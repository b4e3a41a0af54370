"""The section of inputs that were made for a part, and of its unrelated features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache
from explorer.ui.evidence import results
from explorer.ui.evidence.pinned import pin_button
from explorer.ui.view_state import View

if TYPE_CHECKING:
    from explorer.network.tasks import Task
    from explorer.observation.feature_visualization import FeatureVisualization

_MADE = (
    "Inputs that were changed step by step until it is as active as can be, each number within the "
    "range it has in the data. They show what drives it, not only what goes with it, and may be "
    "like nothing in the data: compare them with the best of the data."
)
_MADE_TEXT = (
    "Short texts whose words were exchanged one by one until it is as active as can be at the last "
    "one. They need not make sense: compare them with the best of the data."
)
_FEATURES = (
    "Every class or token has a share in its activity beyond the average; those that the other "
    "neurons hardly tell apart count as one. 1: a single one has it all; 3: as if three unrelated "
    "ones shared it evenly. Chance: random groups of as many neurons of each layer, or, of one "
    "neuron, random directions in its layer. (Leinster and Cobbold 2012, order 2.)"
)


def show_visualised(view: View, part: str | int, color: str) -> None:
    """Show inputs made for a part, beside the best of the data.

    Parameters
    ----------
    view : View
    part : str or int
    color : str
    """
    from explorer.views import made_inputs

    task = cache.network(view.network).task
    assert task is not None
    st.markdown("##### Inputs made for it")
    found = results.visualization(view.network, view.edges, view.k, part)
    if found is None:
        st.caption("It is never active on the data, so there is nothing to climb to.")
        return
    st.caption(_MADE_TEXT if found.form == "text" else _MADE)
    st.markdown(made_inputs.describe_visualization(found))
    _show_made(task, found, color)
    with st.container(horizontal=True):
        for number, made in enumerate(found.made, start=1):
            payload = {
                "form": found.form,
                "task": task.name,
                "values": [round(value, 4) for value in made.values.tolist()],
                "activity": round(made.activity, 4),
            }
            pin_button(
                f"Pin made {number}", "made", payload, f"made {number}", view, part, str(number)
            )
    features = results.features(view.network, view.edges, view.k, part)
    if features is not None:
        st.markdown("##### How many unrelated features", help=_FEATURES)
        whose = f"Module {part}" if isinstance(part, str) else "This neuron"
        st.markdown(made_inputs.describe_features(features, whose))


def _show_made(task: Task, found: FeatureVisualization, color: str) -> None:
    from explorer.views import made_inputs

    if found.form == "image":
        st.html(made_inputs.made_pictures(task, found, color))
        return
    if found.plane is not None:
        st.html(made_inputs.plane_map(found, color))
    table = made_inputs.made_texts if found.form == "text" else made_inputs.made_table
    st.table(table(task, found).set_index("text" if found.form == "text" else "input"))
