"""The parts of the overview page."""

import streamlit as st

from explorer.modularity.quality import Quality
from explorer.network.checkpoint import Checkpoint
from explorer.ui import cache, large, nulls, session
from explorer.ui.graph import show_graph
from explorer.ui.jobs import Waiting
from explorer.ui.opening import own
from explorer.ui.view_state import View

_GAP = 0.05
_NO_CHANCE = "What chance would give is not known yet."


def show_network(view: View, network: Checkpoint) -> None:
    """Say what the network is and how well it does its task."""
    from explorer.views.network_text import (
        describe_accuracy,
        describe_losses,
        describe_network,
        describe_winograd,
    )

    st.markdown(describe_network(network))
    if network.task is None:
        own.ask_for_task(network)
    else:
        if large.takes_long(view):
            return  # to run it on all its data takes minutes
        st.markdown(describe_accuracy(network.task, cache.accuracies(view.network)))
        st.markdown(describe_losses(cache.losses(view.network)))
        st.markdown(describe_winograd(network.metrics))


def show_modularity(view: View, waiting: list[Waiting]) -> Quality:
    """Show the verdict in words, and the picture of the modules; return its figures."""
    from explorer.views.module_graph import module_graph
    from explorer.views.text import describe_unattached, verdict

    partition = cache.partition(view.network, view.edges, view.k)
    words, picture = st.columns([2, 3], gap="large", vertical_alignment="center")
    with picture:
        if partition.count:
            clicked = show_graph(module_graph(partition, height=300), key="overview-graph")
            if clicked is not None:
                session.leave_for_modules(clicked.id)
    with words:
        title = st.container()
        found = nulls.quality_in_view(view, waiting)
        with title:
            st.subheader("How modular is it?")
            st.markdown(verdict(partition, found))
        if partition.count:
            st.caption("Click a module or a line between two modules to see what it does.")
        st.caption(describe_unattached(partition))
    large.show_what_is_left_out(view)
    return found


def show_figures(view: View, found: Quality, waiting: list[Waiting]) -> None:
    """Show the headline figures, each with what chance would give behind it."""
    from explorer.views.headlines import headlines
    from explorer.views.null_strip import null_strip

    partition = cache.partition(view.network, view.edges, view.k)
    if not partition.count:
        return
    st.subheader("Figures")
    count = found.layered_modularity.null("all").count
    bands = (
        f"In the grey bands lie 95 % of the best partitions of {count} networks with shuffled "
        "weights: upper band, all weights of a layer shuffled; lower band, only those that are not "
        "zero, which keeps the pattern of zeros."
    )
    st.caption(f"The blue mark is this network. {bands if count else _NO_CHANCE}")
    columns = st.columns(4, gap="medium")
    for column, headline in zip(columns, headlines(partition, found), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{headline.title}**", help=headline.help)
            st.markdown(f"#### {headline.value}")
            st.html(null_strip(headline.figure, headline.maximum))
            st.caption(headline.null)
    large.show_layers(view)
    large.show_sensitivity(view, waiting)
    if not large.takes_long(view):
        _show_function(view)
        _show_abilities(view)
        _show_gap(view)
    with st.expander("How was this computed?"):
        _show_computation(view, found)


def _show_function(view: View) -> None:
    from explorer.views.text import describe_effect

    effect = cache.without_interfaces(view.network, view.edges, view.k)
    if effect is not None:
        st.markdown(
            "**Do the modules need each other?** "
            + describe_effect(effect, "any weight between modules")
            + f" (On the {effect.split} split.)"
        )
    figure, chance = cache.function_figures(view.network, view.edges, view.k)
    if figure is not None and chance is not None:
        st.markdown(
            f"**One module, one task?** Functional modularity **{figure:.2f}**; random groups of "
            f"the same sizes have {chance:.2f}.",
            help="Hold the hidden neurons of a module at their mean. The accuracy that a task "
            "loses, as a share of all that it can lose, is taken for the task that suffers most; "
            "the mean of the others is taken from it; the result is averaged over modules. 1: each "
            "module carries all of one task and nothing of the others. 0: ablating a module harms "
            "all tasks alike, or none.",
        )


def _show_abilities(view: View) -> None:
    from explorer.views.ability_table import ability_table

    effects = cache.module_effects(view.network, view.edges, view.k)
    if effects:
        st.subheader("Which module carries what?")
        held = "at 0" if effects[0][2].kind == "zero" else "at their mean"
        st.caption(
            f"What the network still does with the hidden neurons of one module held {held}, on "
            f"the {effects[0][2].split} split: share of right answers, and the loss in nats on "
            "the data that it was trained for. The redder, the more is lost."
        )
        st.html(ability_table(effects))


def _show_gap(view: View) -> None:
    by_weighting = cache.modularity_by_weighting(view.network, view.edges, view.k)
    if {"activity", "path"} <= set(by_weighting):
        gap = by_weighting["activity"] - by_weighting["path"]
        if abs(gap) > _GAP:
            st.warning(
                f"Q_B of this partition is {by_weighting['activity']:.2f} by activity but "
                f"{by_weighting['path']:.2f} by path: what the weights would allow and what the "
                "data makes of them differ. Believe neither alone.",
                icon=":material/balance:",
            )


def _show_computation(view: View, found: Quality) -> None:
    from explorer.views.headlines import COMPUTATION, figure_table

    partition = cache.partition(view.network, view.edges, view.k)
    st.markdown(COMPUTATION)
    by_weighting = cache.modularity_by_weighting(view.network, view.edges, view.k)
    # A plain table: the page must not wait for an interactive one.
    st.table(figure_table(partition, found, by_weighting).set_index("figure"))
