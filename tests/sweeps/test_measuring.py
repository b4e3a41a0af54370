"""Many networks are measured: nothing twice, nothing lost; what fails is a row that says why."""

import csv
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from explorer import cli, find_modules, load, network_graph, save
from explorer.errors import SweepError
from explorer.modularity.layered import layered_modularity
from explorer.modularity.quality import inside_mass
from explorer.network.checkpoint import Checkpoint
from explorer.sweeps import measuring
from explorer.sweeps.measuring import (
    MeasuringJob,
    MeasuringSettings,
    measure_network,
    measure_networks,
)
from explorer.sweeps.measuring_places import find_places
from explorer.sweeps.measuring_table import MeasuredNetwork, MeasuringTable
from tests.networks import random_network

HOW = MeasuringSettings(weighting="layer", modules=2, nulls=2)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two networks whose names hold numbers, a damaged one, and what training leaves beside."""
    place = tmp_path / "networks"
    place.mkdir()
    for number in (10, 9):
        checkpoint = Checkpoint(f"net {number}", random_network((4, 6, 3), number))
        save(checkpoint, place / f"net{number}.safetensors")
    (place / "broken.pt").write_text("no network")
    (place / "optimizer.pt").write_text("no network")
    (place / "notes.txt").write_text("no network")
    return place


@pytest.fixture
def quick(monkeypatch) -> Counter:
    """Replace measuring: count what is measured how often."""
    measured: Counter = Counter()

    def run(job: MeasuringJob) -> MeasuredNetwork:
        measured[Path(job.place).name] += 1
        if job.place.endswith("broken.pt"):
            raise SweepError("found nothing; expected something")
        version = measuring.version_of(job.place)
        return MeasuredNetwork(job.place, version, job.settings.text, id="x", q_b=0.5)

    monkeypatch.setattr(measuring, "measure_network", run)
    return measured


def measure(places, table, threads, settings=HOW, **more):
    return list(measure_networks(places, table, threads, 1, settings, **more))


def test_a_row_has_the_figures_of_its_network():
    row = measure_network(MeasuringJob("xor4-modular", MeasuringSettings(modules=4, nulls=2)))
    graph = network_graph(load("xor4-modular"))
    partition = find_modules(graph, 4)
    assert (row.nodes, row.modules, row.nulls) == (80, 4, 2)
    assert row.q_b == layered_modularity(graph, partition.labels)
    assert row.inside == inside_mass(partition)
    assert row.null_low <= row.null_mean <= row.null_high < row.q_b
    assert row.edges == row.all_edges == len(graph.edges[0])
    assert (row.keep, row.kept_mass, row.weighting) == ("all", 1.0, "activity")
    assert (row.architecture, row.shape, row.task) == ("mlp", "8-32-32-8", "xor4")
    assert row.id == load("xor4-modular").id
    assert row.failed == ""


def test_a_network_without_data_is_weighed_by_its_weights(folder):
    row = measure_network(
        MeasuringJob(str(folder / "net9.safetensors"), MeasuringSettings(nulls=2))
    )
    assert row.weighting == "path"
    assert row.null_mean is not None


def test_places_are_found_in_order_and_once(folder, tmp_path):
    names = [Path(place).name for place in find_places([str(folder)])]
    assert names == ["broken.pt", "net9.safetensors", "net10.safetensors"]
    pattern = str(folder / "net*")
    assert [Path(place).name for place in find_places([pattern, pattern])] == names[1:]
    assert find_places(["xor4-modular", "nobody/nothing"]) == ("xor4-modular", "nobody/nothing")
    # A folder of one network is one, and its checkpoints are others.
    run = tmp_path / "run"
    for place in (run / "checkpoint-20", run / "checkpoint-100", run):
        place.mkdir(parents=True, exist_ok=True)
        (place / "config.json").touch()
        (place / "model.safetensors").touch()
    (run / ".hidden").mkdir()
    (run / ".hidden" / "model.safetensors").touch()
    found = [str(Path(place).relative_to(tmp_path)) for place in find_places([str(run)])]
    assert found == ["run", "run/checkpoint-20", "run/checkpoint-100"]


@pytest.mark.parametrize("name", ["empty", "no*thing"])
def test_a_place_without_networks_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SweepError, match="found no network"):
        find_places([str(tmp_path / name)])


def test_what_is_done_is_not_done_again_and_what_failed_is(folder, threads, tmp_path, quick):
    places, table = find_places([str(folder)]), MeasuringTable(tmp_path / "out.csv")
    seen = measure(places, table, threads)
    assert (seen[0].done, seen[0].failed, seen[0].total) == (0, 0, 3)
    assert (seen[-1].done, seen[-1].failed) == (2, 1)
    rows = table.rows()
    assert list(rows) == list(places)
    assert rows[places[0]].failed == "found nothing; expected something"
    measure(places, table, threads)
    assert quick == {"net9.safetensors": 1, "net10.safetensors": 1, "broken.pt": 2}
    # Another way to measure, and a file that changed, are measured anew.
    measure(places, table, threads, MeasuringSettings(nulls=3))
    assert quick["net9.safetensors"] == 2
    os.utime(folder / "net9.safetensors", ns=(1, 1))
    measure(places, table, threads, MeasuringSettings(nulls=3))
    assert (quick["net9.safetensors"], quick["net10.safetensors"]) == (3, 2)
    assert len(table.rows()) == 3
    frame = pd.read_csv(table.path)
    assert frame["q_b"].notna().sum() == 2


def test_it_stops_and_goes_on(folder, threads, tmp_path, quick):
    places, table = find_places([str(folder)]), MeasuringTable(tmp_path / "out.csv")
    stopped = measure(places, table, threads, stop=lambda: sum(quick.values()) >= 1)
    assert len(table.rows()) == len(stopped) - 1 < 3
    measure(places, table, threads)
    assert len(table.rows()) == 3


def test_a_row_that_was_cut_short_is_measured_again(folder, threads, tmp_path, quick):
    places, table = find_places([str(folder)]), MeasuringTable(tmp_path / "out.csv")
    measure(places, table, threads)
    text = table.path.read_text()
    table.path.write_text(text[: text.rindex(",x,")])
    assert places[2] not in table.rows()
    measure(places, table, threads)
    assert table.rows()[places[2]].q_b == 0.5


def test_rows_survive_the_file_whatever_their_names(tmp_path):
    table = MeasuringTable(tmp_path / "out.csv")
    row = MeasuredNetwork('a "b",\nc', "1-2", "-", name="<script>", nodes=3, q_b=1 / 3, failed="=1")
    table.add(row)
    assert table.rows() == {row.place: row}


def test_another_file_is_not_written_over(tmp_path, threads):
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    table = MeasuringTable(tmp_path / "mine.csv")
    with pytest.raises(SweepError, match="found another file"):
        measure(["xor4-modular"], table, threads)
    assert table.path.read_text() == "a,b\n1,2\n"


def test_one_process_at_a_time(tmp_path, threads):
    table = MeasuringTable(tmp_path / "out.csv")
    with table.held(), pytest.raises(SweepError, match="is being written"):
        measure(["xor4-modular"], table, threads)
    shutil.rmtree(tmp_path)
    tmp_path.touch()
    with pytest.raises(SweepError, match="cannot be written"), table.held():
        pass


@pytest.mark.slow
def test_the_command_prints_and_goes_on(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.csv"
    (folder / "net10.safetensors").unlink()
    options = ["--out", str(out), "--jobs", "1", "--k", "2", "--nulls", "2"]

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["explorer", "measure", *arguments, *options])
        with pytest.raises(SystemExit, match="0"):
            cli.main()
        return capsys.readouterr().out

    printed = run(str(folder))
    assert len(printed.splitlines()) == 2
    assert "broken.pt is a text file" in printed
    assert "of the weight inside" in printed
    (row,) = json.loads(run(str(folder / "net*"), "--json"))
    assert Path(row["place"]).name == "net9.safetensors"
    with out.open() as stream:
        assert len(list(csv.reader(stream))) == 3
