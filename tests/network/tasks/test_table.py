"""Tables: what a CSV file becomes, and what is wrong with those that become nothing."""

import io
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from explorer.errors import TaskError
from explorer.network.tasks import SPLITS, Task, table, task_from_csv
from explorer.network.tasks.base import Examples

IRIS = load_iris(as_frame=True)


def iris() -> bytes:
    names = ["setosa", "versicolor", "virginica"]
    kind = IRIS.target.map(lambda index: names[index]).rename("kind")
    return IRIS.data.assign(kind=kind).to_csv(index=False).encode()


def lines(*header: str, count: int = 40, last: str = "{parity}") -> str:
    """Make a table of the numbers from 0 upwards; the last column is their parity."""
    row = ",".join(["{n}"] * (len(header) - 1) + [last])
    rows = [row.format(n=n, parity=n % 2) for n in range(count)]
    return "\n".join([",".join(header), *rows]) + "\n"


def whole(made: Task) -> Examples:
    parts = [made.split(split) for split in SPLITS]
    return Examples(*(torch.cat([getattr(p, k) for p in parts]) for k in ("inputs", "targets")))


def test_flowers():
    made = task_from_csv(iris(), "iris.csv")
    assert made.inputs == tuple(IRIS.data.columns)
    assert made.outputs == ("kind setosa", "kind versicolor", "kind virginica")
    assert made.summary == "Tell kind from the other columns of iris.csv (150 rows)."
    assert [len(made.split(split)) for split in SPLITS] == [90, 15, 15, 15, 15]
    for split in SPLITS:  # classes are balanced in the file and so in every split
        assert len(set(made.split(split).targets[:, 0].bincount().tolist())) == 1
    train, test = made.split("train"), made.split("test")
    learnt = LogisticRegression().fit(train.inputs, train.targets[:, 0])
    assert learnt.score(test.inputs, test.targets[:, 0]) >= 0.9


def test_numbers_are_standardised_on_the_training_split():
    made = task_from_csv(iris(), "iris.csv")
    train = made.split("train").inputs
    assert torch.allclose(train.mean(dim=0), torch.zeros(4), atol=1e-5)
    assert torch.allclose(train.std(dim=0, unbiased=False), torch.ones(4), atol=1e-5)
    # Every row of the file comes out of one split, by one scale and shift for a column.
    found = np.sort(whole(made).inputs.numpy().astype(float), axis=0)
    for column, values in enumerate(np.sort(IRIS.data.to_numpy(), axis=0).T):
        assert np.corrcoef(found[:, column], values)[0, 1] > 1 - 1e-9


def test_rows_are_dealt_once():
    made = task_from_csv(lines("n", "parity", count=1_000).encode(), "n.csv")
    splits = [set(made.split(split).inputs[:, 0].tolist()) for split in SPLITS]
    assert sum(map(len, splits)) == 1_000
    assert not any(a & b for a, b in combinations(splits, 2))
    # Not in the order of the file.
    assert (made.split("train").inputs[:, 0].diff() < 0).float().mean() > 0.3


def test_the_same_file_gives_the_same_task():
    a, b = (task_from_csv(iris(), title) for title in ("a.csv", "b.csv"))
    assert a.name == b.name and a.title != b.title
    assert torch.equal(a.split("score").inputs, b.split("score").inputs)
    assert task_from_csv(iris() + b"5,3,2,1,setosa\n", "a.csv").name != a.name


def test_texts_become_one_input_each():
    colours = ["red", "blue", " green "]
    rows = "\n".join(f"{colours[n % 3]},{n},{n % 2}" for n in range(60))
    made = task_from_csv(f"colour,n,odd\n{rows}".encode(), "c.csv")
    assert made.inputs == ("colour = blue", "colour = green", "colour = red", "n")
    inputs = whole(made).inputs
    assert torch.equal(inputs[:, :3].sum(dim=0), torch.tensor([20.0, 20.0, 20.0]))
    assert torch.equal(inputs[:, :3].sum(dim=1), torch.ones(60))


