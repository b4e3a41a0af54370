"""Pins keep their order, answers are counted fairly, exemplars are chosen from what people made."""

import pytest

from explorer.curation.answers import Answers
from explorer.curation.curated_exemplars import Exemplars
from explorer.curation.pins import Pins
from explorer.curation.versions import Place
from explorer.errors import CurationError
from explorer.network.tasks.margins import wilson_interval
from tests.curation.conftest import PLACE

OPTIONS = ["left digits", "right digits", "borders", "nothing"]


@pytest.fixture
def pins(url):
    return Pins(url)


@pytest.fixture
def answers(url):
    return Answers(url)


def test_pins_in_their_order(pins):
    first, second, third = (
        pins.add("n", "A", "snippet", {"at": number}, f"pin {number}", "Ann") for number in range(3)
    )
    pins.add("n", "B", "picture", {})
    pins.add("m", "A", "snippet", {})
    assert pins.list("n", "A") == (first, second, third)
    assert [pin.part for pin in pins.list("n")] == ["A", "A", "A", "B"]
    assert [pin.kind for pin in pins.list("n", kind="picture")] == ["picture"]
    ordered = pins.reorder("n", "A", [third.id, "gone", first.id])
    assert [pin.id for pin in ordered] == [third.id, first.id, second.id]
    assert pins.list("n", "A") == ordered
    assert [pin.position for pin in ordered] == [0, 1, 2]
    assert pins.rename(first.id, " new <b> ").name == "new <b>"
    pins.remove(third.id)
    pins.remove(third.id)
    assert [pin.id for pin in pins.list("n", "A")] == [first.id, second.id]
    assert pins.add("n", "A", "snippet", {}).position == 3


def test_payloads_come_back_as_they_were(pins):
    payload = {
        "tokens": ["\u00e4", "漢", "\0", "'"],
        "figures": [0.1, -1e300, 3, True, None],
        "": {},
    }
    pins.add("n", "A", "snippet", payload)
    assert pins.list("n")[0].payload == payload
    assert pins.add("n", "A", "snippet", {"x": float("nan")}).payload == {"x": None}


def test_pins_that_cannot_be(pins):
    with pytest.raises(CurationError, match="cannot be written as JSON"):
        pins.add("n", "A", "snippet", {"x": b"bytes"})
    with pytest.raises(CurationError, match="found no kind of pin"):
        pins.add("n", "A", "", {})
    with pytest.raises(CurationError, match="found no pin 'x'"):
        pins.rename("x", "name")
    assert pins.list("n") == ()


def test_hit_rates(answers):
    def place(number: int) -> Place:
        return Place("n", "p", f"P{number}")

    for number in range(10):  # Ann is right on 7 of 10 parts
        answers.add(place(number), OPTIONS, 2, 2 if number < 7 else 0, who="Ann")
    for number in range(10):  # who knows the answer by now does not count again
        answers.add(place(number), OPTIONS, 2, 2, who="Ann")
    answers.add(place(0), OPTIONS[:2], 1, 0, who="Ben")
    answers.add(Place("m", "p", "A"), OPTIONS, 1, 1, kind="Gemma 3 270M", who="Gemma 3 270M")
    people, model = answers.hit_rates()
    assert (people.kind, people.readers, people.right, people.count) == ("person", 2, 7, 11)
    assert people.rate == 7 / 11
    assert (people.low, people.high) == wilson_interval(7 / 11, 11)
    assert people.chance == pytest.approx((10 / 4 + 1 / 2) / 11)
    assert (model.kind, model.rate, model.chance) == ("Gemma 3 270M", 1.0, 0.25)
    assert answers.hit_rates("n") == (people,)
    assert answers.hit_rates("none") == ()
    assert len(answers.list()) == 22
    assert answers.list(kind="Gemma 3 270M")[0].hit
    assert answers.list("n")[0].options == tuple(OPTIONS)


def test_readers_without_a_name_are_different_readers(answers):
    for _ in range(3):
        answers.add(PLACE, OPTIONS, 0, 0)
    (people,) = answers.hit_rates()
    assert (people.readers, people.count) == (3, 3)


@pytest.mark.parametrize(
    ("options", "right", "chosen", "said"),
    [
        (["one"], 0, 0, "found 1 options"),
        (["x"] * 21, 0, 0, "found 21 options"),
        (OPTIONS, 4, 0, "found option 4; expected 0 to 3"),
        (OPTIONS, 0, -1, "found option -1"),
        (OPTIONS, 0, True, "found option True"),
        (["a", "b\0"], 0, 0, "cannot be kept"),
        (["a", 3], 0, 0, "found int as option"),
    ],
)
def test_answers_that_are_none(answers, options, right, chosen, said):
    with pytest.raises(CurationError, match=said):
        answers.add(PLACE, options, right, chosen)
    assert answers.list() == ()


def test_exemplars(texts, url):
    written = Exemplars(url)
    own = written.add("pair", "facts 1", "A person's  own.", author="Ann")
    generated = texts.add(PLACE, "Generated.", source="Gemma", task="pair", facts_text="facts 2")
    draft = texts.exemplars("pair")
    assert [(e.facts_text, e.text) for e in draft] == [("facts 1", "A person's own.")]
    accepted = texts.accept(generated.version.id, "Ann").version
    texts.accept(texts.add(Place("m", "", "1"), "Without facts.", author="A").version.id, "Ann")
    assert [e.text for e in texts.exemplars("pair")] == ["A person's own.", "Generated."]
    assert [e.facts_text for e in texts.exemplars("pair")] == ["facts 1", "facts 2"]
    assert [e.text for e in texts.exemplars("pair", leave_out="4d3c")] == ["A person's own."]
    assert len(texts.exemplars("pair", limit=1)) == 1
    assert texts.exemplars("digits") == ()
    texts.reject(accepted.id, "Ben")
    assert len(texts.exemplars("pair")) == 1
    assert written.list("pair") == written.list() == (own,)
    written.withdraw(own.id)
    assert texts.exemplars("pair") == ()
    with pytest.raises(CurationError, match="found no exemplar 'x'"):
        written.withdraw("x")
    with pytest.raises(CurationError, match="found no author"):
        written.add("pair", "facts", "text", author="")
