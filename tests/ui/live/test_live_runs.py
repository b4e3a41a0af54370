"""Live runs as a browser meets them: over a socket of a server, with a worker behind it."""

import os
import signal
import time
from dataclasses import replace

import pytest

from explorer import store
from explorer.errors import LiveRunError
from explorer.training.config import TrainingConfig
from explorer.training.run_folder import RunFolder, run_in_folder
from explorer.ui.live import registry


def exit_time(run, limit=20.0):
    """Seconds until the process of a run has ended."""
    began = time.monotonic()
    run._process.popen.wait(limit)
    return time.monotonic() - began


def test_a_run_is_watched_steered_stopped_and_found_again(watch, config):
    run_id, owner = registry.start_run(config, "My run")
    client = watch(run_id, owner)
    about = client.until_event("about")
    assert about["run"] == run_id
    assert about["owner"] is True
    assert [layer["size"] for layer in about["layers"]] == [8, 16, 16, 8]
    client.until_event("history")
    running = client.until(lambda m: m.get("status") == "running" and m["step"] > 100)
    assert 0 <= running["accuracy"] <= 1
    assert running["mass"].sum() == pytest.approx(1, abs=1e-4)

    client.say(do="pause")
    paused = client.until_status("paused")
    client.say(do="step")
    stepped = client.until(lambda m: m.get("step", 0) > paused["step"] and "status" in m)
    assert (stepped["step"], stepped["status"]) == (paused["step"] + 1, "paused")
    client.say(do="change", name="modularity_coefficient", value=2.5)
    changed = client.until_event("changed")
    assert changed == {
        "event": "changed",
        "step": stepped["step"],
        "name": "modularity_coefficient",
        "value": 2.5,
    }
    client.until(lambda m: m.get("modularity_coefficient") == 2.5)
    client.say(do="resume")
    client.until(lambda m: m.get("status") == "running" and m["strength"] == 2.5)

    client.close()  # a reload
    again = watch(run_id)
    assert again.until_event("about")["owner"] is False
    history = again.until_event("history")
    assert history["changes"][0]["value"] == 2.5
    steps = [row[0] for row in history["rows"]]
    assert len(steps) > 3
    assert steps == sorted(set(steps))

    owned = watch(run_id, owner)
    owned.say(do="stop")
    stopped = owned.until_event("stopped")
    assert store.fetch(stopped["network"]).task_name == "xor4"
    assert again.until_event("stopped")["step"] == stopped["step"]
    folder = RunFolder(registry.find(run_id).folder)
    assert folder.steps_done == stopped["step"]

    new_id, new_owner = registry.resume_run("my-run")
    assert new_id != run_id
    resumed = watch(new_id, new_owner)
    assert resumed.until_status("running")["step"] >= stopped["step"]
    earlier = watch(new_id).until_event("history")
    assert earlier["changes"] == history["changes"]
    assert earlier["rows"][0][0] == steps[0]


def test_a_finished_run_opens_and_says_so_to_late_comers(watch, config):
    run_id, owner = registry.start_run(replace(config, steps=50), "short")
    finished = watch(run_id, owner).until_event("finished")
    late = watch(run_id)
    assert late.until_event("finished") == finished
    assert late.frames[-1]["status"] == "finished"
    checkpoint = store.fetch(finished["network"])
    assert "validation_accuracy" in checkpoint.metrics
    assert registry.runs()[0]["network"] == finished["network"]
    assert exit_time(registry.find(run_id)) < 5


def test_two_runs_at_once_do_not_disturb_each_other(watch, config):
    first_id, first_owner = registry.start_run(config, "same")
    second_id, second_owner = registry.start_run(replace(config, seed=1), "same")
    assert [run["name"] for run in registry.runs()] == ["same-2", "same"]
    first, second = watch(first_id, first_owner), watch(second_id, second_owner)
    first.until_status("running")
    second.until_status("running")
    first.say(do="stop")
    first.until_event("stopped")
    at = second.frames[-1]["step"]
    second.until(lambda m: m.get("step", 0) > at + 50)
    assert second.frames[-1]["status"] == "running"


def test_only_the_owner_steers(watch, config):
    run_id, owner = registry.start_run(config, "mine")
    stranger = watch(run_id, "a guess")
    assert stranger.until_event("about")["owner"] is False
    for message in (
        {"do": "stop"},
        {"do": "pause"},
        {"do": "change", "name": "learning_rate", "value": 0.1},
        {"do": "stop", "owner": None},
        {"do": "stop", "owner": run_id},
    ):
        stranger.say(**message)
        assert "another visitor" in stranger.until_event("refused")["message"]
    stranger.until(lambda m: m.get("step", 0) > 0)
    assert stranger.frames[-1]["status"] == "running"
    assert stranger.frames[-1]["learning_rate"] == pytest.approx(config.learning_rate)
    watch(run_id, owner).until_status("running")


def test_a_value_out_of_range_is_refused_and_the_run_goes_on(watch, config):
    run_id, owner = registry.start_run(config, "ranges")
    client = watch(run_id, owner)
    client.until_status("running")
    client.say(do="change", name="learning_rate", value=-1)
    assert "found learning_rate = -1" in client.until_event("refused")["message"]
    at = client.frames[-1]["step"]
    client.until(lambda m: m.get("step", 0) > at and m["status"] == "running")


