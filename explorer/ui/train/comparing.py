"""Two trained networks side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.network.bundled import bundled_names
from explorer.ui import cache
from explorer.ui.graph import show_graph
from explorer.ui.train.kept import KeptRun, kept_runs, network_id

if TYPE_CHECKING:
    from explorer.modularity.partition import Partition


def show_comparison() -> None:
    """Let people choose two networks, and draw both."""
    runs = {run.name: run for run in kept_runs() if run.file is not None and not run.on_its_way}
    if not runs:
        return
    st.subheader("Compare")
    if not st.toggle("Compare a run with another network", key="train_compare"):
        return
    left, right = st.columns(2, gap="medium")
    first = left.selectbox("One run", list(runs), key="train_first")
    bundled = [f"bundled: {name}" for name in bundled_names()]
    others = [*(name for name in runs if name != first), *bundled]
    task = runs[first].task
    others.sort(key=lambda name: not _does(name, task, runs))  # those that can be matched first
    second = right.selectbox("with", others, key="train_second")
    try:
        with st.spinner("Measuring both networks …"):
            ids = tuple(_id(name, runs) for name in (first, second))
            _show((ids[0], ids[1]), (first, second.removeprefix("bundled: ")))
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")


def _does(name: str, task: str, runs: dict[str, KeptRun]) -> bool:
    bundled = name.removeprefix("bundled: ")
    return runs[name].task == task if name in runs else bundled.rpartition("-")[0] == task


def _id(name: str, runs: dict[str, KeptRun]) -> str:
    return network_id(runs[name]) if name in runs else name.removeprefix("bundled: ")


def _show(ids: tuple[str, str], names: tuple[str, str]) -> None:
    from explorer.views.compare_runs import (
        comparison_table,
        describe_match,
        match_modules,
        renamed,
    )
    from explorer.views.module_graph import module_graph

    first, second = (cache.partition(name, None, None) for name in ids)
    one, two = (cache.network(name) for name in ids)
    if one.task_name == two.task_name:
        continues = _started_from(two.config, ids[0]) or _started_from(one.config, ids[1])
        match = match_modules(first, second, same_neurons=continues)
        st.markdown(describe_match(match, names))
        second = renamed(second, match)
        st.caption("Below, partners have the same letter and colour.")
    else:
        st.markdown(
            f"They were trained on different tasks ({one.task_name} and {two.task_name}), so their "
            f"modules cannot be matched."
        )
    for column, name, partition, key in zip(
        st.columns(2, gap="medium"), names, (first, second), ("first", "second"), strict=True
    ):
        with column:
            st.markdown(f"**{name}**")
            if partition.count:
                show_graph(module_graph(partition, height=280), key=f"train-compare-{key}")
    table = comparison_table(
        [_figures(name, part) for name, part in zip(ids, (first, second), strict=True)], names
    )
    st.table(table.set_index("figure"))
    st.caption(
        "Accuracy and loss on the test split; the other figures for the modules that are found "
        "now, with their number chosen automatically."
    )


def _started_from(config: object, network: str) -> bool:
    start = config.get("start", "") if isinstance(config, dict) else ""
    return bool(start) and network in str(start)


def _figures(name: str, partition: Partition) -> dict[str, float | None]:
    from explorer.modularity.quality import inside_mass
    from explorer.views.compare_runs import weights_in_interfaces

    by_weighting = cache.modularity_by_weighting(name, None, None)
    shares = [share for _, share, _ in cache.accuracies(name)]
    function, _ = cache.function_figures(name, None, None)
    return {
        "accuracy %": sum(shares) / len(shares) if shares else None,
        "task loss, nats": cache.losses(name)[""] if shares else None,
        "modules #": partition.count,
        "Q_B by activity": by_weighting.get("activity"),
        "Q_B by path": by_weighting.get("path"),
        "weight inside modules %": inside_mass(partition),
        "weights in interfaces #": weights_in_interfaces(partition),
        "functional modularity": function,
    }