def test_any_column_can_be_the_target():
    data = lines("n", "m", "parity").replace("\n", ",x\n").replace("parity,x", "parity,same")
    made = task_from_csv(data.encode(), "n.csv", "parity")
    assert made.heads[0].name == "parity" and made.inputs == ("n", "m", "same = x")
    assert made.name != task_from_csv(lines("n", "m", "parity").encode(), "n.csv").name


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ((1, 0), ("0", "1")),
        ((10, 9), ("9", "10")),
        ((2.0, 1.0), ("1", "2")),
        ((0.5, -1), ("-1", "0.5")),
        ((True, False), ("False", "True")),
        (("no", "yes"), ("no", "yes")),
        (("b", 1), ("1", "b")),
        (("None", "some"), ("None", "some")),
    ],
)
def test_classes_are_named_as_in_the_file(values, classes):
    rows = "\n".join(f"{n},{values[n % 2]}" for n in range(40))
    made = task_from_csv(f"n,label\n{rows}".encode(), "l.csv")
    assert made.heads[0].classes == classes
    first = whole(made)
    numbers = torch.argsort(torch.argsort(first.inputs[:, 0]))
    expected = torch.tensor([classes.index(str(v).removesuffix(".0")) for v in values])
    assert torch.equal(first.targets[:, 0], expected[numbers % 2])


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_cells_may_be_parted_otherwise(mark):
    made = task_from_csv(iris().replace(b",", mark.encode()), "iris.csv")
    assert len(made.inputs) == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: b"\n" + data + b"\n\n",
        lambda data: data.replace(b",", b", "),
    ],
    ids=["mark", "crlf", "cr", "blank", "space"],
)
def test_habits_of_other_programs(change):
    made = task_from_csv(change(iris()), "iris.csv")
    assert torch.equal(made.split("train").inputs, task_from_csv(iris(), "").split("train").inputs)


def test_quoted_names_and_texts():
    rows = "\n".join(f'{n},"{"ab"[n % 2]},""x"""' for n in range(40))
    made = task_from_csv(f'"n, or so",kind\n{rows}'.encode(), "q.csv")
    assert made.inputs == ("n, or so",) and made.heads[0].classes == ('a,"x"', 'b,"x"')


def test_huge_and_constant_numbers():
    rows = "\n".join(f"{n}e300,7,{10**25 + n},{n % 2}" for n in range(1, 61))
    made = task_from_csv(f"big,same,long,odd\n{rows}".encode(), "big.csv")
    inputs = whole(made).inputs
    assert inputs.isfinite().all()
    assert float(inputs[:, 0].std()) == pytest.approx(1, abs=0.2)
    assert torch.equal(inputs[:, 1], torch.zeros(60))


def test_rare_classes_are_in_every_split():
    rows = "\n".join(f"{n},{'rare' if n < 5 else 'common'}" for n in range(200))
    made = task_from_csv(f"n,label\n{rows}".encode(), "rare.csv")
    assert [int((made.split(s).targets == 1).sum()) for s in SPLITS] == [1, 1, 1, 1, 1]


def test_of_too_many_rows_some_are_drawn(monkeypatch):
    monkeypatch.setattr(table, "MAX_ROWS", 400)
    made = task_from_csv(lines("n", "parity", count=1_000).encode(), "n.csv")
    assert "(400 of its 1,000 rows, drawn at random)" in made.summary
    assert len(set(whole(made).inputs[:, 0].tolist())) == 400


def test_a_text_that_is_drawn_in_no_row_keeps_its_input(monkeypatch):
    monkeypatch.setattr(table, "MAX_ROWS", 100)
    rows = "\n".join(f"{'odd' if n == 7 else 'even'},{n},{n % 2}" for n in range(5_000))
    made = task_from_csv(f"text,n,parity\n{rows}".encode(), "n.csv")
    assert made.inputs == ("text = even", "text = odd", "n")
    assert whole(made).inputs[:, :2].sum(dim=0).tolist() == [100, 0]


def test_a_million_rows():
    rng = np.random.default_rng(0)
    x = rng.integers(-99, 99, size=(1_000_000, 2))
    frame = pd.DataFrame(x, columns=["a", "b"]).assign(same=(x[:, 0] > 0) == (x[:, 1] > 0))
    made = task_from_csv(frame.to_csv(index=False).encode(), "million.csv")
    assert len(made.split("train")) in range(600_000, 600_010)
    assert sum(len(made.split(split)) for split in SPLITS) == 1_000_000


