"""A user's own table as a task: tell one column from the others."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.errors import TaskError
from explorer.network.tasks.base import SHARES, SPLITS, Examples, Head, Task
from explorer.network.tasks.sources import Source, content_name, read_source, shown_title
from explorer.network.tasks.table_file import MAX_BYTES, is_text, read_table, row_number

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]

MAX_ROWS = 1_000_000
MAX_INPUTS = 1_000
MAX_NUMBERS = 50_000_000  # rows times inputs: 200 MB
MAX_TEXTS = 50  # different texts in a column of inputs
MAX_CLASSES = 100
MAX_DEVIATIONS = 100.0
MIN_ROWS = 30
MIN_CLASS_ROWS = len(SPLITS)


def task_from_csv(source: Source, title: str, target: str | None = None) -> Task:
    r"""Make a task of a CSV file.

    Columns of numbers are standardised by mean and standard deviation over the training split, and
    what lies more than 100 standard deviations off is counted as that. A column of few different
    texts becomes one input of 0 or 1 for each of them. Rows are dealt to the splits at random,
    class by class, so that all splits hold all classes in like shares. Equal rows count as
    different ones and may be in different splits. Of more than a million rows, a million are drawn
    at random.

    Parameters
    ----------
    source : bytes or path
        See ``explorer.network.tasks.table_file``.
    title : str
        Name for people, such as that of the file.
    target : str, optional
        The column to tell, the last one by default: texts, or numbers of few different values.

    Raises
    ------
    TaskError
        If the file makes no such task.

    Examples
    --------
    >>> rows = [f"{n},{'red' if n % 3 else 'blue'},{'even odd'.split()[n % 2]}" for n in range(60)]
    >>> task = task_from_csv("\n".join(["n,colour,parity", *rows]).encode(), "parity.csv")
    >>> task.inputs, task.outputs, len(task.split("train"))
    (('n', 'colour = blue', 'colour = red'), ('parity even', 'parity odd'), 36)
    """
    data = read_source(source, MAX_BYTES)
    table = read_table(data)
    found = len(table)
    if target is None:
        target = str(table.columns[-1])
    elif target not in table.columns:
        raise TaskError(
            f"found no column {target!r:.40}; expected one of {', '.join(table.columns):.200}"
        )
    if found < MIN_ROWS:
        raise TaskError(
            f"found {found} row{'s' * (found != 1)}; expected at least {MIN_ROWS}, to be dealt to "
            f"{len(SPLITS)} splits"
        )
    classes, labels = _classes(table[target])
    columns = [name for name in table.columns if name != target]
    plan = _plan(table[columns])
    limit = min(MAX_ROWS, MAX_NUMBERS // len(plan))
    if found > limit:
        chosen = np.sort(np.random.default_rng(0).choice(found, limit, replace=False))
        table, labels = table.iloc[chosen], labels[chosen]
    _check_counts(labels, classes, target)
    parts = _dealt(labels, len(classes))
    inputs = _numbers(table, plan, parts["train"])
    examples = {
        split: Examples(torch.from_numpy(inputs[part]), torch.from_numpy(labels[part])[:, None])
        for split, part in parts.items()
    }
    rows = (
        f"{limit:,} of its {found:,} rows, drawn at random" if found > limit else f"{found:,} rows"
    )
    shown = shown_title(title)
    return Task(
        name=content_name("csv", target, data),
        title=shown,
        summary=f"Tell {target[:60]} from the other columns of {shown} ({rows}).",
        inputs=tuple(plan),
        heads=(Head(target, classes),),
        images=(),
        make=examples.__getitem__,
        hidden=(32, 32),
    )


def _classes(column: "pd.Series") -> tuple[tuple[str, ...], Ints]:
    """Names of the classes in rising order, and the class of every row."""
    import pandas as pd

    codes, values = pd.factorize(column, sort=True)
    if len(values) == 1:
        raise TaskError(
            f"found one class, {_label(values[0])!r:.40}, in all rows of the column "
            f"{column.name!r:.40}; expected at least two"
        )
    if len(values) > MAX_CLASSES:
        raise TaskError(
            f"found {len(values):,} different values in the column {column.name!r:.40}; expected "
            f"at most {MAX_CLASSES} classes to tell"
        )
    return tuple(map(_label, values)), np.asarray(codes, dtype=np.int64)


def _label(value: object) -> str:
    """Write a class; whole numbers without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _check_counts(labels: Ints, classes: tuple[str, ...], target: str) -> None:
    counts = np.bincount(labels, minlength=len(classes))
    rarest = int(counts.argmin())
    if counts[rarest] < MIN_CLASS_ROWS:
        rows = int(counts[rarest])
        raise TaskError(
            f"found {rows} row{'s' * (rows != 1)} of the class {classes[rarest]!r:.40} in "
            f"the column {target!r:.40}; expected at least {MIN_CLASS_ROWS} of every class, "
            f"one for each split"
        )


