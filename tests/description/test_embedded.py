"""The embedded language model itself: slow, and never skipped."""

import time

import numpy as np
import pytest

from explorer import find_modules, load, network_graph
from explorer.description.claims import check_claims
from explorer.description.describer import describe
from explorer.description.options import options
from explorer.description.prompts import contrast_prompt
from explorer.observation.gather_facts import gather_facts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def facts():
    checkpoint = load("digits-modular")
    partition = find_modules(network_graph(checkpoint, "activity"), 10)
    return [gather_facts(checkpoint, module) for module in partition.modules]


def test_it_goes_on_with_a_text(embedded_client):
    said = "".join(embedded_client.complete("1 2 3 4 5 6 7 8 9 10 11 12", 6))
    assert said.split()[0] == "13"
    assert "Gemma Terms of Use" in embedded_client.terms


def test_descriptions_hold_and_are_quick(embedded_client, facts, monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    describe(facts[0], embedded_client)
    start, begun, firsts = time.process_time(), [], []
    for one in facts[1:]:
        clock = time.monotonic()
        begun.clear()
        made = describe(
            one, embedded_client, on_text=lambda _: begun or begun.append(time.monotonic())
        )
        firsts.append(begun[0] - clock)
        assert made.fell_back == ""
        assert made.text in options(one)
        assert all(claim.holds for claim in check_claims(made.text, one))
    assert (time.process_time() - start) / len(facts[1:]) < 5
    assert min(firsts) < 1
    again = time.process_time()
    assert describe(facts[0], embedded_client).text
    assert time.process_time() - again < 0.5  # kept


def test_the_right_description_is_more_probable(embedded_client, facts):
    texts = [options(one)[0] for one in facts]
    before = embedded_client.log_probabilities(contrast_prompt(None), texts)
    gains = [embedded_client.log_probabilities(contrast_prompt(f), texts) - before for f in facts]
    assert (np.argmax(np.array(gains), axis=1) == np.arange(len(facts))).mean() >= 0.8
