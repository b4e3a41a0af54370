"""Texts of an export: as lines of JSON, and in its report, whether or not there is evidence."""

import json
from dataclasses import replace
from html import escape

from explorer import evidence, export, score
from explorer.curation.texts import Texts
from explorer.curation.versions import Place


def test_texts_and_evidence_are_one_a_line(folder, partition, description):
    lines = (folder / "descriptions.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line) for line in lines]
    assert texts[0]["text"] == description.text
    assert texts[0]["claims"][0]["holds"] is True
    parts = [module.name for module in partition.modules] + [i.name for i in partition.interfaces]
    assert [text["part"] for text in texts[1:]] == parts
    assert "detection" in texts[1]["scores"]["scores"]
    lines = (folder / "evidence.jsonl").read_text("utf-8").splitlines()
    facts = [json.loads(line) for line in lines]
    assert [line["part"] for line in facts] == parts
    assert facts[0]["most"][0]["activity"] >= facts[0]["least"][0]["activity"]
    assert facts[0]["most"][0]["example"]


def test_texts_are_in_the_report_also_without_evidence(
    partition, found, tree, description, tmp_path, monkeypatch
):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    checkpoint = partition.graph.checkpoint
    texts = Texts()
    texts.add(Place.of(partition.interfaces[0]), "<b>kept</b>", source="SmolLM2")
    texts.add(Place.of_neuron(checkpoint.id, 20), "about one neuron", author="Ann", name="twenty")
    texts.add(Place.of_neuron(checkpoint.id, 9_999), "about none", author="Ann")
    given = score(description, evidence(checkpoint, partition.module("A")))
    made = export(
        partition,
        tmp_path / "out",
        [(description, given), replace(description, text="a second text", part="B")],
        tree,
        quality=found,
        evidence=False,
    )
    html = (made / "report.html").read_text("utf-8")
    for said in (description.text, "a second text", "<b>kept</b>", "about one neuron"):
        assert html.count(escape(said)) == 1
    assert f"{partition.graph.names[20]}: twenty" in html
    assert "about none" not in html
    assert "Detection" in html and "<script" not in html
    assert "Module C" not in html.split("</nav>")[0]  # nothing is said of it
    lines = (made / "descriptions.jsonl").read_text("utf-8").splitlines()
    told = [(line["part"], line["text"]) for line in map(json.loads, lines)]
    assert told == [
        ("A", description.text),
        ("B", "a second text"),
        (partition.interfaces[0].name, "<b>kept</b>"),
        ("20", "about one neuron"),
    ]
