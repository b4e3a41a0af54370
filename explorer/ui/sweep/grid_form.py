"""Choose what a new sweep runs."""

import re
import shlex
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import ConfigError, ExplorerError
from explorer.ui import cache, session
from explorer.ui.sweep import progress

if TYPE_CHECKING:
    from explorer.sweeps.grid import SweepGrid

LAMBDAS = ("0.1", "0.3", "1", "3", "10")
_MOST = 500  # runs of a sweep that is started from the page
_MU = 3e-4


def show() -> None:
    """Show the settings, say how many runs they make, and start them."""
    values = _ask()
    try:
        grid = _grid(values)
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    from explorer.views.pareto_text import describe_grid

    runs = len(grid.by_id)
    st.markdown(describe_grid(grid))
    if runs > _MOST:
        st.error(
            f"found {runs} runs; expected at most {_MOST} from this page: for more, write a grid "
            "file and run `explorer sweep`.",
            icon=":material/error:",
        )
        return
    st.button(
        "Start the sweep",
        type="primary",
        icon=":material/play_arrow:",
        on_click=progress.start,
        args=(values["name"], grid),
        help="It runs in a process of its own and goes on when this page or the server is closed.",
    )
    with st.expander("The same from the command line, here or on a cluster"):
        _show_command(values["name"], grid)


def _ask() -> dict[str, Any]:
    from explorer.network.tasks import task, tasks
    from explorer.training.losses import MODULARITY_LOSSES

    offered = tasks()
    current = cache.network(session.view().network).task_name
    left, right = st.columns(2, gap="large")
    with left:
        chosen = st.selectbox(
            "Task",
            offered,
            index=offered.index(current) if current in offered else 0,
            format_func=lambda name: f"{name}: {task(name).summary}",
            help="What the networks learn.",
        )
        losses = st.multiselect(
            "Losses",
            list(MODULARITY_LOSSES),
            default=["layered", "l1"],
            format_func=lambda name: MODULARITY_LOSSES[name].title,
            help="What makes the networks modular: each is a line of the front. L1, which only "
            "asks for small weights, is the baseline that others must beat.",
        )
        strengths = st.multiselect(
            "λ",
            list(LAMBDAS),
            default=list(LAMBDAS),
            accept_new_options=True,
            help="How much the penalty counts against the task. Type a number to add it.",
        )
        seeds = st.number_input(
            "Seeds",
            1,
            20,
            3,
            help="Networks that are trained alike but for chance. Intervals need two or more.",
        )
    with right:
        made = task(chosen)
        widths = st.text_input(
            "Widths of the hidden layers",
            " ".join(str(width) for width in made.hidden),
            key=f"sweep_widths_{chosen}",
            help="Neurons of every hidden layer, such as 48 48.",
        )
        steps = st.number_input(
            "Steps", 1, 1_000_000, 2_000, help="Optimiser steps of every network."
        )
        modules = st.number_input(
            "Modules to aim at",
            0,
            64,
            max(2, len(made.heads)),
            key=f"sweep_modules_{chosen}",
            help="What the losses aim at; 0 to let each run choose. How many are found is "
            "measured, whatever was aimed at.",
        )
        l1 = st.number_input(
            "μ",
            0.0,
            1.0,
            _MU,
            step=1e-4,
            format="%g",
            help="Weight of the sum of all |weights|, which every run but the plain ones pays "
            "beside its loss.",
        )
        name = st.text_input(
            "Name",
            _free_name(chosen),
            key=f"sweep_new_name_{chosen}",
            help="Under which the sweep is kept. A name that is taken goes on with that sweep, if "
            "it has runs in common: what is done already is not done again.",
        )
    return {
        "task": chosen,
        "network": made.networks[0],
        "losses": losses,
        "strengths": strengths,
        "seeds": int(seeds),
        "widths": widths,
        "steps": int(steps),
        "modules": int(modules),
        "l1": float(l1),
        "name": name,
    }


def _grid(values: dict[str, Any]) -> "SweepGrid":
    from explorer.sweeps.grid import SweepGrid
    from explorer.sweeps.start import kept_sweep

    kept_sweep(values["name"])  # refuses what is no name
    for what, many in (("loss", "losses"), ("λ", "strengths")):
        if not values[many]:
            raise ConfigError(f"found no {what}; expected one or more")
    return SweepGrid(
        settings={
            "task": values["task"],
            "network": values["network"],
            "hidden": [_whole(part) for part in re.split(r"[\s,]+", values["widths"].strip(" ,"))],
            "steps": values["steps"],
            "module_count": values["modules"],
            "l1_coefficient": values["l1"],
        },
        vary={
            "loss": values["losses"],
            "modularity_coefficient": tuple(sorted(_number(text) for text in values["strengths"])),
            "seed": tuple(range(values["seeds"])),
        },
    )


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise ConfigError(f"found the width {text!r:.40}; expected a whole number")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as problem:
        raise ConfigError(f"found λ = {text!r:.40}; expected a number") from problem


def _free_name(task_name: str) -> str:
    """Name a sweep after its task, and count where that is taken."""
    from explorer.sweeps.start import kept_sweeps

    taken = set(kept_sweeps())
    names = [task_name, *(f"{task_name}-{count}" for count in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _show_command(name: str, grid: "SweepGrid") -> None:
    from explorer.sweeps.grid import grid_text
    from explorer.sweeps.start import kept_sweep

    st.markdown(
        "Save this as `grid.toml`. In `[vary]`, any setting may have a list of values. With "
        "`--cluster tcp://ADDRESS:8786` the runs are made by the workers of a Dask scheduler. What "
        "is kept in this folder is shown on this page."
    )
    st.code(f"explorer sweep grid.toml --out {shlex.quote(str(kept_sweep(name).path))}", None)
    st.code(grid_text(grid), language="toml")
