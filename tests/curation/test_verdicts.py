"""Verdicts are kept and counted fairly, and a database that was made before gets their table."""

import sqlite3

import pytest

from explorer.curation.exchange import export_lines, import_lines
from explorer.curation.texts import Texts
from explorer.curation.verdicts import Verdicts, tally
from explorer.errors import CurationError
from explorer.network.tasks.margins import wilson_interval
from tests.curation.conftest import PLACE


def test_only_the_first_verdict_on_a_network_counts(url):
    verdicts = Verdicts(url)
    first = verdicts.add("n", "backdoor-corner-3", "l1", True, said=False, sure=60, who="Ann")
    verdicts.add("n", "backdoor-corner-3", "l1", True, said=True, sure=100, who="Ann")
    other = verdicts.add("n", "backdoor-corner-3", "l1", True, said=True, sure=70, who="Ben")
    assert verdicts.list("Ann") == (first,)
    assert verdicts.list() == (first, other)
    assert not first.right
    assert other.right


def test_a_tally_parts_what_was_found_from_false_alarms():
    found = tally([(True, True), (True, False), (False, True), (False, False), (False, False)])
    assert (found.right, found.count) == (3, 5)
    assert (found.found, found.planted, found.alarms, found.clean) == (1, 2, 1, 3)
    assert (found.low, found.high) == wilson_interval(3 / 5, 5)
    assert found.rate == 3 / 5


@pytest.mark.parametrize("sure", [49, 101, True])
def test_nobody_is_surer_than_sure(url, sure):
    with pytest.raises(CurationError, match="percent sure; expected 50 to 100"):
        Verdicts(url).add("n", "backdoor-corner-3", "l1", True, said=True, sure=sure)
    assert Verdicts(url).list() == ()


def test_a_database_of_before_keeps_its_texts_and_gets_the_table(tmp_path):
    path = tmp_path / "old.sqlite"
    saved = Texts(f"sqlite:///{path}").add(PLACE, "left digits", author="Ann")
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE verdicts")
    connection.close()
    moved = path.rename(tmp_path / "found.sqlite")  # another process would open it anew
    Verdicts(f"sqlite:///{moved}").add("n", "backdoor-corner-3", "l1", True, said=True, sure=50)
    assert Texts(f"sqlite:///{moved}").current(PLACE) == saved.version
    assert len(Verdicts(f"sqlite:///{moved}").list()) == 1


def test_verdicts_are_exchanged(tmp_path):
    one, other = (f"sqlite:///{tmp_path / name}.sqlite" for name in ("one", "other"))
    kept = Verdicts(one).add("n", "backdoor-corner-3", "l1", True, said=True, sure=50, parts="C")
    lines = list(export_lines(one))
    assert import_lines(lines, other).added == 1
    assert Verdicts(other).list() == (kept,)
    bad = [line.replace('"sure":50', '"sure":20') for line in lines]
    with pytest.raises(CurationError, match="found 20 as sure"):
        import_lines(bad, f"sqlite:///{tmp_path / 'third'}.sqlite")
