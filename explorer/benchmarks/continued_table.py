"""The table of continued training: a row for every lambda, with intervals over texts."""

from collections.abc import Callable, Iterator, Sequence

from explorer.benchmarks.continued_training import ContinuedScore
from explorer.sweeps.front import Interval, mean_interval
from explorer.sweeps.report import interval_text

Figure = Callable[[ContinuedScore], float | None]
_COUNT = 1  # of the skills, that of sums


def table(scores: Sequence[ContinuedScore]) -> Iterator[str]:
    """Lay scores out as a Markdown table.

    Means, ± half of the 95 % interval (Student's t) where there are several runs. Cross-entropies
    are in nats a word, and in percent against the run of the same text without the penalty.
    """
    heads = (
        *("", "runs", "inside", "Q_B", "text", "text to lambda 0", "stories"),
        *("stories to lambda 0", "sums", "diagonal", "random groups", "beyond them"),
        "pronouns without their module, without the worst other",
    )
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    ordered = sorted(scores, key=lambda score: (score.text is not None, score.row, score.seed))
    for row in dict.fromkeys(score.row for score in ordered):
        own = [score for score in ordered if score.row == row]
        cells = [
            row,
            str(len(own)),
            _mean(own, lambda score: score.inside),
            _mean(own, lambda score: score.q_b),
            _mean(own, lambda score: score.text),
            _rise(own, scores, lambda score: score.text),
            _mean(own, lambda score: score.stories),
            _rise(own, scores, lambda score: score.stories),
            _range([score.pairs[_COUNT] for score in own]),
            _mean(own, lambda score: score.diagonal),
            _mean(own, lambda score: sum(score.random) / len(score.random)),
            _mean(own, lambda score: score.beyond_chance),
            ", ".join([_range([s.own for s in own]), _range([s.other for s in own])]),
        ]
        yield f"| {' | '.join(cells)} |"
    befores = [score.text_before for score in ordered if score.text_before is not None]
    if befores:
        yield ""
        yield f"text before training: {interval_text(mean_interval(befores), '')} nats a word"


def _rise(own: Sequence[ContinuedScore], scores: Sequence[ContinuedScore], figure: Figure) -> str:
    """Percent more than the run of the same text and length without the penalty."""
    rises = []
    for score in own:
        without = score.row.rpartition(" ")[0] + " 0"
        control = [figure(c) for c in scores if (c.row, c.seed) == (without, score.seed)]
        value = figure(score)
        if control and control[0] and value is not None and score.row != without:
            rises.append(100 * (value / control[0] - 1))
    return percent_text(rises)


def percent_text(values: Sequence[float]) -> str:
    """Write a change in percent, with half of its interval.

    Examples
    --------
    >>> percent_text([2.0, 3.0, 4.0]), percent_text([-0.51]), percent_text([])
    ('+3.0 ± 2.5 %', '-0.5 %', '')
    """
    if not values:
        return ""
    found = mean_interval(values)
    return f"{found.mean:+.1f}{_half(found)} %"


def _half(found: Interval) -> str:
    return "" if found.count < 2 else f" ± {(found.high - found.low) / 2:.1f}"


def _mean(scores: Sequence[ContinuedScore], figure: Figure) -> str:
    values = [value for value in map(figure, scores) if value is not None]
    return interval_text(mean_interval(values), "") if values else ""


def _range(values: Sequence[float]) -> str:
    """Least to most, or the value that all have."""
    shown = [f"{value:.2f}" for value in (min(values), max(values))]
    low, high = (text[1:] if text.startswith("0.") else text for text in shown)
    return low if low == high else f"{low} to {high}"
