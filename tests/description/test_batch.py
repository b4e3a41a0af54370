"""The batch with a fake model: what is kept, what falls back, where it goes on."""

import json

import pytest

from explorer import find_modules, load, network_graph
from explorer.description.batch import describe_all, describe_facts, estimate, parts_of
from explorer.description.clients.prefixes import cache_keyword
from explorer.description.describer import describe
from explorer.description.measured import measured_description
from explorer.errors import DescriberError
from tests.description.fake_client import FakeClient
from tests.description.made_facts import make_facts


@pytest.fixture(autouse=True)
def somewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


def made_of(count):
    return [make_facts(part=name, neurons=n) for n, name in enumerate("ABCDEFGH"[:count], start=1)]


def test_false_claims_are_struck_and_it_is_kept(tmp_path):
    client = FakeClient("Active on 3, 4 and curls")
    found = describe(make_facts(), client)
    assert found.text == "Active on 3."
    assert found.written == "Active on 3, 4 and curls"
    assert [claim.holds for claim in found.claims] == [True, False, False]
    assert describe(make_facts(), client) == found
    assert len(client.asked) == 1
    (file,) = [path for path in tmp_path.rglob("*.json") if path.is_file()]
    for damage in ("", "{}", file.read_text().replace("Active on 3.", "Active on 4.")):
        file.write_text(damage)
        again = FakeClient("Active on 8")
        assert describe(make_facts(), again).text == "Active on 8"


def test_a_disk_that_cannot_be_written_loses_nothing(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("explorer.description.kept.write_atomically", full)
    assert describe(make_facts(), FakeClient("Active on 3.")).text == "Active on 3."


def test_a_failure_is_not_kept():
    client = FakeClient(DescriberError("it is down; expected it up"), "Active on 3.")
    first = describe(make_facts(), client)
    assert first.text == measured_description(make_facts()).text
    assert first.fell_back == "it is down; expected it up"
    assert describe(make_facts(), client).text == "Active on 3."


@pytest.mark.parametrize("at_once", [1, 4])
def test_stopped_and_gone_on_with(at_once):
    facts = made_of(6)
    client = FakeClient(*["Active on 3."] * 6, at_once=at_once)
    done = []
    for progress in describe_facts(facts, client, stop=lambda: len(done) >= 3):
        if progress.description:
            done.append(progress.description)
    assert 3 <= len(done) < 6 or at_once == 4
    rest = estimate(facts, client).asked
    last = list(describe_facts(facts, client))[-1]
    assert (last.done, last.total, last.kept) == (6, 6, 6 - rest)
    assert len(client.asked) == 6


def test_no_two_parts_get_the_same_text():
    facts = made_of(4)
    found = list(describe_facts(facts, FakeClient(*["Active on 3."] * 4)))
    texts = [progress.description.text for progress in found[1:]]
    assert len(set(texts)) == 4
    assert found[2].description.fell_back == "another part has the same text"


def test_a_whole_network():
    checkpoint = load("xor4-modular")
    partition = find_modules(network_graph(checkpoint), 2)
    last = list(describe_all(checkpoint, partition))[-1]
    assert last.done == last.total == len(parts_of(partition)) == 3
    assert cache_keyword(type("Old", (), {"forward": lambda self, past_key_values: 0})()) == (
        "past_key_values"
    )


def test_the_command(monkeypatch, capsys):
    from explorer.cli import main

    def run(*words):
        monkeypatch.setattr("sys.argv", ["explorer", "describe", "xor4-modular", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr()

    code, said = run("--k", "2", "--json", "--part", "A")
    assert code == 0
    assert [one["part"] for one in json.loads(said.out)] == ["A"]
    code, said = run("--part", "Q")
    assert (code, said.err.strip()[:31]) == (2, "explorer: found no part 'Q'; ex")
    monkeypatch.setattr(
        "explorer.description.clients.opening.open_client",
        lambda spec, progress: FakeClient("Active on pair 3 differ", KeyboardInterrupt()),
    )
    monkeypatch.setenv("EXPLORER_DATABASE_URL", "")
    code, said = run("--k", "4", "--client", "embedded")
    assert code == 130
    assert "the same command goes on" in said.err
