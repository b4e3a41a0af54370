"""What a report gathers: of networks without data, of text, and of whoever's database."""

import pytest

from explorer import find_modules, load, network_graph
from explorer.curation.report import gather_report
from explorer.curation.texts import Texts
from explorer.curation.versions import Place
from explorer.errors import PartitionError
from explorer.network.checkpoint import Checkpoint
from explorer.views.report_html import report_html
from explorer.views.report_markdown import report_markdown
from tests.networks import random_network
from tests.views.report_case import HOSTILE, hostile_report


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'texts.sqlite'}"


def test_texts_of_the_report():
    report = hostile_report()
    measured, generated, person = report.modules[0].texts
    assert measured.source == "measured"
    assert (person.text, person.writer, person.author, person.status, person.is_current) in (
        (HOSTILE, "Ann <b>", "Ben", "accepted", True),
        (generated.text, generated.writer, generated.author, generated.status, False),
    )
    assert {text.source for text in report.modules[0].texts} == {"measured", "person", "SmolLM2"}
    assert sum(text.is_current for text in report.modules[0].texts) == 1
    assert report.modules[0].name == "left <i>"
    assert [text.source for text in report.interfaces[0].texts] == ["measured"]
    for part in (*report.modules, *report.interfaces):
        for text in part.texts:
            assert text.scores["simulation"].value <= 1  # also where odd scores were kept


def test_scores_that_were_kept_are_shown(url):
    checkpoint = load("xor4-modular")
    partition = find_modules(network_graph(checkpoint), k=2)
    first = gather_report(checkpoint, partition, url, null_count=2)
    given = first.modules[1].texts[0].scores
    Texts(url).add(Place.of(partition.module("A")), "a text", author="Ann", scores=given)
    seen: list[float] = []
    again = gather_report(checkpoint, partition, url, null_count=2, progress=seen.append)
    assert repr(again.modules[0].texts[1].scores) == repr(given)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert seen == sorted(seen)


def test_a_network_without_data(url):
    checkpoint = Checkpoint("mine <b>", random_network([4, 6, 3]))
    partition = find_modules(network_graph(checkpoint, "path"), k=2)
    report = gather_report(checkpoint, partition, url, null_count=2)
    html, markdown = report_html(report), report_markdown(report)
    assert "The modules of mine &lt;b&gt;" in html
    assert "No data is known here" in markdown
    assert "Examples on which" not in html


def test_a_partition_of_another_network(url):
    partition = find_modules(network_graph(load("xor4-modular")))
    with pytest.raises(PartitionError, match="found a partition of the network"):
        gather_report(load("digits-modular"), partition, url)


def test_without_scores(url):
    checkpoint = load("xor4-modular")
    partition = find_modules(network_graph(checkpoint), k=2)
    report = gather_report(checkpoint, partition, url, null_count=2, score_all=False)
    assert report.modules[0].texts[0].scores is None
    markdown = report_markdown(report)
    assert "Simulation" not in markdown
    assert "**Examples on which it is most active (1 is average)**" in markdown
    assert "| activity | class |" in markdown
