"""Export and import: the round trip is identical, nothing is overwritten, bad lines are told."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.curation.answers import Answers
from explorer.curation.curated_exemplars import Exemplars
from explorer.curation.exchange import (
    MAX_LINE,
    Imported,
    export_file,
    export_lines,
    import_file,
    import_lines,
)
from explorer.curation.pins import Pins
from explorer.curation.texts import Texts
from explorer.curation.versions import Place
from explorer.errors import CurationError
from tests.curation.conftest import PLACE

HOSTILE = "<script>alert('x')</script> \" & \u2028 \x85 \r\n {\"entry\": 1} 漢 é -- '; DROP TABLE"


def fill(url: str) -> None:
    """One of everything."""
    texts = Texts(url)
    first = texts.add(PLACE, HOSTILE, source="Gemma 3 270M", scores={"scores": {"a": 1.0}}).version
    ann = texts.add(PLACE, "Ann's", author="Ann", parents=[first.id], name="left <b>").version
    ben = texts.add(PLACE, "Ben's", author="Ben", parents=[first.id]).version
    texts.accept(texts.merge(PLACE, "both", [ben.id, ann.id], author="Ben").version.id, "Ann")
    texts.add_scores(ann.id, {"scores": {"a": 0.1 + 0.2, "b": None}})
    texts.add(Place("9999", "", "12"), "a neuron of another network", author="Ann")
    exemplars = Exemplars(url)
    exemplars.withdraw(exemplars.add("pair", "facts\nof two lines", "old", author="Ann").id)
    exemplars.add("pair", "facts", HOSTILE, author="Ann")
    Answers(url).add(PLACE, ["a", HOSTILE], 0, 1, who="Ann")
    Pins(url).add("4d3c", "A", "snippet", {"tokens": ["a\0b", HOSTILE], "x": 1e-300}, "n", "Ann")


@pytest.fixture
def filled(url):
    fill(url)
    return url


@pytest.fixture
def empty(tmp_path):
    return f"sqlite:///{tmp_path / 'empty.sqlite'}"


def test_round_trip(filled, empty):
    lines = list(export_lines(filled))
    assert {json.loads(line).get("entry") for line in lines[1:]} == {
        "version", "scores", "exemplar", "answer", "pin",
    }  # fmt: skip
    count = len(lines) - 1
    assert import_lines(lines, empty) == Imported(count, 0)
    assert list(export_lines(empty)) == lines
    assert Texts(empty).parts() == Texts(filled).parts()
    assert Texts(empty).versions(PLACE) == Texts(filled).versions(PLACE)
    assert Pins(empty).list("4d3c") == Pins(filled).list("4d3c")
    assert Answers(empty).list() == Answers(filled).list()
    assert Texts(empty).search("drop table", history=True)
    for url in (filled, empty):  # once more, also into where it came from
        assert import_lines(lines, url) == Imported(0, count)
        assert list(export_lines(url)) == lines


def test_from_sqlite_into_postgres(empty, postgres_url):
    fill(empty)
    lines = list(export_lines(empty))
    import_lines(lines, postgres_url)
    assert list(export_lines(postgres_url)) == lines


def test_two_databases_become_one(filled, empty):
    own = Texts(empty).add(PLACE, "Cleo's", author="Cleo").version
    renamed = Pins(empty).add("4d3c", "A", "picture", {})
    import_lines(export_lines(filled), empty)
    (part,) = Texts(empty).parts("4d3c")
    assert {version.text for version in part.branches} == {"Cleo's", "both"}
    assert Texts(empty).get(own.id) == own
    assert renamed in Pins(empty).list("4d3c")


def test_a_pin_that_was_renamed_here_keeps_its_name(filled):
    lines = list(export_lines(filled))
    pin = Pins(filled).list("4d3c")[0]
    Pins(filled).rename(pin.id, "mine")
    import_lines(lines, filled)
    assert Pins(filled).list("4d3c")[0].name == "mine"


def test_of_one_network(filled, empty):
    lines = list(export_lines(filled, network_id="4d3c"))
    assert not any("another network" in line or '"exemplar"' in line for line in lines)
    import_lines(lines, empty)
    assert Texts(empty).parts() == Texts(filled).parts("4d3c")
    assert len(list(export_lines(filled, network_id="none"))) == 1


CHARACTERS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
STRINGS = CHARACTERS.map(str.strip).filter(bool)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
DATA = st.dictionaries(st.text(), PLAIN, max_size=3)
OPERATIONS = st.lists(
    st.tuples(st.just("add"), STRINGS, st.integers(0, 9), DATA)
    | st.tuples(st.just("accept"), STRINGS, st.integers(0, 9), st.none())
    | st.tuples(st.just("pin"), STRINGS, st.integers(0, 9), DATA)
    | st.tuples(st.just("answer"), STRINGS, st.integers(0, 1), st.none())
    | st.tuples(st.just("exemplar"), STRINGS, st.none(), st.none()),
    max_size=8,
)


@given(operations=OPERATIONS)
@settings(max_examples=10, deadline=None)
def test_any_round_trip_is_identical(operations, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exchange")
    here, there = (f"sqlite:///{folder / name}.sqlite" for name in ("here", "there"))
    texts = Texts(here)
    ids: list[str] = []
    for operation, text, number, data in operations:
        if operation == "add":
            parents = ids[:number][-2:]
            version = texts.add(PLACE, text, author=text[:200], parents=parents, scores=data)
            ids.append(version.version.id)
        elif operation == "accept" and ids:
            ids.append(texts.accept(ids[number % len(ids)], text[:200]).version.id)
        elif operation == "pin":
            Pins(here).add("n", text[:64].strip(), "kind", data, text[:200].strip())
        elif operation == "answer":
            Answers(here).add(PLACE, [text, "other"], 0, number, who=text[:200])
        elif operation == "exemplar":
            Exemplars(here).add("pair", text, text, author=text[:200])
    lines = list(export_lines(here))
    export_file(folder / "texts.jsonl", here)
    assert import_file(folder / "texts.jsonl", there) == Imported(len(lines) - 1, 0)
    assert list(export_lines(there)) == lines
    assert texts.parts() == Texts(there).parts()


def entry(**changed):
    """An entry as it stands in a file, without its id."""
    fields = {
        "entry": "version",
        "network_id": "n",
        "partition": "",
        "part": "1",
        "task": "",
        "text": "text",
        "name": "",
        "status": "draft",
        "author": "Ann",
        "writer": "Ann",
        "source": "",
        "time": "2026-11-24T19:30:00+01:00",
        "key": "",
        "facts_text": "",
        "parents": [],
    } | changed
    return json.dumps({key: value for key, value in fields.items() if value is not ...})


def answer(**changed):
    fields = {
        "entry": "answer", "network_id": "n", "partition": "", "part": "1", "options": ["a", "b"],
        "correct": 0, "chosen": 1, "who": "x", "kind": "person", "time": "2026-11-24T19:30:00Z",
    }  # fmt: skip
    return json.dumps(fields | changed)


HEADER = '{"format":"modular-network-explorer texts","version":1}'
PIN = (
    '{"entry":"pin","id":"x","network_id":"n","part":"","kind":"k","payload":{},"name":"",'
    '"author":"","time":"2026-11-24T19:30:00Z","position":0}'
)


def test_a_line_by_hand_needs_no_id(empty):
    assert import_lines([HEADER, entry(), "", answer(), entry()], empty) == Imported(2, 1)
    (version,) = Texts(empty).versions(Place("n", "", "1"))
    assert version.time == datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    assert version.source == "import"
    assert len(version.id) == 32


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "found no JSON"),
        ("[" * 100_000, "found no JSON"),
        ("1" * 10_000, "found no JSON"),
        ("[1]", "found list; expected an entry"),
        ("null", "found NoneType; expected an entry"),
        ("<html><body>502</body></html>", "found no JSON"),
        ("x" * (MAX_LINE + 1), "found 2,000,001 characters"),
        ("{}", "found entry None"),
        ('{"entry": ["version"]}', "found entry"),
        (entry(entry="other"), "found entry 'other'"),
        (entry(text=...), "without"),
        (entry(more=1), "more and without"),
        (entry(text=""), "found no text"),
        (entry(text=" x"), "white space around the text"),
        (entry(text="x" * 10_001), "found 10,001 characters"),
        (entry(text="\0"), "cannot be kept"),
        (entry(text="\ud800"), "cannot be kept"),
        (entry(text=None), "found NoneType as text"),
        (entry(time="yesterday"), "found 'yesterday' as time"),
        (entry(time="2026-11-24T19:30:00"), "expected a moment"),
        (entry(time=float("nan")), "found no JSON"),
        (entry(time="0001-01-01T00:00:00+23:00"), "expected a moment"),
        (entry(status="maybe"), "found status 'maybe'"),
        (entry(status={}), "found status"),
        (entry(parents="x"), "expected a list of ids"),
        (entry(parents=[1]), "expected a list of ids"),
        (entry(parents=["x", "x"]), "one of the parents twice"),
        (entry(parents=["x"]), "found no version 'x'"),
        (entry(id="0" * 32), "the entry was changed"),
        (entry(id=7), "the entry was changed"),
        (answer(options=["a"]), "found no options"),
        (answer(chosen=2), "beyond the options"),
        (answer(chosen=True), "found True as chosen"),
        (answer(correct=-1), "found -1 as correct"),
        (PIN, "found id 'x'"),
        (PIN.replace("{}", "[]"), "found list as payload"),
        (
            '{"entry":"scores","version_id":"x","scores":{},"time":"2026-11-24T19:30:00Z"}',
            "found no version 'x'",
        ),
    ],
    ids=lambda value: value[:30],
)
def test_bad_lines_are_told_and_nothing_is_read_in(empty, line, said):
    with pytest.raises(CurationError) as caught:
        import_lines([HEADER, entry(), line, entry(text="later")], empty)
    message = str(caught.value)
    assert message.startswith("line 3: ")
    assert said in message
    assert len(message) < 500
    assert Texts(empty).parts() == ()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "found an empty file"),
        ([entry()], "line 1: found another kind of file"),
        (['{"format":"modular-network-explorer texts","version":2}'], "line 1: found a file of v"),
        (['{"format":"modular-network-explorer texts"}'], "line 1: found a file of version None"),
        (["PK\x03\x04"], "line 1: found no JSON"),
    ],
)
def test_files_of_another_kind(empty, lines, said):
    with pytest.raises(CurationError, match=said):
        import_lines(lines, empty)


def test_changed_by_hand(filled, empty):
    lines = list(export_lines(filled))
    at = next(number for number, line in enumerate(lines) if "Ann's" in line)
    lines[at] = lines[at].replace("Ann's", "Bob's")
    with pytest.raises(CurationError, match=f"line {at + 1}: found id .* the entry was changed"):
        import_lines(lines, empty)


def test_of_another_part(empty):
    import_lines([HEADER, entry()], empty)
    (version,) = Texts(empty).versions(Place("n", "", "1"))
    with pytest.raises(CurationError, match=r"line 2: .* of another part"):
        import_lines([HEADER, entry(part="2", parents=[version.id])], empty)


def test_files(filled, empty, tmp_path):
    path = tmp_path / "new" / "texts.jsonl"
    count = export_file(path, filled)
    assert import_file(path, empty) == Imported(count, 0)
    for wrong, said in (
        (tmp_path / "none", "cannot be read"),
        (tmp_path, "cannot be read"),
        (tmp_path / "empty.sqlite", "UTF-8|JSON|characters"),
    ):
        with pytest.raises(CurationError, match=said):
            import_file(wrong, empty)
    (tmp_path / "latin").write_bytes(HEADER.encode() + b"\n\xff\xfe")
    with pytest.raises(CurationError, match="no text in UTF-8"):
        import_file(tmp_path / "latin", empty)
    with pytest.raises(CurationError, match="cannot be written"):
        export_file(path / "below" / "a.jsonl", filled)
