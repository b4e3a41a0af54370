"""Whatever is sent to the live route, it answers in a sentence, and nothing else happens."""

import json
import random

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from explorer.errors import LiveRunError
from explorer.ui.live import registry, routes

BAD = (
    "",
    "[]",
    "null",
    "{",
    "[" * 900,
    "NaN",
    '{"do": 1}',
    '{"do": "hello"}',
    '{"do": "hello", "run": 3}',
    '{"do": "start", "config": {}}',
    '{"do": "end"}',
    '{"do": "change", "name": "seed", "value": 1}',
    '{"do": "change", "name": "learning_rate", "value": "1"}',
    '{"do": "change", "name": "learning_rate", "value": true}',
    '{"do": "change", "name": "learning_rate", "value": NaN}',
    '{"do": "change", "name": "learning_rate", "value": 1e999}',
    '{"do": "change", "name": "learning_rate", "value": ' + "9" * 900 + "}",
    '{"do": "change", "name": ["learning_rate"], "value": 1}',
    '{"do": "go_on", "value": 1}',
    '{"do": "pause", "x": "' + "x" * 1_000 + '"}',
)


@pytest.mark.parametrize("text", BAD)
def test_bad_messages_are_refused(text):
    with pytest.raises(LiveRunError, match="expected"):
        routes.read_message(text)


def test_any_json_is_read_or_refused():
    rng = random.Random(0)
    words = ["do", "run", "name", "value", "owner", "hello", "pause", "change", "learning_rate"]

    def value(depth):
        choices = [None, True, rng.uniform(-1e9, 1e9), rng.randrange(-9, 9), rng.choice(words)]
        if depth:
            choices.append([value(depth - 1) for _ in range(rng.randrange(3))])
            choices.append({rng.choice(words): value(depth - 1) for _ in range(rng.randrange(5))})
        return rng.choice(choices)

    for _ in range(2_000):
        said = {"do": rng.choice([*words, value(1)]), **{w: value(2) for w in rng.sample(words, 4)}}
        try:
            found = routes.read_message(json.dumps(said))
        except LiveRunError:
            continue
        assert found["do"] in ("hello", "pause", "change")
        assert found["owner"] is None or isinstance(found["owner"], str)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:1", "null", "http://[", "x" * 3_000]
)
def test_pages_of_other_places_are_turned_away(watch, origin):
    with pytest.raises(InvalidStatus) as refusal:
        watch("x", origin=origin)
    assert refusal.value.response.status_code == 403


def test_an_unknown_run_is_answered_in_a_sentence(watch):
    client = watch("no-such-run")
    assert "not known" in client.until_event("failed")["message"]
    with pytest.raises(ConnectionClosed) as closed:
        client.take()
    assert closed.value.rcvd.code == 4404


@pytest.mark.parametrize("first", ['{"do": "pause"}', "x" * 5_000, b"\x00\xff", "{}"])
def test_who_does_not_say_hello_first_is_turned_away(watch, first):
    client = watch("x", hello=False)
    client.socket.send(first)
    assert "expected" in client.until_event("failed")["message"]
    with pytest.raises(ConnectionClosed):
        client.take()


def test_who_says_nothing_is_turned_away(watch, monkeypatch):
    monkeypatch.setattr(routes, "_HELLO_WITHIN", 0.1)
    client = watch("x", hello=False)
    assert client.until_event("failed")
    with pytest.raises(ConnectionClosed):
        client.take()


def test_no_more_sockets_than_the_server_allows(watch, config, monkeypatch):
    monkeypatch.setattr(registry, "MAX_SOCKETS", 1)
    run_id, owner = registry.start_run(config, "busy")
    first = watch(run_id, owner)
    first.until_event("about")
    assert "Too many" in watch(run_id, hello=False).until_event("turned_away")["message"]
    first.close()


def test_a_flood_closes_the_socket_and_not_the_run(watch, config):
    run_id, owner = registry.start_run(config, "flood")
    client = watch(run_id, owner)
    client.until_status("running")
    with pytest.raises(ConnectionClosed) as closed:
        for _ in range(2_000):
            client.say(do="beat")
        while True:
            client.take()
    assert closed.value.rcvd.code == 4408
    again = watch(run_id, owner)
    again.until_status("running")
    for text in BAD:
        if text and not text.startswith('{"do": "hello"'):
            again.socket.send(text)
            assert "expected" in again.until_event("refused")["message"]
    at = again.frames[-1]["step"]
    again.until(lambda m: m.get("step", 0) > at)


def test_the_path_follows_the_base_path(monkeypatch):
    monkeypatch.setattr(routes.config, "get_option", lambda name: "/some/where/")
    assert routes.socket_path() == "/some/where/train/socket"
    assert [route.path for route in routes.live_routes()] == ["/some/where/train/socket"]
    assert routes.is_served()
