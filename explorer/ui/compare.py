"""The compare page: another network beside the one in view."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.network.bundled import networks
from explorer.ui import cache, session
from explorer.ui.compare_cache import comparison_or_job
from explorer.ui.elements import nothing_below
from explorer.ui.graph import show_graph
from explorer.ui.jobs import Waiting, follow
from explorer.ui.opening import packaged, preparing
from explorer.ui.train.kept import KeptRun, kept_runs, network_id
from explorer.ui.view_state import View

if TYPE_CHECKING:
    from explorer.observation.comparing.values import Comparison

_WAYS = {
    "auto": "automatic",
    "neurons": "shared neurons",
    "function": "what they do",
    "ends": "inputs and outputs",
}
_WAYS_HELP = (
    "**shared neurons**: where one network continues, fine-tunes or ablates the other. **what they "
    "do**: activations of their neurons on the same examples, whatever the number and order of "
    "neurons; two networks that read text are run on the same one, each with its own tokenizer. "
    "**inputs and outputs**: where there is no data. Automatic looks at the weights: "
    "neurons are shared if their rows of weights are most alike with themselves."
)
_RUN = "run: "


def show(view: View) -> None:
    """Let people choose the other network, and show both."""
    st.markdown(
        "Put any two networks side by side: before and after training, two seeds, two sizes, an "
        "ablation and its original."
    )
    choice, way, chance = st.columns(3, gap="medium", vertical_alignment="bottom")
    with choice:
        _choose(view)
    with way:
        by = st.selectbox(
            "Match modules by",
            list(_WAYS),
            key="compare_way",
            format_func=_WAYS.__getitem__,
            help=_WAYS_HELP,
        )
    with chance:
        shuffled = st.toggle(
            "Figures beside chance",
            key="compare_shuffled",
            help="What networks with shuffled weights have. Takes as long as on *Overview*, for "
            "each network.",
        )
    other = session.view().other
    if other is None:
        st.info("Choose another network to see both.", icon=":material/compare_arrows:")
        return
    try:
        if not cache.is_open(other):  # a language model that must be unpacked first
            packaged.show(other, beside=True)
            return
        beside = replace(view, network=other, part=None, other=None)
        if preparing.is_needed(beside):
            preparing.show(beside, beside=True)
            return
        show_pair(view, other, None if by == "auto" else by, shuffled)
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")


def show_pair(
    view: View, other: str, by: str | None = None, shuffled: bool = False, key: str = "compare"
) -> None:
    """Show two networks side by side.

    Parameters
    ----------
    view : View
        With the first.
    other : str
        The second: a bundled name or the id of one that was kept.
    by : str, optional
        What modules are matched by; see ``compare``.
    shuffled : bool
        Whether shuffled networks stand beside the figures.
    key : str
        Names what is drawn on its page.
    """
    from explorer.views.compare import describe_comparison

    names = cache.network(view.network).name, cache.network(other).name
    waiting: list[Waiting] = []
    found = comparison_or_job(view.network, other, view.edges, view.k, by, shuffled, waiting)
    if found is None:
        nothing_below()
        follow(waiting)
        return
    st.markdown(describe_comparison(found, names))
    st.caption(found.reason)
    _graphs(found, names, (view, replace(view, network=other, other=view.network)), key)
    _tables(found, names)


def _graphs(found: Comparison, names: tuple[str, str], views: tuple[View, View], key: str) -> None:
    from explorer.views.compare import compared_graphs
    from explorer.views.markdown import plain_markdown

    parts = zip(
        st.columns(2, gap="medium"),
        names,
        views,
        (found.first, found.second),
        compared_graphs(found),
        ("first", "second"),
        strict=True,
    )
    for column, name, view, partition, spec, side in parts:
        with column:
            st.markdown(f"**{plain_markdown(name)}**")
            if partition.count:
                clicked = show_graph(spec, key=f"{key}-{side}")
                if clicked is not None:
                    session.leave_for_modules(clicked.id, view)
            else:
                st.markdown("No modules: no weight of this network carries anything.")
    if found.matches:
        st.caption(
            "A module and its counterpart have one colour; on the right, grey ones have none. A "
            "click shows what a module or interface does."
        )


def _tables(found: Comparison, names: tuple[str, str]) -> None:
    from explorer.views.compare import figures_table, matches_table, moved_table
    from explorer.views.markdown import plain_markdown

    if found.way != "none":
        st.subheader("Which module is which?")
        table = matches_table(found, names)
        st.table(table.rename(columns=plain_markdown).set_index(plain_markdown(table.columns[0])))
        st.caption(
            "A similarity of 1 is the most. Random groups: in one network, neurons change their "
            "modules at random within each layer, and modules are matched anew; beside the mean "
            f"stands what 97.5 % of {found.matches[0].null.count if found.matches else 0} random "
            "groupings stay below."
        )
    st.subheader("Figures")
    st.table(figures_table(found, names).rename(columns=plain_markdown).set_index("figure"))
    if any(p.graph.checkpoint and p.graph.checkpoint.task for p in (found.first, found.second)):
        st.caption("Right answers, losses and functional modularity are those on the test split.")
    if found.moved:
        first = plain_markdown(names[0])
        st.subheader("What moved?")
        st.table(moved_table(found).set_index("weights"))
        st.caption(
            f"Size of the change of the weights (root of the sum of squares), as a share of their "
            f"size in {first}. Modules and interfaces are those of {first}."
        )


def _choose(view: View) -> None:
    """Offer bundled networks, those opened in this session, and kept runs."""
    state = st.session_state
    opened: dict[str, str] = dict(state["opened"])
    runs = {run.name: run for run in kept_runs() if run.file is not None and not run.on_its_way}
    other = view.other
    if other is not None and other not in networks() and other not in opened:
        try:
            opened[other] = session.title_of(cache.network(other))
        except ExplorerError as problem:
            session.put_beside(None)
            st.warning(f"The link cannot be opened: {problem}.", icon=":material/link_off:")
            other = None
    options = [name for name in (*networks(), *opened) if name != view.network]
    options += [f"{_RUN}{name}" for name in runs]
    if other is not None and other not in options:  # the network beside itself
        options.insert(0, other)
    state["compare_other"] = other
    st.selectbox(
        "Compare with",
        options,
        key="compare_other",
        index=None,
        format_func=lambda name: opened.get(name, name),
        on_change=_take,
        args=(runs,),
        placeholder="Choose a network",
        help="Bundled networks, networks that you opened, and runs of the page *Train*.",
    )
    said = state.pop("compare_problem", None)
    if said:
        st.error(said, icon=":material/error:")


def _take(runs: dict[str, KeptRun]) -> None:
    chosen = st.session_state["compare_other"]
    try:
        if chosen is not None and chosen.startswith(_RUN):
            name = chosen.removeprefix(_RUN)
            chosen = network_id(runs[name])
            session.remember_opened(chosen, name)
        session.put_beside(chosen)
    except ExplorerError as problem:
        st.session_state["compare_problem"] = f"{problem}."
