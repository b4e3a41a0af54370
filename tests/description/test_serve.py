"""The wire against a real OpenAI-compatible server: transformers serve with a tiny model."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from explorer.description.clients import endpoint
from explorer.description.clients.opening import open_client
from explorer.description.describer import describe
from explorer.description.measured import measured_description
from tests.description.made_facts import make_facts
from tests.description.tiny_model import save_tiny_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Address of the server and the name of its model."""
    folder = tmp_path_factory.mktemp("served")
    save_tiny_model(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "transformers"), "serve", str(folder)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    said = (folder / "said.txt").open("wb")
    process = subprocess.Popen(
        command,
        stdout=said,
        stderr=said,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    )
    try:
        for _ in range(240):
            assert process.poll() is None, (folder / "said.txt").read_text()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                    break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        process.terminate()
        process.wait(20)
        said.close()


def test_a_real_server(served, monkeypatch, tmp_path):
    url, model = served
    monkeypatch.setenv(endpoint.URL, url)
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    client = open_client(f"endpoint:{model}")
    said = "".join(client.complete("Figures: 3\nDescription:", 8))
    assert said
    facts = make_facts()
    found = describe(facts, client)
    assert found.text == measured_description(facts).text  # its weights are random
    assert found.fell_back == "nothing that it wrote is borne out by the figures"
    unknown = describe(facts, open_client("endpoint:nobody/knows-this"))
    assert unknown.text == found.text
    assert "the endpoint 127.0.0.1" in unknown.fell_back
