"""Links: what is written can be read back, and nothing in one can do harm."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.modularity.finding import MAX_COUNT
from explorer.network.weightings import WEIGHTINGS
from explorer.ui import view_state
from explorer.ui.view_state import View, read_edges, read_query

names = st.text(alphabet="ABCXYZ", min_size=1, max_size=3)
views = st.builds(
    View,
    network=st.text(min_size=1),
    weighting=st.none() | st.sampled_from(WEIGHTINGS),
    k=st.none() | st.integers(1, MAX_COUNT),
    part=st.none() | names | st.builds("{}-{}".format, names, names),
    run=st.none() | st.text(alphabet="ab01_-", min_size=8, max_size=64),
    case=st.none() | st.builds("backdoor.any.l1.{}".format, st.integers(0, 99_999)),
    keep=st.none() | st.sampled_from(view_state.KEEPS),
    other=st.none() | st.text(min_size=1),
)


def test_the_constants_are_those_of_the_layers_below() -> None:
    assert view_state.WEIGHTINGS == WEIGHTINGS
    assert view_state.MAX_COUNT == MAX_COUNT


@given(views)
def test_a_view_survives_its_link(view: View) -> None:
    assert read_query(view.to_query()) == (view, ())
    assert read_edges(view.edges) == (view.weighting, view.keep)


@given(
    st.dictionaries(
        st.sampled_from(["network", "k", "weighting", "keep", "module", "case", "x"]), st.text()
    )
)
def test_any_link_gives_a_view(query: dict[str, str]) -> None:
    view, problems = read_query(query)
    assert view.weighting is None or view.weighting in WEIGHTINGS
    assert view.keep is None or view.keep in view_state.KEEPS
    assert view.k is None or 1 <= view.k <= MAX_COUNT
    assert all(problem.endswith(".") and "\n" not in problem for problem in problems)
