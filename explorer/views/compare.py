"""A comparison of two networks in words, tables and pictures of one colour for what corresponds."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from explorer.modularity.partition import Partition, module_name
from explorer.observation.comparing.values import ComparedFigure, Comparison
from explorer.views.graph_spec import GraphSpec
from explorer.views.markdown import plain_markdown
from explorer.views.module_graph import module_graph
from explorer.views.palette import NEUTRAL, module_color

_WHAT = {
    "neurons": "overlap of their neurons",
    "function": "similarity of what they do",
    "ends": "overlap of inputs and outputs",
}


def describe_comparison(found: Comparison, names: tuple[str, str]) -> str:
    """Say in words, as Markdown, which modules correspond."""
    return _sentence(found, (_said(names[0]), _said(names[1])))


def _sentence(found: Comparison, names: tuple[str, str]) -> str:
    if found.way == "none":
        return "No module of one can be matched with one of the other."
    if not found.matches:
        return "No module of one has anything in common with one of the other."
    real = [match for match in found.matches if match.beyond_chance]
    if not real:
        return (
            f"**No counterparts.** No module of {names[0]} is more like one of "
            f"{names[1]} than random groups of the same sizes are."
        )
    pairs = ", ".join(
        f"{module_name(m.first)} with {module_name(m.second)} ({_similarity(m.similarity)})"
        for m in real
    )
    alone = [
        f"{count} of {name}"
        for name, count in zip(
            names, (found.first.count - len(real), found.second.count - len(real)), strict=True
        )
        if count
    ]
    said = (
        f"**{len(real)} of {max(found.first.count, found.second.count)} modules correspond:** "
        f"{pairs}."
    )
    return said + (f" Without a counterpart: {' and '.join(alone)}." if alone else "")


def matches_table(found: Comparison, names: tuple[str, str]) -> pd.DataFrame:
    """One row for every pair of modules, and one for every module that nothing was matched with."""
    what = _WHAT.get(found.way, "similarity")
    first, second = _columns(names, "module of ")
    rows = [
        {
            first: module_name(match.first),
            second: module_name(match.second),
            what: _similarity(match.similarity),
            "random groups": f"{match.null.mean:.2f}, up to {match.null.high:.2f}",
            "counterpart": "yes" if match.beyond_chance else "no: as like as random groups are",
        }
        for match in found.matches
    ]
    empty = {what: "–", "random groups": "–", "counterpart": "none"}
    rows += [{first: module_name(label), second: "–"} | empty for label in found.only_first]
    rows += [{first: "–", second: module_name(label)} | empty for label in found.only_second]
    return pd.DataFrame(rows, columns=[first, second, what, "random groups", "counterpart"])


def figures_table(found: Comparison, names: tuple[str, str]) -> pd.DataFrame:
    """Figures of both networks beside each other, with their difference."""
    first, second = _columns(names, "")
    rows = []
    for figure in found.figures:
        cells = [
            _cell(value, figure, side) for side, value in enumerate((figure.first, figure.second))
        ]
        rows.append((figure.name, *cells, _difference(figure)))
    return pd.DataFrame(rows, columns=["figure", first, second, "difference"])


def moved_table(found: Comparison, most: int = 24) -> pd.DataFrame:
    """How far the weights moved, part by part: of interfaces, those that moved most."""
    rows = []
    for moved in found.moved[: max(most, 1 + found.first.count)]:
        part = f"interface {moved.part}" if "-" in moved.part else f"module {moved.part}"
        rows.append(
            {
                "weights": "all" if moved.part == "all" else part,
                "count": f"{moved.weights:,}",
                "change": "–" if math.isnan(moved.change) else f"{moved.change:.1%}",
            }
        )
    return pd.DataFrame(rows, columns=["weights", "count", "change"])


def compared_graphs(found: Comparison, height: int = 320) -> tuple[GraphSpec, GraphSpec]:
    """Draw the modules of both networks; a module and its counterpart have one colour.

    One without a counterpart is grey in the second network.
    """
    partners = {match.second: match.first for match in found.matches if match.beyond_chance}
    second = _recoloured(found.second, partners, height) if found.way != "none" else None
    return module_graph(found.first, height), second or module_graph(found.second, height)


def comparison_lines(found: Comparison, names: tuple[str, str]) -> Iterator[str]:
    """Write a comparison as lines of a terminal."""
    yield found.reason
    yield _sentence(found, names).replace("**", "")
    if found.matches:
        yield from ("", *matches_table(found, names).to_string(index=False).splitlines())
    yield from ("", *figures_table(found, names).to_string(index=False).splitlines())
    if found.moved:
        yield from ("", "How far the weights moved:")
        yield from moved_table(found).to_string(index=False).splitlines()


def _recoloured(partition: Partition, partners: dict[int, int], height: int) -> GraphSpec:
    spec = module_graph(partition, height)
    index = {module.name: module.index for module in partition.modules}
    nodes = []
    for node in spec.nodes:
        partner = partners.get(index[node.id])
        color = NEUTRAL if partner is None else module_color(partner)
        said = "no counterpart" if partner is None else f"counterpart: {module_name(partner)}"
        nodes.append(replace(node, color=color, title=f"{node.title}\n{said}"))
    return replace(spec, nodes=tuple(nodes))


def _columns(names: tuple[str, str], before: str) -> tuple[str, str]:
    if names[0] == names[1]:
        return f"{before}{names[0]} (1)", f"{before}{names[1]} (2)"
    return f"{before}{names[0]}", f"{before}{names[1]}"


def _similarity(value: float) -> str:
    return f"{value:.2f}"


def _cell(value: float | None, figure: ComparedFigure, side: int) -> str:
    written = _written(value, figure.form)
    null = figure.nulls[side]
    return written if null is None else f"{written} (shuffled: {_written(null.mean, figure.form)})"


def _difference(figure: ComparedFigure) -> str:
    cells = [_written(value, figure.form) for value in (figure.first, figure.second)]
    if figure.first is None or figure.second is None or "–" in cells:
        return ""
    if cells[0] == cells[1]:
        return "equal"
    change = figure.second - figure.first
    return ("+" if change > 0 else "") + _written(change, figure.form)


def _written(value: float | None, form: str) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return {"share": "{:.1%}", "count": "{:,.0f}"}.get(form, "{:.3f}").format(value)


def _said(name: str) -> str:
    """Return a name as Markdown that shows it as it is."""
    return f"*{plain_markdown(' '.join(name.split()))}*"
