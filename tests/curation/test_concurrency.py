"""Many write at once, and one is killed: every word that was said to be kept is there."""

import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from explorer.curation.pins import Pins
from explorer.curation.texts import Texts
from explorer.curation.versions import Place
from tests.curation.conftest import PLACE

WRITER = """
import sys
from explorer.curation.texts import Texts
from explorer.curation.versions import Place

url, who, count, base = sys.argv[1:]
texts = Texts(url)
parents = [base] if base else []
for number in range(int(count)):
    text = f"{who} wrote text {number}: " + "x" * 500
    saved = texts.add(Place("4d3c", "77aa", "A"), text, author=who, parents=parents)
    print(saved.version.id, *[other.id for other in saved.others], flush=True)
"""


def start(url: str, who: str, count: int, base: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, who, str(count), base],
        stdout=subprocess.PIPE,
        text=True,
    )


def told_of_all_before(told: list[list[str]]) -> bool:
    """Whether the savers come in an order in which each sees the ones before, and no other."""
    in_order = sorted(told, key=len)
    ids = [own for own, *_ in in_order]
    return all(set(others) == set(ids[:at]) for at, (_, *others) in enumerate(in_order))


def test_threads_that_edit_the_same_version(url):
    texts = Texts(url)
    base = texts.add(PLACE, "generated", source="Gemma 3 270M").version
    together = threading.Barrier(8)

    def save(number: int) -> list[str]:
        together.wait()
        saved = Texts(url).add(PLACE, f"text {number}", author=f"P{number}", parents=[base.id])
        return [saved.version.id, *[other.id for other in saved.others]]

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(save, range(8)))
    assert told_of_all_before(told)
    assert {v.text for v in texts.heads(PLACE)} == {f"text {number}" for number in range(8)}
    assert len(texts.versions(PLACE)) == 9


def test_threads_on_a_database_that_is_not_there_yet(url):
    together = threading.Barrier(6)

    def save(number: int) -> str:
        together.wait()
        place = Place("4d3c", "77aa", f"P{number}")
        return Texts(url).add(place, "first", author="Ann").version.id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(save, range(6)))) == 6
    assert len(Texts(url).parts()) == 6


def test_processes_on_a_database_that_is_not_there_yet(url):
    writers = [start(url, f"writer {number}", 15) for number in range(2)]
    told = [line.split() for writer in writers for line in writer.communicate()[0].splitlines()]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert len(told) == 30
    assert told_of_all_before(told)
    assert {v.id for v in Texts(url).heads(PLACE)} == {own for own, *_ in told}


def test_a_killed_process_loses_nothing_that_was_kept(url, tmp_path):
    writer = start(url, "writer", 1_000_000)
    kept = [writer.stdout.readline().split()[0] for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    kept += [line.split()[0] for line in writer.communicate()[0].splitlines() if len(line) > 32]
    texts = Texts(url)
    there = texts.versions(PLACE)
    # It may have been killed between keeping a text and telling so.
    assert [version.id for version in there][: len(kept)] == kept
    assert len(there) <= len(kept) + 1
    assert all(len(version.text) > 500 for version in there)
    assert len(texts.search("wrote text", limit=500)) == min(len(there), 500)
    assert not texts.add(Place("4d3c", "77aa", "B"), "it goes on", author="Ann").conflict
    if url.startswith("sqlite"):
        with sqlite3.connect(tmp_path / "texts.sqlite") as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        raw.close()


def test_pins_that_are_pinned_at_once_have_different_places(url):
    together = threading.Barrier(6)

    def pin(number: int) -> None:
        together.wait()
        Pins(url).add("4d3c", "A", "snippet", {"number": number})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(pin, range(6)))
    assert [pin.position for pin in Pins(url).list("4d3c", "A")] == list(range(6))


@pytest.mark.parametrize("count", [3])
def test_a_fork_opens_connections_of_its_own(postgres_url, count):
    """What Streamlit's or a test's process had opened must not be used by two."""
    code = (
        "import os, sys\n"
        "from explorer.curation.texts import Texts\n"
        "from explorer.curation.versions import Place\n"
        "texts = Texts(sys.argv[1])\n"
        "texts.add(Place('n', '', '0'), 'parent', author='Ann')\n"
        f"for child in range({count}):\n"
        "    if os.fork() == 0:\n"
        "        for number in range(5):\n"
        "            texts.add(Place('n', '', f'{child}.{number}'), 'child', author='Ann')\n"
        "        os._exit(0)\n"
        "for number in range(5):\n"
        "    texts.add(Place('n', '', f'p{number}'), 'parent', author='Ann')\n"
        f"codes = [os.wait()[1] for _ in range({count})]\n"
        f"assert codes == [0] * {count}, codes\n"
        f"assert len(texts.parts()) == 6 + 5 * {count}\n"
    )
    subprocess.run([sys.executable, "-c", code, postgres_url], check=True)
