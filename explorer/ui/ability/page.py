"""The parts of the page *Ability*."""

from __future__ import annotations

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, large
from explorer.ui.ability import results
from explorer.ui.intervention import show_intervention
from explorer.ui.view_state import View
from explorer.views.ability_rows import MEASURES, ability_rows

_NO_TASK = (
    "The network's task is not known, so there is no data to see its abilities on. Choose its task "
    "on *Overview*, or bring data of your own on *Modules*."
)
_NO_FIT = (
    "No task known here fits this network, so there is no data to see its abilities on. Bring some "
    "on the page *Modules*, under *Activity on your data*, or pick another network on the left."
)
_LARGE = (
    "This network was not trained for the data that was brought to it, and it is large: what is "
    "lost without a module is measured one by one, on the page Modules under *What it does*."
)
_HELD = {"mean": "held at their mean over the training data", "zero": "set to 0"}
_MEASURE_HELP = (
    "**Accuracy**: share of right answers of each head or skill; of texts, of minimal pairs whose "
    "right text gets the larger probability. **Cross-entropy**: the original loss, in nats; it "
    "also moves when answers stay right but become less sure."
)
_PAIRS = (
    "Winograd-style pairs: two stories that differ in one word, by which a pronoun changes its "
    "referent; of animals never paired in training. In brackets the 95 % interval, for which pairs "
    "that share their words count as one."
)


def show(view: View) -> None:
    """Show abilities, the section that intervenes, and what was done before."""
    network = cache.network(view.network)
    if network.task is None:
        from explorer.network.tasks import tasks_that_fit

        st.info(_NO_TASK if tasks_that_fit(network.network) else _NO_FIT, icon=":material/info:")
        return
    if network.task.opened and large.takes_long(view):
        st.info(_LARGE, icon=":material/info:")
        return
    does = "does on the data that was brought to it" if network.task.opened else "was trained for"
    st.markdown(
        f"What the network {does}, module by module: the whole of it, and what is left when one "
        f"module is taken away. Below, take away less than a module and keep the result."
    )
    _show_history(view)
    st.subheader("What it can do, and without which module it cannot")
    try:
        _show_abilities(view)
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
    st.subheader("Intervene")
    show_intervention(view.network, _suspects(network.id), network.task.planted)


def _suspects(network_id: str) -> tuple[int, ...]:
    """Return the neurons that the last audit of a network pointed at, if there was one."""
    from explorer.ui.audit.jobs import kept_report

    report = kept_report(network_id)
    found = () if report is None else report.suspects
    return tuple(int(one.name) for one in found if one.kind == "neuron" and one.name.isdecimal())


@st.fragment
def _show_abilities(view: View) -> None:
    effects = cache.module_effects(view.network, view.edges, view.k)
    if not effects:
        _show_whole(view)
        return
    measure = st.segmented_control(
        "Measured by",
        MEASURES,
        default=MEASURES[0],
        key="ability_measure",
        required=True,
        help=_MEASURE_HELP,
    )
    whole = results.whole_pairs(view.network)
    place = st.empty()
    pairs = None if whole is None else {"": whole}
    place.html(ability_rows(effects, measure, pairs))
    st.caption(
        f"On the test split. Without a module: its hidden neurons are {_HELD[effects[0][2].kind]}. "
        "The redder a cell, the more is lost."
    )
    if pairs is None:
        return
    st.caption(_PAIRS)
    if not st.session_state.get("ability_pairs") and not st.button(
        "Read the pairs without each module",
        key="ability_read_pairs",
        icon=":material/menu_book:",
        on_click=_ask_for_pairs,
        help="One to two seconds a module.",
    ):
        return
    bar = st.empty()

    def advance(share: float) -> None:
        bar.progress(share, "Reading pairs without a module …")

    pairs |= results.pairs_without_modules(view.network, view.edges, view.k, advance)
    bar.empty()
    place.html(ability_rows(effects, measure, pairs))


def _ask_for_pairs() -> None:
    st.session_state["ability_pairs"] = True


def _show_whole(view: View) -> None:
    """Show the abilities of a network of one module: there is none to take away."""
    from explorer.views.network_text import describe_accuracy, describe_losses

    task = cache.network(view.network).task
    assert task is not None
    st.markdown(describe_accuracy(task, cache.accuracies(view.network)))
    st.markdown(describe_losses(cache.losses(view.network)))
    whole = results.whole_pairs(view.network)
    if whole is not None:
        low, high = whole.share_interval
        st.markdown(f"Winograd-style pairs: **{whole.share:.1%}** right ({low:.0%} to {high:.0%}).")
    st.caption("It falls into no modules here, so none can be taken away.")


def _show_history(view: View) -> None:
    """Say what was done to the network after its training, and how it did before."""
    from explorer.auditing.history import history

    network = cache.network(view.network)
    try:
        found = history(network)
    except ExplorerError as problem:
        st.warning(f"{problem}.", icon=":material/history:")
        return
    if not found:
        return
    with st.container(border=True, key="ability-history"):
        st.markdown("**This network was repaired**")
        st.markdown("\n".join(f"1. {one.in_words()}" for one in found))
        _compare_with(view, found[0].of)


def _compare_with(view: View, first: str) -> None:
    """Compare the network with what it was before all repairs, if that is still there."""
    import pandas as pd

    from explorer.ui.intervention import results as effects

    network = cache.network(view.network)
    try:
        before = cache.network(first)
    except ExplorerError:
        st.caption("The network that it was made from is not kept on this computer any more.")
        return
    truth = network.task.planted if network.task is not None else None
    rows = {"before": effects.measured(before, truth), "after": effects.measured(network, truth)}
    table: dict[str, list[str]] = {"": list(rows)}
    if truth is not None:
        shares = [f"{one.success or 0:.1%}" for one in rows.values()]
        table[effects.success_title(truth)] = shares
    table["clean accuracy"] = [f"{one.accuracy:.1%}" for one in rows.values()]
    table["cross-entropy in nats"] = [f"{one.loss:.3f}" for one in rows.values()]
    st.table(pd.DataFrame(table).set_index(""))
