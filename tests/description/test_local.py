"""A language model on this machine, against what transformers says of the same."""

import threading

import numpy as np
import pytest
import torch

from explorer.description.clients.local import LocalClient
from explorer.description.clients.opening import open_client
from explorer.description.describer import describe
from explorer.description.options import options
from explorer.errors import DescriberError
from tests.description.made_facts import make_facts
from tests.description.tiny_model import save_tiny_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def client(folder):
    made = LocalClient(folder, "Tiny", "tiny")
    made._model.to(torch.float32)
    return made


def directly(client, prompt, text):
    """Log p(text | prompt), from one pass over both."""
    ids, tail = client._tokenizer.encode(prompt), client._tokenizer.encode(text)
    with torch.inference_mode():
        logits = client._model(torch.tensor([ids + tail])).logits[0].float().log_softmax(dim=-1)
    rows = range(len(ids) - 1, len(ids) + len(tail) - 1)
    return sum(float(logits[row, token]) for row, token in zip(rows, tail, strict=True))


def test_log_probabilities(client):
    texts = [" a", " some words", " other words that are longer", " a"]
    for prompt in ("Figures: 3", "Figures: 38", "Fig"):  # shares a start with what was read before
        found = client.log_probabilities(prompt, texts)
        expected = [directly(client, prompt, text) for text in texts]
        np.testing.assert_allclose(found, expected, rtol=1e-4)
    many = client.log_probabilities("Figures:", texts * 9)
    np.testing.assert_allclose(many, np.tile(many[:4], 9), rtol=1e-4)
    spaced = client.log_probabilities("Figures:", ["a"])
    np.testing.assert_allclose(spaced, client.log_probabilities("Figures:", [" a"]))


def test_greedy_is_greedy(client):
    for prompt in ("Figures: 3\nDescription:", "Figures: 38\nDescription:"):
        ids = torch.tensor([client._encode(prompt)])
        made = client._model.generate(ids, max_new_tokens=12, do_sample=False)[0, ids.shape[1] :]
        whole = client._tokenizer.decode(made.tolist())
        said = "".join(client.complete(prompt, 12))
        assert whole.replace("�", "").startswith(said.replace("�", "")[:3])
        assert "\n" not in said


def test_the_choice_is_the_one_with_most_information(client):
    texts = ["xa", "xb", "xc"]
    chosen = "".join(client.choose("Figures: 3", "Figures:", texts)).strip()
    gain = [
        directly(client, "Figures: 3", f" {t}") - directly(client, "Figures:", f" {t}")
        for t in texts
    ]
    shared = directly(client, "Figures: 3", " x") - directly(client, "Figures:", " x")
    assert chosen == texts[int(np.argmax(np.array(gain) - shared))]


def test_many_threads_get_the_same(client):
    found = []
    prompts = [f"Figures: {n}" for n in range(4)] * 3

    def ask(prompt):
        found.append((prompt, "".join(client.complete(prompt, 8))))

    threads = [threading.Thread(target=ask, args=(prompt,)) for prompt in prompts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 4


def test_by_path(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    opened = open_client(f"path:{folder}")
    assert opened is open_client(f"path:{folder}")
    assert not opened.remote
    found = describe(make_facts(), opened)
    assert found.fell_back == "nothing that it wrote is borne out by the figures"
    opened.guided = True
    try:
        facts = make_facts(neurons=7)
        assert describe(facts, opened).text in options(facts)
    finally:
        opened.guided = False


def test_nothing_but_safetensors_is_opened(folder, tmp_path):
    torch.save({"x": torch.ones(1)}, tmp_path / "pytorch_model.bin")
    for file in folder.iterdir():
        if file.suffix == ".json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(DescriberError, match="cannot be loaded"):
        open_client(f"path:{tmp_path}")


@pytest.mark.parametrize("spec", ["", "gpt", "path:", "path:/no/such/folder", "endpoint:"])
def test_unknown_models(spec):
    with pytest.raises(DescriberError, match="expected measured, embedded"):
        open_client(spec)


def test_a_prompt_that_is_too_long(client):
    with pytest.raises(DescriberError, match="tokens; expected at most"):
        list(client.complete("x" * 5000, 3))