def test_a_diverged_run_says_so_and_is_paused(watch):
    config = TrainingConfig(task="pair", hidden=(48,) * 12, steps=50_000, learning_rate=100.0)
    run_id, owner = registry.start_run(config, "wild")
    client = watch(run_id, owner)
    diverged = client.until_event("diverged")
    assert "a smaller learning rate or lambda may help" in diverged["message"]
    assert "set back to step" in diverged["message"]
    client.until_status("paused")
    assert watch(run_id).until_event("diverged") == diverged  # whoever comes later is told too
    client.say(do="change", name="learning_rate", value=0.001)
    client.until_event("changed")
    client.say(do="resume")
    client.until(lambda m: m.get("status") == "running" and m["step"] > diverged["step"])
    late = watch(run_id)
    late.until_status("running")
    late.until_status("running")
    assert "diverged" not in [event["event"] for event in late.events]


def test_a_killed_worker_says_so_and_can_go_on(watch, config):
    run_id, owner = registry.start_run(config, "killed")
    client = watch(run_id, owner)
    client.until(lambda m: m.get("status") == "running" and m["step"] > 10)
    os.kill(registry.find(run_id)._process.popen.pid, signal.SIGKILL)
    failed = client.until_event("failed")
    assert "signal 9" in failed["message"]
    client.say(do="pause")
    assert "has ended" in client.until_event("refused")["message"]
    again, _ = registry.resume_run("killed")
    watch(again).until_status("running")


def test_a_closed_browser_frees_its_process(watch, config):
    run_id, owner = registry.start_run(config, "left")
    kept_id, _ = registry.start_run(replace(config, seed=3), "kept", go_on=True)
    client = watch(run_id, owner)
    client.until_status("running")
    watch(kept_id).until_status("running")
    client.close()
    run = registry.find(run_id)
    assert exit_time(run) <= 10
    assert run.status == "stopped"
    assert "nobody was watching" in run.message
    assert RunFolder(run.folder).steps_done == run.step > 0
    assert registry.find(kept_id).status == "running"


def test_a_run_whose_owner_left_can_be_taken_over(watch, config):
    run_id, owner = registry.start_run(config, "lonely", go_on=True)
    client = watch(run_id, owner)
    client.until_status("running")
    with pytest.raises(LiveRunError, match="steered by who started it"):
        registry.take_over(run_id)
    client.close()
    run = registry.find(run_id)
    deadline = time.monotonic() + 20
    while run.is_steered and time.monotonic() < deadline:
        time.sleep(0.05)
    another = watch(run_id, registry.take_over(run_id))
    assert another.until_event("about")["owner"] is True
    another.say(do="stop")
    another.until_event("stopped")
    with pytest.raises(LiveRunError, match="has ended"):
        registry.take_over(run_id)


def test_a_run_of_another_process_is_not_deleted(port, config, tmp_path):
    folder = RunFolder(tmp_path / "runs" / "mine")
    folder.begin(config)
    with folder.held(), pytest.raises(LiveRunError, match="on its way in another process"):
        registry.delete_run("mine")
    registry.delete_run("mine")
    assert not folder.path.exists()


@pytest.mark.parametrize("name", ["", ".", "..", "../runs", "/"])
def test_nothing_but_a_run_is_deleted(port, config, tmp_path, name):
    RunFolder(tmp_path / "runs" / "mine").begin(config)
    registry.delete_run(name)
    assert (tmp_path / "runs" / "mine" / "settings.toml").is_file()


def test_a_run_on_its_way_is_not_deleted(watch, config):
    run_id, owner = registry.start_run(config, "kept")
    client = watch(run_id, owner)
    client.until_status("running")
    with pytest.raises(LiveRunError, match="on its way already"):
        registry.delete_run("kept")  # from a page that was drawn before it was resumed
    client.say(do="stop")
    client.until_event("stopped")
    folder = registry.find(run_id).folder
    assert (folder / "settings.toml").is_file()
    registry.delete_run("kept")
    assert not folder.exists()
    registry.delete_run("kept")  # twice


def test_a_folder_with_a_name_of_its_own_is_resumed(watch, config, tmp_path):
    run_in_folder(replace(config, steps=5), tmp_path / "runs" / "my-run")
    RunFolder(tmp_path / "runs" / "My_Run").begin(config)
    run_id, _ = registry.resume_run("My_Run")
    assert registry.find(run_id).folder.name == "My_Run"


def test_no_more_runs_than_the_server_allows(port, config, monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "MAX_RUNS", 1)
    registry.start_run(config, "one")
    with pytest.raises(LiveRunError, match="1 runs on their way"):
        registry.start_run(config, "two")
    assert not (tmp_path / "runs" / "two").exists()
    with pytest.raises(LiveRunError, match="on its way already"):
        registry.resume_run("one")


def test_a_start_that_cannot_be_says_why(watch, config):
    run_id, owner = registry.start_run(replace(config, start="no-such-network"), "odd")
    failed = watch(run_id, owner).until_event("failed")
    assert "no-such-network" in failed["message"]
    assert not registry.find(run_id).folder.exists()  # nothing to resume


def test_a_waiting_process_is_taken_over(port, watch, config):
    registry.prepare()
    spare = registry._REGISTRY._spare
    run_id, owner = registry.start_run(config, "quick")
    assert registry.find(run_id)._process is spare
    registry.prepare()  # the page runs again: no import beside the run that has just begun
    assert registry._REGISTRY._spare is None
    watch(run_id, owner).until_status("running")
