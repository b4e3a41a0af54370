"""An endpoint that is down, slow, rude or lying: a sentence, the measured text, and no key."""

import traceback

import pytest

from explorer.description.batch import describe_facts, estimate
from explorer.description.clients import endpoint
from explorer.description.clients.endpoint import EndpointClient
from explorer.description.clients.opening import open_client
from explorer.description.describer import describe, description_key
from explorer.description.measured import measured_description
from explorer.errors import DescriberError
from tests.description.made_facts import make_facts
from tests.description.stub_server import stub_server

FACTS = make_facts()
SECRET = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def configured(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    monkeypatch.setenv(endpoint.KEY, SECRET)
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.02)


@pytest.fixture
def ask(monkeypatch):
    def asked(server):
        monkeypatch.setenv(endpoint.URL, f"http://127.0.0.1:{server.server_port}/v1")
        return open_client("endpoint:stub")

    return asked


def test_a_good_reply_is_streamed_and_checked(ask):
    with stub_server("well") as server:
        seen = []
        found = describe(FACTS, ask(server), on_text=seen.append)
    assert found.text == "Active on 3 and 8."
    assert found.fell_back == ""
    assert seen == ["Active ", "Active on 3", "Active on 3 and 8."]
    headers, body = server.asked[0]
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert body["stream"] is True
    assert body["temperature"] == 0
    assert SECRET not in str(body)


@pytest.mark.parametrize(
    ("way", "said", "requests"),
    [
        ("html", "web page", 1),
        ("hidden_html", "web page", 1),
        ("huge", "more than 10 MB", 1),
        ("much", "more than 2,000 characters", 1),
        ("nothing", "with nothing", 1),
        ("garbage", "no completion", 1),
        ("other_json", "no completion", 1),
        ("slow_down", "slow down (429)", 3),
        ("fails", "failed (500)", 3),
        ("no_key", "refused the key", 1),
        ("unknown", "no such model or address (404)", 1),
        ("elsewhere", "status 302", 1),
        ("cut", "broke the connection off", 1),
        ("hangs", "did not answer", 3),
    ],
)
def test_whatever_it_answers_the_measured_text_stays(ask, monkeypatch, caplog, way, said, requests):
    caplog.set_level("DEBUG")
    if way == "hangs":
        monkeypatch.setattr(endpoint, "TIMEOUT", 0.2)
    with stub_server(way) as server:
        found = describe(FACTS, ask(server))
    assert found.text == measured_description(FACTS).text
    assert said in found.fell_back
    assert len(server.asked) == requests
    assert SECRET not in repr(found)
    assert not [one for one in caplog.records if SECRET in one.getMessage()]


def test_nobody_is_there(ask):
    with stub_server("well") as server:
        client = ask(server)
    assert "cannot be reached" in describe(FACTS, client).fell_back


def test_orders_in_a_reply_are_struck(ask):
    with stub_server("order") as server:
        found = describe(FACTS, ask(server))
    assert found.text == measured_description(FACTS).text
    assert found.fell_back == "nothing that it wrote is borne out by the figures"
    assert found.written.startswith("Ignore")


def test_the_key_is_nowhere(ask, tmp_path, monkeypatch):
    with stub_server("no_key") as server:
        client = ask(server)
        with pytest.raises(DescriberError) as caught:
            list(client.complete("x", 5))
    told = "".join(traceback.format_exception(caught.value))
    assert SECRET not in told + repr(client) + str(vars(client)) + client.id
    assert SECRET not in description_key(FACTS, client, ())
    with stub_server("well") as server:
        describe(FACTS, ask(server))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert SECRET not in files[0].read_text()
    monkeypatch.delenv(endpoint.KEY)
    with stub_server("no_key") as server, pytest.raises(DescriberError, match="wants a key"):
        list(ask(server).complete("x", 5))


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "nonsense", "http://user:pa55@host/v1", "http://h?k=1"]
)
def test_the_address_comes_from_configuration_and_is_plain(monkeypatch, url):
    monkeypatch.setenv(endpoint.URL, url)
    with pytest.raises(DescriberError, match=r"EXPLORER_ENDPOINT_URL") as caught:
        EndpointClient("x")
    assert "pa55" not in str(caught.value)


def test_four_at_once_and_what_is_kept_is_not_asked_again(ask):
    facts = [make_facts(part=name, neurons=n) for n, name in enumerate("ABCDEFGH", start=1)]
    with stub_server("slowly") as server:
        client = ask(server)
        before = estimate(facts, client, price_read=1.0, price_written=2.0)
        made = list(describe_facts(facts, client))
        after = estimate(facts, client)
        again = list(describe_facts(facts, client))
    assert (before.asked, after.asked, len(server.asked)) == (8, 0, 8)
    assert before.cost > 0
    assert after.cost is None
    assert made[-1].done == again[-1].kept == 8
    assert 2 <= server.most <= 4
    assert len({one.description.text for one in made[1:]}) == 8


def test_a_forced_choice_reads_the_letters(ask):
    with stub_server("letters") as server:
        found = ask(server).choose_letter("Figures: x", ["one", "two", "three"])
    assert found.tolist() == [-3.0, -0.1, -3.0]
    assert server.asked[0][1]["top_logprobs"] == 20
    with stub_server("well") as server, pytest.raises(DescriberError):
        ask(server).choose_letter("Figures: x", ["one", "two"])