GOOD = lines("n", "m", "parity")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "found an empty file; expected one with content"),
        ("a,b\n", "found a header and no rows"),
        ("a,b\n1,2\n", "found 1 row; expected at least 30, to be dealt to 5 splits"),
        (lines("n", "parity", count=29), "found 29 rows; expected at least 30"),
        (GOOD.replace("\n7,7", "\n7,seven"), "found the text 'seven' in row 9 of the column 'm'"),
        (GOOD.replace("\n7,7", "\n7,"), "found a missing value in row 9 of the column 'm'"),
        (GOOD.replace("\n7,7", "\n7,nan"), "found a missing value in row 9 of the column 'm'"),
        (
            GOOD.replace("\n7,7", "\n,7").replace("\n3,3", "\n3,NA"),
            "found 2 missing values, the first in row 9 of the column 'n'",
        ),
        (GOOD.replace("\n7,7,1", "\n7,7"), "missing value in row 9 of the column 'parity'"),
        (GOOD.replace("\n7,7,1", "\n7,7,1,1"), "Expected 3 fields in line 9, saw 4"),
        (GOOD.replace("\n7,7", "\n7,-inf"), "found an infinite number in row 9 of the column 'm'"),
        (GOOD.replace("\n7,7", "\n7,1e999"), "found an infinite number in row 9"),
        (GOOD.replace("\n7,7", '\n7,"7'), "found no readable table .*EOF inside string"),
        (lines("n", "label", last="same"), "found one class, 'same', in all rows of .* 'label'"),
        (lines("n", "label", last="1"), "found one class, '1', in all rows of the column 'label'"),
        (
            lines("n", "label", count=200, last="{n}"),
            "found 200 different values in .* 100 classes",
        ),
        (lines("n", "label", count=200, last="x{n}"), "found 200 different values"),
        (GOOD.replace("\n7,7,1", "\n7,7,8"), "found 1 row of the class '8' in the column 'parity'"),
        (GOOD.split("\n", 1)[1], "found no header, for the first row holds '0'"),
        ("5.1,3.5,setosa\n" * 40, "found no header, for the first row holds '5.1'"),
        (GOOD.replace("n,m", "n,n", 1), "found 2 columns named 'n'"),
        (GOOD.replace("n,m", "n,", 1), "found no name of column 2; expected one in row 1"),
        ("a\n" + "1\n2\n" * 20, "found one column, 'a'; expected at least one of inputs"),
        (
            "\n".join(f"x{n},{n},{n % 2}" for n in range(-1, 99)),
            "found 99 different texts in the co",
        ),
        (",".join(f"c{n}" for n in range(1_001)) + "\n1", "found 1,001 columns; expected at most"),
        (
            "\n".join(["a,a = b,c"] + [f"b,{n},{n % 2}" for n in range(40)]),
            "found two inputs named",
        ),
        ("a,b,c\n" * 20_000_000, "found about 60,000,000 cells; expected at most 50,000,000"),
        ("x" * 1_000_000, "found no header"),
    ],
    ids=lambda value: value[:24] if value.startswith("found") else "",
)
def test_bad_tables_are_one_sentence(text, sentence):
    with pytest.raises(TaskError, match=sentence) as caught:
        task_from_csv(text.encode(), "bad.csv")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"PK\x03\x04\0\0" + bytes(range(256)), "found bytes that are no UTF-8 text"),
        (b"a,b\n1,\0\n", "found a binary file"),
        ("a,b\n1,2\n".encode("utf-16"), "found bytes that are no UTF-8 text, the first at byte 1"),
    ],
)
def test_garbage_is_one_sentence(data, sentence):
    with pytest.raises(TaskError, match=sentence):
        task_from_csv(data, "bad.csv")


def test_a_target_that_there_is_not():
    with pytest.raises(TaskError, match="found no column 'price'; expected one of n, m, parity"):
        task_from_csv(GOOD.encode(), "bad.csv", "price")


def test_a_file_that_is_too_large(monkeypatch, tmp_path):
    monkeypatch.setattr(table, "MAX_BYTES", 1_000_000)
    (tmp_path / "large.csv").write_bytes(b"a,b\n" + b"1,2\n" * 300_000)
    with pytest.raises(TaskError, match="found a file of more than 1 MB; expected a smaller one"):
        task_from_csv(tmp_path / "large.csv", "large.csv")


CELLS = st.text(st.sampled_from('ab01.-e,;"\n\t x\r'), max_size=120)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), CELLS.map(lambda s: ("a,b\n" + s).encode())))
def test_any_bytes_become_a_task_or_one_sentence(data):
    try:
        made = task_from_csv(data, "any")
    except TaskError as problem:
        assert "; expected" in str(problem) and "\n" not in str(problem)
    else:
        assert whole(made).inputs.isfinite().all()


NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=30, max_size=60))
def test_any_finite_numbers_become_a_task(rows):
    out = io.StringIO()
    pd.DataFrame([(a, b, "ab"[n % 2]) for n, (a, b) in enumerate(rows)], columns=["a", "b", "c"],
                 dtype=object).to_csv(out, index=False)  # fmt: skip
    made = task_from_csv(out.getvalue().encode(), "any")
    found = whole(made)
    assert len(found) == len(rows)
    assert found.inputs.isfinite().all()
    assert found.targets[:, 0].bincount().tolist() == [(len(rows) + 1) // 2, len(rows) // 2]
