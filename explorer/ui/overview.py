"""The parts of the overview page."""

import json

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.errors import ExplorerError
from explorer.network.checkpoint import Checkpoint
from explorer.ui import cache, session
from explorer.ui.graph import show_graph
from explorer.ui.view_state import View

_UPLOAD_KEY = "upload"
_TASK_KEY = "task_of_upload"
_GAP = 0.05


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
        _ask_for_task(network)
    else:
        st.markdown(describe_accuracy(network.task, cache.accuracies(view.network)))
        st.markdown(describe_losses(cache.losses(view.network)))
        st.markdown(describe_winograd(network.metrics))


def show_modularity(view: View) -> None:
    """Show the verdict in words, and the picture of the modules."""
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
        bar = st.empty()
        found = cache.quality_with_progress(
            view.network,
            view.edges,
            view.k,
            lambda share: _advance(bar, share),
        )
        bar.empty()
        st.subheader("How modular is it?")
        st.markdown(verdict(partition, found))
        if partition.count:
            st.caption("Click a module or a line between two modules to see what it does.")
        st.caption(describe_unattached(partition))


def _advance(bar: DeltaGenerator, share: float) -> None:
    bar.progress(share, "Comparing with shuffled networks …")


def show_figures(view: View) -> None:
    """Show the headline figures, each with what chance would give behind it."""
    from explorer.views.headlines import headlines
    from explorer.views.null_strip import null_strip

    partition = cache.partition(view.network, view.edges, view.k)
    if not partition.count:
        return
    found = cache.quality_with_progress(view.network, view.edges, view.k, lambda _: None)
    st.subheader("Figures")
    st.caption(
        "The blue mark is this network. In the grey bands lie 95 % of the best partitions of "
        f"{found.layered_modularity.null('all').count} networks with shuffled weights: upper band, "
        "all weights of a layer shuffled; lower band, only those that are not zero, which keeps "
        "the pattern of zeros."
    )
    columns = st.columns(4, gap="medium")
    for column, headline in zip(columns, headlines(partition, found), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{headline.title}**", help=headline.help)
            st.markdown(f"#### {headline.value}")
            st.html(null_strip(headline.figure, headline.maximum))
            st.caption(headline.null)
    _show_function(view)
    _show_abilities(view)
    _show_gap(view)
    with st.expander("How was this computed?"):
        _show_computation(view)


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


def _show_computation(view: View) -> None:
    from explorer.views.headlines import COMPUTATION, figure_table

    partition = cache.partition(view.network, view.edges, view.k)
    found = cache.quality_with_progress(view.network, view.edges, view.k, lambda _: None)
    st.markdown(COMPUTATION)
    by_weighting = cache.modularity_by_weighting(view.network, view.edges, view.k)
    # A plain table: the page must not wait for an interactive one.
    st.table(figure_table(partition, found, by_weighting).set_index("figure"))


def show_opening(view: View, network: Checkpoint) -> None:
    """Let people open a file of their own, and say where this network came from."""
    st.subheader("Open your own network")
    st.file_uploader(
        "A safetensors file, or a PyTorch `state_dict` (.pt, .pth), of linear layers with ReLU",
        key=_UPLOAD_KEY,
        on_change=_open_upload,
        max_upload_size=100,
        help="Up to 100 MB. Nothing in the file is run. It stays on the computer that serves "
        "this page.",
    )
    problem = st.session_state.pop("upload_problem", None)
    if problem:
        st.error(problem, icon=":material/error:")
    with st.expander("Where does the network in view come from?"):
        st.markdown(f"Id `{network.id}`, a hash of its weights, architecture and task.")
        if network.config:
            st.markdown("Trained with these settings:")
            st.code(json.dumps(dict(network.config), indent=1), language=None)
        else:
            st.markdown("The file does not say how it was trained.")


def _open_upload() -> None:
    from explorer.network.load import load_bytes

    uploaded = st.session_state[_UPLOAD_KEY]
    if uploaded is None:
        return
    try:
        checkpoint = load_bytes(uploaded.getvalue(), uploaded.name)
    except ExplorerError as problem:
        st.session_state["upload_problem"] = f"{problem}."
    else:
        _open(checkpoint, uploaded.name)


def _ask_for_task(network: Checkpoint) -> None:
    from explorer.network.tasks import task, tasks_that_fit

    fitting = tasks_that_fit(network.network)
    if not fitting:
        st.info(
            "No task known here has this many inputs and outputs, so only the weights can be "
            "looked at: no accuracy, activations or ablations.",
            icon=":material/info:",
        )
        return
    st.selectbox(
        "What was it trained to do?",
        fitting,
        index=None,
        key=_TASK_KEY,
        on_change=_take_task,
        args=(network,),
        format_func=lambda name: f"{name}: {task(name).summary}",
        placeholder="Choose a task to see accuracy, activations and ablations",
    )


def _take_task(network: Checkpoint) -> None:
    chosen = st.session_state[_TASK_KEY]
    if chosen is not None:
        _open(network.with_task(chosen), f"{network.name} ({chosen})")


def _open(network: Checkpoint, name: str) -> None:
    try:
        session.remember_opened(cache.keep_network(network), name)
        session.open_network(network.id)
    except ExplorerError as problem:
        st.session_state["upload_problem"] = f"{problem}."
