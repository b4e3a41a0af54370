"""The marks that descriptions are held to, summed up over networks."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from explorer.description.description import MEASURED
from explorer.network.graph import Bools, Floats
from explorer.network.tasks.margins import wilson_interval
from explorer.scoring.contrastive import CONTRASTIVE
from explorer.scoring.nulls import RANDOM, UNTRAINED
from explorer.scoring.readability import MAX_WORDS, words_of
from explorer.scoring.rule_scores import ABLATION, DETECTION, RULE_SCORES, SIMULATION
from explorer.scoring.scores import OTHERS

_CONTRASTIVE, _AGREEMENT = 0.9, 0.5
_AT_CHANCE = 0.05  # more than this above chance is not chance
_CHANCE = {SIMULATION: 0.0, DETECTION: 0.5, ABLATION: 0.0}


@dataclass(frozen=True, eq=False)
class CaseScores:
    """Everything measured of one network's texts by one describer.

    Attributes
    ----------
    task, describer : str
    seed : int
    texts : tuple of str
    fell_back : int
        Texts that are the measured ones, because nothing that was written held.
    values, ceilings : mapping of str to array, shape (modules,)
        Of the scores by rule; NaN where one cannot be told.
    nulls : mapping of (str, str) to float
        Mean of a score under a null: score, then null.
    rows_won, columns_won : array of bool or None
        Contrastive; None without a language model.
    contrastive_nulls : mapping of str to float
        Share of rows won where texts are held against evidence that they were not written from.
    right, claims : int
        By the second check.
    describe_seconds, score_seconds : float
        CPU time for one module.
    """

    task: str
    describer: str
    seed: int
    texts: tuple[str, ...]
    fell_back: int
    values: Mapping[str, Floats]
    ceilings: Mapping[str, Floats]
    nulls: Mapping[tuple[str, str], float]
    rows_won: Bools | None
    columns_won: Bools | None
    contrastive_nulls: Mapping[str, float]
    right: int
    claims: int
    describe_seconds: float
    score_seconds: float


@dataclass(frozen=True)
class MarkRow:
    """One line of the table: a figure, what it is held against, and whether the mark is met.

    Attributes
    ----------
    figure : str
    value : float or None
    low, high : float or None
        95 %, Student's over networks; of shares of modules, Wilson's.
    chance, ceiling : float or None
    nulls : mapping of str to float
    mark : str
        Empty where none was set.
    met : bool or None
    task, describer : str
    """

    figure: str
    value: float | None
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    ceiling: float | None = None
    nulls: Mapping[str, float | None] = field(default_factory=dict)
    mark: str = ""
    met: bool | None = None
    task: str = ""
    describer: str = ""


def mark_rows(measured: Sequence[CaseScores]) -> Iterator[MarkRow]:
    """Sum up what was measured: every figure by task and describer, and for both tasks together."""
    tasks = list(dict.fromkeys(case.task for case in measured))
    describers = list(dict.fromkeys(case.describer for case in measured))
    for task in (*tasks, *(["all"] if len(tasks) > 1 else [])):
        of_task = [case for case in measured if task in ("all", case.task)]
        template = [case for case in of_task if case.describer == MEASURED]
        for describer in describers:
            own = [case for case in of_task if case.describer == describer]
            yield from _rows_of(task, describer, own, template)


def _rows_of(
    task: str, describer: str, own: Sequence[CaseScores], template: Sequence[CaseScores]
) -> Iterator[MarkRow]:
    rows = [*_contrastive_rows(own), *_rule_rows(own, template)]
    rows += [at_chance for row in rows for at_chance in _null_rows(row)]
    yield from (replace(row, task=task, describer=describer) for row in (*rows, *_text_rows(own)))


def _contrastive_rows(own: Sequence[CaseScores]) -> Iterator[MarkRow]:
    for figure in ("rows", "columns"):
        judged = (getattr(case, f"{figure}_won") for case in own)
        wins = [won for won in judged if won is not None]
        if not wins:
            continue
        joined = np.concatenate(wins)
        share = float(joined.mean())
        low, high = wilson_interval(share, len(joined))
        nulls = {OTHERS: (1 - share) / (len(wins[0]) - 1)}
        for null in (RANDOM, UNTRAINED):
            held = [case.contrastive_nulls.get(null, math.nan) for case in own]
            if figure == "rows":
                nulls[null] = known_mean(held)
        yield MarkRow(
            figure=f"{CONTRASTIVE}, {figure}",
            value=share,
            low=low,
            high=high,
            chance=1 / len(wins[0]),
            ceiling=1.0,
            nulls={null: _known(value) for null, value in nulls.items()},
            mark=">= 0.9",
            met=share >= _CONTRASTIVE,
        )


def _rule_rows(own: Sequence[CaseScores], template: Sequence[CaseScores]) -> Iterator[MarkRow]:
    for name in RULE_SCORES:
        value = _mean_of(own, name)
        ceiling = known_mean([known_mean(case.ceilings[name]) for case in own])
        low, high = _of_networks([known_mean(case.values[name]) for case in own])
        least = {
            SIMULATION: max(_mean_of(template, name) - 0.02, 0.75 * ceiling),
            ABLATION: _AGREEMENT,
        }.get(name)
        nulls = {
            null: _known(known_mean([case.nulls[name, null] for case in own]))
            for null in (OTHERS, RANDOM, UNTRAINED)
        }
        yield MarkRow(
            figure=name,
            value=_known(value),
            low=low,
            high=high,
            chance=_CHANCE[name],
            ceiling=_known(ceiling),
            nulls=nulls,
            mark="" if least is None else f">= {least:.3f}",
            met=None if least is None else value >= least,
        )


def _null_rows(row: MarkRow) -> Iterator[MarkRow]:
    """Hold every null of a score against chance."""
    chance = row.chance or 0.0
    for null, value in row.nulls.items():
        if value is not None:
            yield MarkRow(
                figure=f"null of {row.figure}: {null}",
                value=value,
                chance=chance,
                mark=f"<= {chance + _AT_CHANCE:.2f}",
                met=value <= chance + _AT_CHANCE,
            )


def _text_rows(own: Sequence[CaseScores]) -> Iterator[MarkRow]:
    right, claims = sum(case.right for case in own), sum(case.claims for case in own)
    precision = right / claims if claims else None
    yield MarkRow(f"precision of {claims} claims", precision, mark="1", met=right == claims)
    counts = [len(words_of(text)) for case in own for text in case.texts]
    yield MarkRow("words, mean", float(np.mean(counts)))
    yield MarkRow("words, most", max(counts), mark="<= 20", met=max(counts) <= MAX_WORDS)
    twins = sum(len(case.texts) - len(set(case.texts)) for case in own)
    yield MarkRow("texts that another module has too", twins, mark="0", met=twins == 0)
    yield MarkRow("measured text after all", sum(case.fell_back for case in own))
    seconds = known_mean([case.describe_seconds for case in own])
    yield MarkRow("CPU seconds a description", seconds, mark="<= 5", met=seconds <= 5)
    seconds = known_mean([case.score_seconds for case in own])
    yield MarkRow("CPU seconds its scores", seconds, mark="<= 2", met=seconds <= 2)


def table(rows: Sequence[MarkRow]) -> Iterator[str]:
    """Lay rows out in lines."""
    heading = ("figure", "value", "95 %", "chance", "ceiling", "other", "random", "untrained")
    before = None
    for row in rows:
        if (row.task, row.describer) != before:
            before = (row.task, row.describer)
            yield ""
            yield f"{row.task}, described by {row.describer}"
            yield _line(heading, "mark")
        cells = [row.figure, _cell(row.value)]
        cells.append("" if row.low is None else f"{_cell(row.low)}-{_cell(row.high)}")
        cells += [_cell(row.chance), _cell(row.ceiling)]
        cells += [_cell(row.nulls.get(null)) for null in (OTHERS, RANDOM, UNTRAINED)]
        verdict = "" if row.met is None else ("met" if row.met else "MISSED")
        yield _line(cells, f"{row.mark} {verdict}".strip())


def _line(cells: Sequence[str], mark: str) -> str:
    widths = (42, 8, 14, 8, 9, 8, 8, 10)
    text = "".join(
        f"{cell:{'<' if at == 0 else '>'}{width}}"
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"{text}  {mark}".rstrip()


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


def _of_networks(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Student's interval of 95 % for a mean over networks; none for a single one."""
    known = np.array([value for value in values if math.isfinite(value)])
    if len(known) < 2:
        return None, None
    reach = float(special.stdtrit(len(known) - 1, 0.975) * known.std(ddof=1) / len(known) ** 0.5)
    return float(known.mean()) - reach, float(known.mean()) + reach


def _mean_of(cases: Sequence[CaseScores], name: str) -> float:
    return known_mean([known_mean(case.values[name]) for case in cases])


def known_mean(values: Sequence[float] | Floats) -> float:
    """Average what can be told; NaN if nothing can."""
    known = [value for value in values if math.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