def _plan(table: "pd.DataFrame") -> dict[str, tuple[str, str | None]]:
    """Name the inputs: each is a column of numbers, or whether a column has a certain text."""
    import pandas as pd

    plan: list[tuple[str, tuple[str, str | None]]] = []
    for name in table.columns:
        column = table[name]
        if not is_text(column):
            plan.append((name, (name, None)))
            continue
        is_number = pd.to_numeric(column, errors="coerce").notna().to_numpy()
        if is_number.mean() > 0.5:
            row = int((~is_number).argmax())
            raise TaskError(
                f"found the text {column.iloc[row]!r:.40} in row {row_number(row):,} of the column "
                f"{name!r:.40}; expected numbers, as in most of its rows"
            )
        values = sorted(column.unique())
        if len(values) > MAX_TEXTS:
            raise TaskError(
                f"found {len(values):,} different texts in the column {name!r:.40}; expected "
                f"numbers or at most {MAX_TEXTS} different texts"
            )
        plan += [(f"{name} = {value}", (name, value)) for value in values]
    if len(plan) > MAX_INPUTS:
        raise TaskError(
            f"found columns that make {len(plan):,} inputs; expected at most {MAX_INPUTS:,}"
        )
    named = dict(plan)
    if len(named) < len(plan):
        names = [name for name, _ in plan]
        twice = next(name for name in names if names.count(name) > 1)
        raise TaskError(f"found two inputs named {twice!r:.40}; expected a name for each")
    return named


def _numbers(
    table: "pd.DataFrame", plan: dict[str, tuple[str, str | None]], train: Ints
) -> NDArray[np.float32]:
    """Inputs of shape (rows, inputs)."""
    inputs = np.empty((len(table), len(plan)), dtype=np.float32)
    for at, (name, value) in enumerate(plan.values()):
        if value is not None:
            inputs[:, at] = (table[name] == value).to_numpy()
            continue
        numbers = table[name].to_numpy(dtype=np.float64)
        numbers = numbers / max(float(np.abs(numbers).max()), 1e-300)  # so that no square overflows
        spread = float(numbers[train].std())
        standard = (numbers - numbers[train].mean()) / (spread or 1.0)
        inputs[:, at] = standard.clip(-MAX_DEVIATIONS, MAX_DEVIATIONS)
    return inputs


def _dealt(labels: Ints, classes: int) -> dict[str, Ints]:
    """Rows of every split: of each class its share, and at least one."""
    rng = np.random.default_rng(0)
    rows: dict[str, list[Ints]] = {split: [] for split in SPLITS}
    for label in range(classes):
        own = rng.permutation(np.flatnonzero(labels == label))
        small = [max(1, int(len(own) * share)) for share in SHARES[1:]]
        ends = len(own) - sum(small) + np.cumsum([0, *small[:-1]])
        for split, part in zip(SPLITS, np.split(own, ends), strict=True):
            rows[split].append(part)
    return {split: rng.permutation(np.concatenate(parts)) for split, parts in rows.items()}
