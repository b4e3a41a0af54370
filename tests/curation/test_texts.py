"""Versions of texts: none is lost, branches are told, and every one says where it came from."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from explorer import find_modules, load, network_graph
from explorer.curation.texts import Texts
from explorer.curation.versions import PartTexts, Place, Version, current
from explorer.description.description import Description
from explorer.errors import CurationError
from explorer.scoring.scores import Null, Score, Scores
from tests.curation.conftest import PLACE

NAN = float("nan")
SCORES = Scores(
    (
        Score("detection", 0.8, 0.7, 0.9, 0.5, None, (Null("another module", 0.51, 9),)),
        Score("contrastive", NAN, NAN, NAN, 0.1, 1.0, (), "one module only"),
    ),
    "d1",
    "f1",
    "score",
)


def described(text: str, key: str = "k1", describer: str = "Gemma 3 270M") -> Description:
    return Description(text, text, (), describer, key, "", "A", "f1", "4d3c", "77aa")


def test_a_version_says_where_it_came_from(texts):
    before = datetime.now(UTC)
    saved = texts.add(
        PLACE,
        "  left digits <b>&amp; 'quotes' \"\n second line  ",
        author="Ann Ä 漢",
        source="person",
        name="left",
        task="pair",
        facts_text="facts",
        scores=SCORES,
    )
    version = texts.get(saved.version.id)
    assert version == saved.version
    assert not saved.conflict
    assert version.text == "left digits <b>&amp; 'quotes' \"\n second line"
    assert (version.author, version.source, version.name) == ("Ann Ä 漢", "person", "left")
    assert (version.task, version.facts_text, version.status) == ("pair", "facts", "draft")
    assert before <= version.time <= datetime.now(UTC)
    assert version.time.tzinfo is UTC
    assert version.scores["scores"]["detection"]["nulls"][0]["mean"] == 0.51
    assert version.scores["scores"]["contrastive"]["value"] is None


def test_editing_goes_on_from_what_was_seen(texts):
    first = texts.add(PLACE, "one", source="measured", task="pair", facts_text="f", name="n")
    second = texts.add(PLACE, "two", author="Ann", parents=[first.version.id])
    third = texts.add(PLACE, "three", author="Ben", parents=[second.version.id], name="")
    assert not second.conflict
    assert not third.conflict
    assert (second.version.task, second.version.facts_text) == ("pair", "f")
    assert (second.version.name, third.version.name) == ("n", "")
    assert [v.text for v in texts.versions(PLACE)] == ["one", "two", "three"]
    assert [v.text for v in texts.heads(PLACE)] == ["three"]
    assert third.version.parents == (second.version.id,)
    assert first.version.time < second.version.time < third.version.time


def test_two_who_edit_the_same_version_lose_no_word(texts):
    first = texts.add(PLACE, "generated", source="Gemma 3 270M")
    ann = texts.add(PLACE, "Ann's", author="Ann", parents=[first.version.id])
    ben = texts.add(PLACE, "Ben's", author="Ben", parents=[first.version.id])
    assert ann.others == ()
    assert ben.others == (ann.version,)
    (part,) = texts.parts()
    assert part.branches == (ben.version, ann.version)
    merged = texts.merge(PLACE, "both", [v.id for v in part.branches], author="Cleo")
    assert merged.version.parents == (ben.version.id, ann.version.id)
    assert not merged.conflict
    assert len(texts.parts()[0].branches) == 1
    assert len(texts.versions(PLACE)) == 4


def test_two_who_write_the_first_text_are_told(texts):
    ann = texts.add(PLACE, "Ann's", author="Ann")
    ben = texts.add(PLACE, "Ben's", author="Ben")
    assert ben.others == (ann.version,)


def test_generated_texts_stand_beside_each_other_without_conflict(texts):
    texts.add(PLACE, "measured", source="measured")
    texts.add(PLACE, "generated", source="Gemma 3 270M")
    assert not texts.add(PLACE, "Ann's", author="Ann").conflict
    (beside,) = texts.add(PLACE, "generated later", source="SmolLM2").others
    assert beside.author == "Ann"


def test_judging_what_somebody_edited_meanwhile_is_told(texts):
    first = texts.add(PLACE, "generated", source="Gemma 3 270M")
    edit = texts.add(PLACE, "Ben's", author="Ben", parents=[first.version.id])
    verdict = texts.accept(first.version.id, "Ann")
    assert verdict.others == (edit.version,)
    assert texts.current(PLACE) == verdict.version


def test_verdicts_keep_text_scores_and_source(texts):
    first = texts.add(PLACE, "generated", source="Gemma 3 270M", key="k", scores=SCORES)
    accepted = texts.accept(first.version.id, "Ann").version
    assert (accepted.status, accepted.source, accepted.author, accepted.key) == (
        "accepted", "Gemma 3 270M", "Ann", "k",
    )  # fmt: skip
    assert accepted.scores == first.version.scores
    assert accepted.writer == ""
    assert texts.accept(accepted.id, "Ben").version == accepted  # nothing new to say
    rejected = texts.reject(accepted.id, "Ben").version
    assert texts.current(PLACE) is None
    assert texts.heads(PLACE) == (rejected,)
    named = texts.rename(rejected.id, "left", "Cleo").version
    assert (named.name, named.status, named.text) == ("left", "rejected", "generated")
    assert len(texts.versions(PLACE)) == 4


MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def version(name: str, source: str, author: str = "", status: str = "draft", hour: int = 0):
    time = MOMENT.replace(hour=hour)
    return Version(name, PLACE, "", "", status, author, source, time, "", "", "", (), None)


def test_who_wrote_is_not_who_judged(texts):
    ann = texts.add(PLACE, "Ann's", author="Ann").version
    judged = texts.accept(ann.id, "Ben").version
    named = texts.rename(judged.id, "left", "Cleo").version
    edited = texts.add(PLACE, "Dan's", author="Dan", parents=[named.id]).version
    told = [(version.author, version.writer) for version in (ann, judged, named, edited)]
    assert told == [("Ann", "Ann"), ("Ben", "Ann"), ("Cleo", "Ann"), ("Dan", "Dan")]
    assert texts.versions(PLACE) == (ann, judged, named, edited)


def test_which_text_is_shown():
    measured = version("a", "measured", hour=9)
    model = version("b", "Gemma", hour=1)
    person = version("c", "person", "Ann", hour=0)
    accepted = version("d", "Gemma", "Ann", "accepted", hour=0)
    rejected = version("e", "person", "Ann", "rejected", hour=10)
    assert current([]) is None
    assert current([rejected]) is None
    assert current([rejected, measured]) == measured
    assert current([measured, model, rejected]) == model
    assert current([measured, person, model]) == person
    assert current([person, accepted, measured]) == accepted
    later = version("f", "Gemma", "Ann", "accepted", hour=2)
    assert current([accepted, later]) == later


def test_what_a_describer_wrote_is_kept_once(texts):
    first = texts.keep(described("left digits"), task="pair")
    assert first.version.source == "Gemma 3 270M"
    assert texts.keep(described("left digits")).version == first.version
    scored = texts.keep(described("left digits"), scores=SCORES)
    assert scored.version.id == first.version.id
    assert texts.get(first.version.id).scores == scored.version.scores
    texts.keep(described("right digits", key="k2"))
    texts.keep(described("left digits", key="m", describer="measured"))
    assert len(texts.versions(PLACE)) == 3
    texts.accept(first.version.id, "Ann")
    assert texts.keep(described("left digits")).version.id == first.version.id
    assert texts.current(PLACE).status == "accepted"


def test_later_scores_count_and_earlier_ones_stay(texts):
    first = texts.add(PLACE, "left", author="Ann", scores={"scores": {"a": 1}}).version
    again = texts.add_scores(first.id, {"scores": {"a": 2}})
    assert again.scores == {"scores": {"a": 2}}
    assert texts.get(first.id) == again
    with pytest.raises(CurationError, match="no version"):
        texts.add_scores("x", SCORES)


def test_parts_of_networks(texts):
    other = Place("9999", "88bb", "A")
    for place in (PLACE, replace(PLACE, part="A-B"), replace(PLACE, part="B"), other):
        texts.add(place, f"of {place.part}", author="Ann")
    neuron = Place.of_neuron("4d3c", 12)
    texts.add(neuron, "a neuron", author="Ann")
    parts = texts.parts("4d3c", "77aa")
    assert [part.place.part for part in parts] == ["A", "B", "A-B"]
    assert all(isinstance(part, PartTexts) and part.current for part in parts)
    assert len(texts.parts("4d3c")) == 4
    assert len(texts.parts()) == 5
    assert texts.parts("none") == ()
    assert texts.current(neuron).text == "a neuron"


def test_the_place_of_a_module():
    checkpoint = load("xor4-modular")
    partition = find_modules(network_graph(checkpoint))
    module, interface = partition.module("A"), partition.interfaces[0]
    assert Place.of(module) == Place(checkpoint.id, partition.id, "A")
    assert Place.of(interface) == Place(checkpoint.id, partition.id, interface.name)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"text": " \n"}, "found no text"),
        ({"text": "x" * 10_001}, "found 10,001 characters as text"),
        ({"text": 3}, "found int as text"),
        ({"text": "a\0b"}, "cannot be kept"),
        ({"text": "a\ud800b"}, "cannot be kept"),
        ({"author": "a\0b"}, "cannot be kept"),
        ({"author": "x" * 201}, "found 201 characters as author"),
        ({"name": "x" * 201}, "found 201 characters as name"),
        ({"status": "maybe"}, "found status 'maybe'"),
        ({"source": ""}, "found no source"),
        ({"scores": {"a": object()}}, "cannot be written as JSON"),
        ({"scores": {"a": "x" * 600_000}}, "characters of JSON as scores"),
        ({"parents": ["x"]}, "found no version 'x'"),
        ({"place": Place("", "", "A")}, "found no network"),
        ({"place": Place("n", "", "")}, "found no part"),
        ({"place": Place("n" * 65, "", "A")}, "found 65 characters as network"),
    ],
)
def test_what_cannot_be_kept(texts, arguments, said):
    given = {"place": PLACE, "text": "left", "author": "Ann"} | arguments
    with pytest.raises(CurationError, match=said):
        texts.add(given.pop("place"), given.pop("text"), **given)
    assert texts.parts() == ()


def test_a_parent_of_another_part(texts):
    other = texts.add(Place("4d3c", "77aa", "B"), "B's", author="Ann").version
    with pytest.raises(CurationError, match="of part B as what a text of part A"):
        texts.add(PLACE, "A's", author="Ann", parents=[other.id])
    with pytest.raises(CurationError, match="expected two or more"):
        texts.merge(PLACE, "x", [other.id, other.id], author="Ann")
    with pytest.raises(CurationError, match="found no author"):
        texts.accept(other.id, " ")


def test_it_outlives_the_program(url):
    saved = Texts(url).add(PLACE, "left", author="Ann").version
    Texts(url)._database.close()
    assert Texts(url).versions(PLACE) == (saved,)
