"""Texts for opened networks: cut by their own tokenizer, readable, found again."""

import pytest
import torch

from explorer.errors import TaskError
from explorer.network.architectures import GPT, MLP
from explorer.network.checkpoint import Checkpoint, Origin
from explorer.network.tasks import SPLITS, kept, task, task_from_texts, user_tasks
from explorer.network.tasks.samples_vocabulary import open_tokenizer, shown_tokens
from tests.network.tasks.tiny_tokenizers import (
    TEXT,
    bytes_tokenizer,
    pieces_tokenizer,
    words_tokenizer,
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    kept._made.cache_clear()
    return tmp_path / "tokenizer"


def opened(folder, tokens: int, width: int = 4) -> Checkpoint:
    network = GPT(tokens=tokens, width=width, heads=2, feed_forward=(8,))
    return Checkpoint("tiny", network, origin=Origin("test", tokenizer=str(folder)))


def test_snippets_are_dealt_to_splits_and_found_again(folder):
    checkpoint = opened(folder, words_tokenizer(folder) + 3)
    made = task_from_texts(TEXT, checkpoint, "cats")
    sizes = {name: len(made.split(name)) for name in SPLITS}
    assert sum(sizes.values()) == len(TEXT.split()) // 65 and sizes["explain"] > sizes["score"]
    explain = made.split("explain")
    assert torch.equal(explain.inputs[:, 1:], explain.targets[:, :-1])
    # The first snippet is the beginning of the text.
    assert "".join(made.tokens[t] for t in explain.inputs[0].tolist())[1:] == " ".join(
        TEXT.split()[:64]
    )
    assert made.fits(checkpoint.network) and made.joint == "" and made.opened
    kept._made.cache_clear()
    again = task(made.name)
    assert again is not made and again.tokens == made.tokens and again.summary == made.summary
    assert torch.equal(again.split("score").inputs, made.split("score").inputs)
    assert user_tasks() == {made.name: "cats"} and user_tasks(kept.TRAINABLE) == {}
    assert checkpoint.with_task(made.name).task is again
    # The same text again is the same task; a path and bytes name their own titles.
    assert task_from_texts(TEXT.encode(), checkpoint, "cats").name == made.name


def test_a_mark_begins_every_snippet_where_the_tokenizer_puts_one(folder):
    checkpoint = opened(folder, words_tokenizer(folder, marks=True))
    made = task_from_texts(TEXT, checkpoint)
    for split in SPLITS:
        inputs = made.split(split).inputs
        assert inputs.shape[1] == 64 and (inputs[:, 0] == 1).all() and (inputs[:, 1:] != 1).all()
    assert made.marks == (1,) and made.tokens[1] == "<bos>"


def test_a_network_that_reads_both_ways_names_what_it_reads(folder):
    checkpoint = opened(folder, pieces_tokenizer(folder))
    checkpoint.network.names_next = False
    made = task_from_texts(TEXT, checkpoint)
    data = made.split("score")
    assert torch.equal(data.inputs, data.targets)
    assert [made.tokens[t] for t in data.inputs[0, [0, 1, -1]].tolist()] == [
        "[CLS]",
        " the",
        "[SEP]",
    ]
    assert made.marks == (2, 3)


def test_typed_text_makes_shorter_snippets(folder):
    checkpoint = opened(folder, words_tokenizer(folder))
    made = task_from_texts("the cat sat on the mat and the dog ran " * 10, checkpoint)
    assert made.split("explain").inputs.shape == (4, 9)
    assert made.summary == "Name the next token of text (10 snippets of 9 tokens)."


def test_snippets_are_no_longer_than_the_network_reads(folder):
    checkpoint = opened(folder, words_tokenizer(folder))
    checkpoint.network.most_positions = 16
    assert task_from_texts(TEXT, checkpoint).split("explain").inputs.shape[1] == 16


def test_the_built_in_text_needs_no_file(folder):
    made = task_from_texts(None, opened(folder, bytes_tokenizer(folder)))
    assert made.title == "documentation of networkx" and len(made.split("explain")) == 200
    assert " the" in made.tokens and "↵" in made.tokens


def test_tokens_are_readable_and_each_another(folder):
    size = bytes_tokenizer(folder)
    made = open_tokenizer(str(folder), "tiny")
    shown = shown_tokens(made, size + 2)
    assert len(set(shown)) == len(shown) == size + 2
    text = 'the "café"\n'
    ids = made.encode(text).ids
    assert "".join(shown[t] for t in ids) == 'the␣"caf\\xc3\\xa9"↵'
    assert shown[-1] == f"<no token {size + 1}>"


def _bad(kind: str, folder) -> tuple[object, Checkpoint]:
    size = words_tokenizer(folder) if kind != "damaged" else 12
    checkpoint = opened(folder, size)
    if kind == "numbers":
        return TEXT, Checkpoint("mlp", MLP([2, 2]))
    if kind == "headless":
        bare = type("Headless", (GPT,), {"output_size": property(lambda self: 4)})
        network = bare(tokens=size, width=4, heads=2, feed_forward=(8,))
        return TEXT, Checkpoint("bare", network, origin=checkpoint.origin)
    if kind == "no tokenizer":
        return TEXT, Checkpoint("tiny", checkpoint.network)
    if kind == "empty folder":
        return TEXT, opened(folder / "none", size)
    if kind == "damaged":
        folder.mkdir()
        (folder / "tokenizer.json").write_text('{"model": {}}')
    if kind == "another network's":
        return TEXT, opened(folder, size - 4)
    content = {
        "empty": b"",
        "typed nothing": " ",
        "short": "the cat sat",
        "binary": b"\x00\x01" * 500,
        "latin": "é".encode("latin-1") * 500,
    }
    return content.get(kind, TEXT), checkpoint


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("numbers", "reads numbers"),
        ("headless", "without a head"),
        ("no tokenizer", "found no tokenizer"),
        ("empty folder", "found no tokenizer"),
        ("damaged", "damaged tokenizer"),
        ("another network's", "another network's"),
        ("empty", "empty file"),
        ("typed nothing", "empty text"),
        ("short", "3 tokens"),
        ("binary", "binary file"),
        ("latin", "no UTF-8 text"),
    ],
)
def test_what_makes_no_task_is_said_in_a_sentence(kind, found, folder):
    source, checkpoint = _bad(kind, folder)
    with pytest.raises(TaskError, match=found) as problem:
        task_from_texts(source, checkpoint)
    assert "expected" in str(problem.value) and "\n" not in str(problem.value)
    assert user_tasks() == {}


def test_a_huge_text_is_not_read(folder, tmp_path):
    checkpoint = opened(folder, words_tokenizer(folder))
    with (tmp_path / "huge.txt").open("wb") as stream:
        stream.truncate(60_000_000)
    with pytest.raises(TaskError, match="more than 50 MB"):
        task_from_texts(tmp_path / "huge.txt", checkpoint)


def test_a_kept_text_that_was_changed_is_no_task(folder, tmp_path):
    checkpoint = opened(folder, words_tokenizer(folder))
    made = task_from_texts(TEXT, checkpoint)
    path = tmp_path / "home" / "tasks" / f"{made.name}.task"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    kept._made.cache_clear()
    with pytest.raises(TaskError, match="changed"):
        task(made.name)
