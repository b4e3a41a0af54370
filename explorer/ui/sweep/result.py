"""The front of a sweep: a figure to click on, the same as a table, every run's network."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, session

if TYPE_CHECKING:
    from explorer.sweeps.folder import SweepFolder
    from explorer.sweeps.front import Front
    from explorer.sweeps.grid import SweepGrid

_MEASURE_HELP = (
    "What is put on the axis. **Q_B**: weight inside modules beyond chance, by activity. **Q_B by "
    "path**: the same from the weights alone. **Weight inside modules**: with no chance taken off. "
    "**Functional modularity**: whether each module carries one task. **Interface**: how many "
    "weights between modules must stay. **n-cut**: what leaves modules, as a share of their weight."
)


def show(name: str, folder: "SweepFolder", grid: "SweepGrid") -> None:
    """Show what came out so far."""
    from explorer.sweeps.front import find_front
    from explorer.sweeps.report import TITLES
    from explorer.views.pareto_text import describe_front, failures, usable_figures

    records = folder.records(grid)
    usable = usable_figures(records)
    if not usable:
        st.info(
            "No run is done yet. The front appears with the first.", icon=":material/hourglass:"
        )
        _show_failures(failures(find_front(grid, records.values())))
        return
    measure = st.segmented_control(
        "Modularity measured by",
        usable,
        default=usable[0],
        required=True,
        format_func=lambda figure: TITLES[figure],
        help=_MEASURE_HELP,
        key="sweep_measure",
    )
    front = find_front(grid, records.values(), measure)
    st.markdown(describe_front(front, grid))
    _show_chart(front)
    _show_opening(name, front)
    _show_table(name, front, folder, grid)
    _show_failures(failures(front))


def _show_chart(front: "Front") -> None:
    from explorer.views.pareto import is_far, pareto_chart

    far = sum(is_far(front, point) for point in front.points)
    near = far > 0 and not st.toggle(
        f"Show what fell far behind, too ({far})",
        help="Means that are ten points of accuracy (or a tenth of cross-entropy) behind the best.",
    )
    st.plotly_chart(
        pareto_chart(front, near),
        key="sweep_chart",
        config={"displayModeBar": False},
        on_select=_open_clicked,
        selection_mode="points",
        alt="Accuracy against modularity, one line for every loss; the table below has the "
        "same figures.",
    )
    st.caption(
        "Large marks are means over seeds with their 95 % intervals, small ones single networks. "
        "Filled: no other mean is better in both ways. Arrow: the λ to take. Click a mark to open "
        "its network (of a mean, the one that is best on the validation split)."
    )


def _show_opening(name: str, front: "Front") -> None:
    from explorer.views.pareto_text import run_names

    names = run_names(front)
    chosen = next((p.records[0].id for p in front.points if p.chosen), None)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        picked = st.selectbox(
            "Open a network",
            list(names),
            index=list(names).index(chosen) if chosen in names else 0,
            format_func=lambda id_: names[id_],
            help="The same as a click on a small mark of the figure.",
        )
    with right:
        st.button(
            "Open in Overview",
            icon=":material/open_in_new:",
            on_click=open_run,
            args=(name, picked),
            width="stretch",
        )


def _show_table(name: str, front: "Front", folder: "SweepFolder", grid: "SweepGrid") -> None:
    from explorer.sweeps.report import run_rows
    from explorer.views.pareto_text import front_table

    st.dataframe(front_table(front), hide_index=True)
    rows = pd.DataFrame(run_rows(folder.records(grid).values()))
    st.download_button(
        "All runs as CSV",
        rows.to_csv(index=False).encode(),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="One row a run: its settings and all of its figures.",
    )


def _show_failures(sentences: list[str]) -> None:
    if sentences:
        with st.expander(f"{len(sentences)} failed", icon=":material/error:"):
            st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def _open_clicked() -> None:
    points = st.session_state["sweep_chart"]["selection"]["points"]
    name = st.session_state.get("sweep_name")
    if points and name and points[0].get("customdata"):
        found = points[0]["customdata"]
        open_run(name, found if isinstance(found, str) else found[0])


def open_run(name: str, run: str) -> None:
    """Keep the network of a run and put it in view on the overview."""
    from explorer.sweeps.start import kept_sweep

    try:
        checkpoint = kept_sweep(name).network(run)
        session.remember_opened(cache.keep_network(checkpoint), checkpoint.name)
        session.open_network(checkpoint.id)
    except ExplorerError as problem:
        st.session_state["sweep_problem"] = str(problem)
    else:
        st.session_state["leave_for_overview"] = True
