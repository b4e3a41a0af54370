"""The language model as auditor: it chooses by probabilities, or writes; gaps are told."""

import numpy as np
import pytest

from explorer.auditing.auditors.language_model import AUDITORS, LanguageModel, choosing_prompts
from explorer.auditing.auditors.module_texts import dealt, measured_texts, module_facts
from explorer.auditing.finding import Auditor
from explorer.auditing.view import audit_view
from explorer.benchmarks.language_auditor import Read, rows, table
from explorer.errors import AuditError, DescriberError
from explorer.network.load import load
from explorer.network.tasks import task
from explorer.network.tasks.planted.base import CaseName
from tests.description.fake_client import FakeClient


class Judge(FakeClient):
    """Finds one text odd, by so many nats, and the longer texts less likely in any case."""

    odd = ""

    def log_probabilities(self, prompt, continuations):
        """More for the odd text, after the prompt that asks for one."""
        self.asked.append(prompt)
        found = np.array([-float(len(text)) for text in continuations])
        if "should not be there:" in prompt:
            found += [3.0 * (text == self.odd) for text in continuations]
        return found


class Writer(FakeClient):
    """Tells no probabilities, as an endpoint."""

    remote = True


@pytest.fixture(scope="module")
def view():
    return audit_view(load("digits-modular"))


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


def reader(client, texts="measured"):
    return LanguageModel("some", "Some", "Some.", texts, client)


def test_it_names_the_module_whose_text_is_likelier_of_one_that_should_not_be_there(view):
    judge, texts = Judge(), measured_texts(view)
    judge.odd = texts[2]
    found = reader(judge)(view)
    names = [facts.part for facts in module_facts(view)]
    assert found.suspects[0].name == names[2] and texts[2] in found.reason
    assert found.score == pytest.approx(3.0 - 3.0 / len(texts))
    assert {one.name for one in found.suspects} == set(names)
    assert judge.asked == list(choosing_prompts(view.task)) and found.missing == ""


def test_shuffled_texts_say_the_same_things_of_other_modules(view):
    texts = measured_texts(view)
    shuffled = dealt(texts, view.seed)
    assert shuffled != texts and len(shuffled) == len(texts)

    def said(given):
        return sorted(part for text in given for part in text.rstrip(".").split("; "))

    assert said(shuffled) == said(texts)
    judge = Judge()
    judge.odd = shuffled[0]
    assert shuffled[0] in reader(judge, "shuffled")(view).reason


def test_generated_texts_that_fail_leave_a_partial_finding(view):
    count = len(module_facts(view))
    said = ["Active on 3." for _ in range(count)]
    said[1] = DescriberError("the model is away")
    found = reader(Judge(*said), "generated")(view)
    assert f"1 of {count} generated texts are missing" in found.missing
    assert "the model is away" in found.missing and len(found.suspects) == count


def test_unused_potential_is_told_in_its_own_row_only(view):
    judge = Judge()
    told, _ = reader(judge, "unused").read(view, judge)
    assert all("It can push" in text for text in told)
    assert not any("It can push" in text for text in measured_texts(view))
    text_view = audit_view(load("pair-modular"))
    assert "answers an image" in reader(judge, "unused").fits(text_view)


def test_endpoint_writes_a_name_or_none_or_is_refused(view):
    client = Writer("B: it is needed for nothing.", "None: all are needed.", "I cannot tell.")
    found = reader(client)(view)
    assert (found.score, found.suspects[0].name) == (1.0, "B")
    assert "needed for nothing" in found.reason
    assert "Module A:" in client.asked[0] and "Interface A-B:" in client.asked[0]
    assert "simulation score" in client.asked[0]
    found = reader(client)(view)
    assert (found.score, found.suspects) == (0.0, ())
    with pytest.raises(AuditError, match="expected the name of a module"):
        reader(client)(view)


def test_rows_are_auditors_on_request(view):
    assert all(isinstance(one, Auditor) and one.access == "texts" for one in AUDITORS)
    assert len({one.name for one in AUDITORS}) == len(AUDITORS) == 4
    assert "no language model" in reader("measured").fits(view)
    with pytest.raises(AuditError, match="no language model"):
        reader("measured")(view)
    assert "handwritten digit" in choosing_prompts(task("digits"))[0]


def test_bench_tells_planted_from_clean_and_the_null_does_not():
    rng = np.random.default_rng(0)
    reads = []
    for number in range(30):
        for control in ("", "clean"):
            odd = rng.normal(size=7)
            needed = None if control else int(rng.integers(7))
            if needed is not None:
                odd[needed] += 8
            reads.append(
                Read("measured", CaseName("backdoor", "corner", number, control), odd, needed, 1.0)
            )
    measured, null = rows(reads)
    assert measured.auroc.value > 0.95 and measured.top.value == 1.0
    assert 0.3 < null.auroc.value < 0.7 and null.top.low <= null.chance <= null.top.high
    assert len(table([measured, null])) == 4
