"""Search: both databases find the same, and no query does harm."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.curation.search_words import postgres_query, sqlite_query, words
from explorer.curation.texts import Texts
from explorer.curation.versions import Place

TEXTS = (
    "Tells the left digit, 3 and 8 above all",
    "Reads the right-hand image; needed for 7",
    "Ähnlich: naïve CAFÉ, Straße",
    "識別する数字 3",
    "'); DROP TABLE versions; --",
    "left left left",
)
QUERIES = {
    "left": [0, 5],
    "LEFT dig": [0],
    "digit left": [0],
    "3": [0, 3],
    "hand": [1],
    "right-hand": [1],
    "right_hand": [1],
    "ahnlich": [2],
    "cafe": [2],
    "café": [2],
    "strasse": [2],
    "識別": [3],
    "drop": [4],
    "eft": [],
    "left & !digit": [0],
    "left OR nothing": [],
    "left*": [0, 5],
    '"left': [0, 5],
    "'left' | 'x": [],
    "left:* )": [0, 5],
    "text:left": [],
    "NEAR(left digit)": [],
    "": [],
    " \n ": [],
    "%": [],
    "'": [],
    "\\": [],
    "\0": [],
    "left\0": [0, 5],
    "\ud800": [],
}


@pytest.fixture
def filled(texts):
    for number, text in enumerate(TEXTS):
        texts.add(Place("4d3c", "77aa", f"P{number}"), text, author="Ann")
    return texts


def found(texts: Texts, query: str, **options) -> list[str]:
    return sorted(version.place.part for version in texts.search(query, **options))


def test_queries(filled):
    for query, expected in QUERIES.items():
        assert found(filled, query) == [f"P{number}" for number in expected], repr(query)


def test_names_networks_history_and_order(texts):
    place = Place("4d3c", "77aa", "A")
    old = texts.add(place, "left digits", author="Ann").version
    new = texts.add(place, "right digits", author="Ann", parents=[old.id]).version
    other = texts.add(Place("9999", "", "4"), "x", author="Ann", name="The digits").version
    assert texts.search("digits") == (other, new)
    assert texts.search("digits", network_id="4d3c") == (new,)
    assert texts.search("digits", history=True) == (other, new, old)
    assert texts.search("left") == ()
    assert texts.search("left", history=True) == (old,)
    assert texts.search("digits", history=True, limit=1) == (other,)
    assert texts.search("digits", limit=0) == texts.search("digits", limit=-1) == ()


def test_long_words_and_long_queries(texts):
    texts.add(Place("n", "", "1"), "x" * 9000 + " end", author="Ann")
    assert found(texts, "x" * 9000) == ["1"]
    assert found(texts, "end " * 10_000) == ["1"]


LETTERS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", max_codepoint=0x2FFFF), max_size=40
)


@pytest.fixture(scope="module")
def reused(tmp_path_factory):
    texts = Texts(f"sqlite:///{tmp_path_factory.mktemp('search') / 'texts.sqlite'}")
    for number, text in enumerate(TEXTS):
        texts.add(Place("4d3c", "77aa", f"P{number}"), text, author="Ann")
    return texts


def contract(text: str, query: str) -> bool:
    """For every word of the query, a word of the text begins with it."""
    own, wanted = words(text), words(query)
    return bool(wanted) and all(any(w.startswith(q) for w in own) for q in wanted[:16])


@given(query=LETTERS)
@settings(max_examples=40, deadline=None)
def test_any_query_finds_by_the_contract(reused, query):
    expected = [f"P{number}" for number, text in enumerate(TEXTS) if contract(text, query)]
    assert found(reused, query) == expected


@given(text=LETTERS.filter(lambda text: text.strip()), query=LETTERS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_is_found_by_its_words(texts, text, query):
    version = texts.add(Place("n", "", "1"), text, author="Ann").version
    for wanted in (query, " ".join(words(text)), text):
        hit = version.id in {v.id for v in texts.search(wanted)}
        assert hit == contract(text, wanted)


def test_queries_hold_nothing_but_quoted_words():
    hostile = "a'b\"c* OR d:e & (f | !g) <-> \\ -- ; NOT"
    assert sqlite_query(hostile).replace('"', "").replace("*", "").split() == words(hostile)
    assert postgres_query(hostile).replace("'", "").replace(":* &", "")[:-2].split() == words(
        hostile
    )
