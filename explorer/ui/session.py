"""The view of one visitor: kept in the session, written to the URL, changed by the pickers.

The widgets in the frame hold the values, under fixed keys; ``view()`` reads them into one frozen
value. A link sets the widgets before they are drawn; ``write_url`` keeps the URL in step, so that
it can be copied at any time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from explorer.errors import ExplorerError
from explorer.network.bundled import networks
from explorer.ui import cache
from explorer.ui.view_state import KEEPS, View, read_query

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint

_COUNTS = (2, 3, 4, 5, 6, 8, 10, 12)
_WEIGHTING_HELP = (
    "How much a weight counts. **activity**: by what its source neuron does on data and what its "
    "target can do to the outputs. **path**: by all paths through it. **layer**: by its size "
    "alone, which a harmless rescaling of the network can change."
)


def begin(
    overview: StreamlitPage, modules: StreamlitPage, cut_tree: StreamlitPage, ability: StreamlitPage
) -> None:
    """Take over what the link says, before any widget is drawn."""
    state = st.session_state
    state.setdefault("opened", {})  # id -> name, of networks opened in this session
    state.setdefault("notices", [])
    state["overview_page"], state["modules_page"] = overview, modules
    state["cut_tree_page"], state["ability_page"] = cut_tree, ability
    query = st.query_params.to_dict()
    if query and query != state.get("written_query"):
        view, problems = read_query(query)
        _set(view)
        if problems:
            _fall_back(problems)
    elif "network" not in state:
        _set(View())
    if not cache.is_open(state["network"]):
        return
    try:
        cache.network(state["network"])
    except ExplorerError as problem:
        _set(View())
        _fall_back([f"The link cannot be opened: {problem}."])


def view() -> View:
    """Return what is in view."""
    state = st.session_state
    return View(
        state["network"],
        state["weighting"],
        state["k"] or None,
        state["part"],
        state["run"],
        state["case"],
        state["keep"] or None,
        state["other"],
    )


def choose_part(part: str | None) -> None:
    """Put a module or interface in view."""
    st.session_state["part"] = part
    write_url()


def leave_for_modules(part: str, of: View | None = None) -> None:
    """Leave for the modules page, with a module or interface in view, of another view if given."""
    st.session_state["written_query"] = None  # the link is read, also when it says nothing new
    query = replace(of or view(), part=part).to_query()
    st.switch_page(st.session_state["modules_page"], query_params=query)


def fall_back(problem: str) -> None:
    """Leave for the overview and say why: the link names something that is not there."""
    st.session_state["part"] = None
    _fall_back([problem])


def open_network(name: str) -> None:
    """Put another network in view."""
    state = st.session_state
    _set(View(network=name, run=state["run"], case=state["case"], other=state["other"]))


def put_in_view(view: View) -> None:
    """Put something else in view as a whole, before the pickers are drawn: in a callback."""
    _set(view)


def watch(run: str | None) -> None:
    """Put a live run in view, or none."""
    st.session_state["run"] = run
    write_url()


def take_case(case: str | None) -> None:
    """Put a blind case in view on the page *Audit*, or none."""
    st.session_state["case"] = case
    write_url()


def title_of(network: Checkpoint) -> str:
    """What to call a network among those to pick from: its name, and the data brought to it."""
    task = network.task
    return network.name if task is None or not task.opened else f"{network.name} on {task.title}"


def remember_opened(network_id: str, name: str) -> None:
    """List a network that was opened among those to pick from."""
    st.session_state["opened"][network_id] = name


def put(key: str, value: object) -> None:
    """Give a widget a value before it is drawn, unless it has it already.

    A value that is set anew is sent to the browser and replaces what somebody types meanwhile.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def put_beside(network: str | None) -> None:
    """Put a network beside the one in view, on the page *Compare*, or none."""
    st.session_state["other"] = network
    write_url()


def write_url() -> None:
    """Write the view to the URL, so that a copied link opens it again."""
    query = view().to_query()
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    st.session_state["written_query"] = query


def show_notices() -> None:
    """Show what went wrong with a link, once."""
    for text in st.session_state["notices"]:
        st.warning(text, icon=":material/link_off:")
    st.session_state["notices"] = []


def pickers(network_only: bool = False) -> None:
    """Draw the pickers that all pages share: network, weighting, edges, number of modules.

    Parameters
    ----------
    network_only : bool
        While the network in view is not open yet.
    """
    state = st.session_state
    names = list(networks())
    opened = state["opened"]
    current = state["network"]
    if current not in names and current not in opened:
        opened[current] = title_of(cache.network(current))
    st.selectbox(
        "Network",
        [*names, *opened],
        key="network",
        format_func=lambda name: opened.get(name, name),
        on_change=_take_network,
        help="The trained network in view on every page. Open your own on *Overview*.",
    )
    if network_only:
        return
    state["weighting_shown"] = cache.resolved_weighting(state["network"], state["weighting"])
    st.segmented_control(
        "Weighting",
        cache.usable_weightings(state["network"]),
        key="weighting_shown",
        on_change=_take_weighting,
        required=True,
        help=_WEIGHTING_HELP,
        width="stretch",
    )
    _pick_edges()
    st.selectbox(
        "Number of modules",
        _count_options(),
        key="k",
        format_func=lambda k: f"at most {k}" if k else "automatic",
        on_change=_forget_part,
        help="Automatic takes the number for which the network differs most from shuffled ones.",
    )


def _pick_edges() -> None:
    """Offer what to keep of the edges, of a network that has too many to keep them all."""
    from explorer.network.pruning import resolved_keep
    from explorer.views.pruning_text import keep_title

    state = st.session_state
    usual = resolved_keep(cache.network(state["network"]).network, None)
    if usual is None and not state["keep"]:
        return
    own = "all" if usual is None else keep_title(usual)
    st.selectbox(
        "Edges kept",
        [0, *(keep for keep in KEEPS if keep != usual)],
        key="keep",
        format_func=lambda keep: keep_title(keep) if keep else f"automatic: {own}",
        on_change=_forget_part,
        help="This network has too many edges to look at all of them, nearly all of them weak. "
        "Kept are the strongest edges of every neuron, or the strongest of every layer that hold "
        "a share of its weight.",
    )


def _count_options() -> list[int]:
    return sorted({0, *_COUNTS, st.session_state["k"]})


def _set(view: View) -> None:
    state = st.session_state
    state["network"] = view.network
    state["weighting"] = view.weighting
    state["k"] = view.k or 0  # 0 for automatic: a select box takes None for "nothing chosen"
    state["part"] = view.part
    state["run"] = view.run
    state["case"] = view.case
    state["keep"] = view.keep or 0
    state["other"] = view.other


def _take_weighting() -> None:
    state = st.session_state
    default = cache.resolved_weighting(state["network"], None)
    chosen = state["weighting_shown"]
    state["weighting"] = None if chosen == default else chosen
    _forget_part()


def _take_network() -> None:
    st.session_state["asked_for"] = st.session_state["network"]
    st.session_state["keep"] = 0
    _forget_part()


def _forget_part() -> None:
    st.session_state["part"] = None


def _fall_back(problems: Iterable[str]) -> None:
    st.session_state["notices"] += list(problems)
    st.session_state["written_query"] = view().to_query()
    st.query_params.from_dict(view().to_query())
    st.switch_page(st.session_state["overview_page"], query_params=view().to_query())
