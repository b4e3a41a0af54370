"""However the server ends, its runs are saved and no process is left."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
from websockets.sync.client import connect

from explorer.benchmarks.browser import serving
from explorer.benchmarks.processes import alive, children, server_on
from explorer.training.live import wire
from explorer.training.run_folder import RunFolder

SCRIPT = Path(__file__).with_name("app_with_run.py")


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left(tmp_path, end):
    with serving(SCRIPT, tmp_path) as address:
        server = server_on(int(address.rpartition(":")[2]))
        started = json.loads((tmp_path / "started.json").read_text())
        assert started["path"] == "/train/socket"
        socket = f"ws{address.removeprefix('http')}{started['path']}"
        with connect(socket, origin=address) as client:
            client.send(json.dumps({"do": "hello", "run": started["run"]}))
            step = 0
            while step < 100:
                message = client.recv(timeout=60)
                if message[0] == wire.KIND_FRAME:
                    step = wire.parse_frame(message)["step"]
            assert started["owner"].encode() not in message
        left = children(server)
        assert len(left) >= 2
        os.kill(server, end)
        began = time.monotonic()
        while any(alive(process) for process in (server, *left)):
            assert time.monotonic() - began < 20, "the machine may be busy; 5 s are wanted"
            time.sleep(0.01)
    assert RunFolder(tmp_path / "runs" / "started").steps_done >= step
