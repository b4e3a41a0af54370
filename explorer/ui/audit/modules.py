"""The modules of a network under audit: the graph, every module in words, one of them closer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from explorer.ui import cache, session, text_cache
from explorer.ui import found as evidence_of
from explorer.ui.audit.kept import MODULES
from explorer.ui.elements import chip_heading
from explorer.ui.graph import show_graph
from explorer.ui.view_state import View

_TEXT_HELP = "Measured: every word of it is a figure. See the page Descriptions."


def show(network: str) -> None:
    """Show the modules of a network.

    Parameters
    ----------
    network : str
        Id of a blinded one, or the name of the network in view.
    """
    from explorer.views.module_graph import module_graph

    partition = cache.partition(network, None, MODULES)
    st.subheader("Its modules")
    if not partition.count:
        st.info("This network has no weights that carry anything, so it has no modules.")
        return
    st.caption(
        f"Neurons that are tied together, at most {MODULES} groups. Click one, and ask: does "
        "anything here wait for what clean data does not hold, or read what it should not?"
    )
    names = [module.name for module in partition.modules]
    _show_words(network, names)
    if st.session_state.get("audit_part") not in names:
        st.session_state["audit_part"] = names[0]
    left, right = st.columns([2, 3], gap="large")
    with left:
        clicked = show_graph(
            module_graph(partition, height=340),
            key=f"audit-graph-{network}",
            selected=st.session_state["audit_part"],
        )
        if clicked is not None and clicked.id in names:
            st.session_state["audit_part"] = clicked.id
        st.selectbox(
            "Module in view",
            names,
            key="audit_part",
            format_func=lambda name: f"Module {name}",
            help="The same choice as a click on the graph.",
        )
        chosen: str = st.session_state["audit_part"]
        open_button(network, chosen, "module")
    with right:
        _show_one(network, chosen)


def open_button(network: str, part: str, key: str) -> None:
    """Offer to open a module on the page that shows everything about it."""
    st.button(
        f"Open module {part} on Modules",
        key=f"audit_open_{key}",
        icon=":material/open_in_new:",
        on_click=leave_for,
        args=(network, part),
        help="With its neurons, weights, examples and ablation. The case stays open here.",
    )


def leave_for(network: str, part: str) -> None:
    """Leave for the modules page, with a module of this network in view."""
    state = st.session_state
    session.remember_opened(network, cache.network(network).name)
    session.put_in_view(View(network, None, MODULES, part, state["run"], state["case"]))
    state["audit_leaving"] = True


def _show_words(network: str, names: list[str]) -> None:
    text_cache.prepare(network, None, MODULES, names)
    partition = cache.partition(network, None, MODULES)
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "module": module.name,
                    "neurons": len(module.nodes),
                    "share of weight": module.volume,
                    "in words": text_cache.measured(network, None, MODULES, module.name).text,
                }
                for module in partition.modules
            ]
        ),
        hide_index=True,
        column_config={
            "share of weight": st.column_config.NumberColumn(format="percent", width="small"),
            "module": st.column_config.TextColumn(width="small"),
            "neurons": st.column_config.NumberColumn(width="small"),
            "in words": st.column_config.TextColumn(width="large", help=_TEXT_HELP),
        },
        key=f"audit_words_{network}",
    )


def _show_one(network: str, name: str) -> None:
    from explorer.observation.record import ModuleEvidence
    from explorer.ui.read.evidence import show_evidence  # imports torch
    from explorer.views.palette import module_color

    module = cache.partition(network, None, MODULES).module(name)
    chip_heading(f"Module {name}", module_color(module.index))
    st.markdown(
        text_cache.measured(network, None, MODULES, name).text,
        help=_TEXT_HELP,
    )
    found = evidence_of.part_evidence(network, None, MODULES, name)
    assert isinstance(found, ModuleEvidence)
    show_evidence(cache.network(network), found)
