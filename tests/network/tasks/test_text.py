"""Texts: windows that never leave their split, characters that come back."""

import hashlib
from itertools import combinations

import numpy as np
import pytest
import torch

from explorer.errors import TaskError
from explorer.network.tasks import SPLITS, task, task_from_text
from explorer.network.tasks.text import ASCII, CONTEXT, REPLACEMENT, docstrings, encode

# Of the pinned version of networkx.
HASH = "d229c3de4b16045a5c42498689ff451468c1e55f8110d812080cf8de840ff3b0"


def read(tokens, row) -> str:
    return "".join(tokens[index] for index in row.tolist())


def numbered(count=20_000):
    """Make a text whose characters tell where they stand, so that windows can be placed in it."""
    return " ".join(str(n) for n in range(count))


def places(made, text, examples) -> list[int]:
    return [text.index(read(made.tokens, row)) for row in examples.inputs]


def test_the_built_in_text_is_the_same_on_every_computer():
    text = docstrings("networkx")
    assert len(text) > 1_000_000
    plain = "".join(c for c in text if c in set(ASCII))
    assert hashlib.sha256(plain.encode()).hexdigest() == HASH
    made = task("characters")
    assert len(made.tokens) == 96 and made.networks == ("gpt",)
    assert read(made.tokens, torch.from_numpy(encode(text, ASCII))) == plain


def test_shapes():
    made = task("characters")
    for split in SPLITS:
        examples = made.split(split)
        assert examples.inputs.shape == examples.targets.shape == (len(examples), CONTEXT)
        assert examples.inputs.dtype == examples.targets.dtype == torch.int64
        assert torch.equal(examples.inputs[:, 1:], examples.targets[:, :-1])
    assert len(made.split("train")) == 10_000 and len(made.split("test")) == 1_000


def test_no_character_is_in_two_splits():
    text = numbered()
    made = task_from_text(text.encode(), "numbers.txt")
    covered = {}
    for split in SPLITS:
        examples = made.split(split)
        starts = places(made, text, examples)
        assert len(set(starts)) == len(starts)
        covered[split] = {at + k for at in starts for k in range(CONTEXT + 1)}
        for at, following in zip(starts, examples.targets, strict=True):
            assert read(made.tokens, following) == text[at + 1 : at + 1 + CONTEXT]
    batch = made.batch(torch.Generator().manual_seed(0), 2_000)
    drawn = {at + k for at in places(made, text, batch) for k in range(CONTEXT + 1)}
    assert not any(covered[a] & covered[b] for a, b in combinations(SPLITS, 2))
    assert not any(drawn & covered[split] for split in SPLITS[1:])
    # What is drawn reaches nearly everything that the training split has, ends of blocks included.
    assert len(drawn & covered["train"]) > 0.7 * len(covered["train"])


def test_every_split_is_spread_over_a_long_text():
    text = numbered(80_000)
    made = task_from_text(text.encode(), "numbers.txt")
    for split in SPLITS:
        starts = places(made, text, made.split(split))
        assert min(starts) < 0.1 * len(text) and max(starts) > 0.85 * len(text)


def test_draws_follow_the_generator():
    made = task("characters")
    a, b, c = (made.batch(torch.Generator().manual_seed(s), 8).inputs for s in (1, 1, 2))
    assert torch.equal(a, b) and not torch.equal(a, c)
    assert a.shape == (8, CONTEXT)


def test_line_ends_and_byte_order_mark():
    made = task_from_text(b"\xef\xbb\xbf" + b"one\r\ntwo\rthree\n" * 500, "lines.txt")
    assert made.tokens == ("\n", "e", "h", "n", "o", "r", "t", "w")


def test_rare_characters_become_the_replacement():
    rare = "".join(map(chr, range(0x4E00, 0x4E00 + 400)))
    frequent = "".join(map(chr, range(0x3B1, 0x3B1 + 20))) * 500
    made = task_from_text((frequent + rare).encode(), "mixed.txt")
    assert len(made.tokens) == 201 and made.tokens[-1] == REPLACEMENT
    assert set(frequent) <= set(made.tokens)
    assert (
        read(made.tokens, torch.from_numpy(encode("αβ\u4e00\u9999", made.tokens))) == "αβ一\ufffd"
    )
    # Of equally rare characters, those of lower code points stay.
    assert "\u4e00" in made.tokens and chr(0x4E00 + 399) not in made.tokens


def test_a_text_that_has_the_replacement_itself():
    made = task_from_text(("ab\ufffd" * 3_000).encode(), "odd.txt")
    assert made.tokens == ("a", "b", REPLACEMENT)
    assert made.split("test").inputs.unique().tolist() == [0, 1, 2]


def test_the_shortest_text():
    made = task_from_text(b"abcde" * 1_000, "short.txt")
    assert [len(made.split(split)) for split in SPLITS] == [42, 7, 7, 7, 7]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "found an empty file"),
        (b" \n\n", "found an empty file"),
        (b"abc", "found a text of 3 characters; expected at least 5,000"),
        (b"a" * 6_000, "found a text of nothing but 'a'; expected at least two"),
        (b"caf\xe9 " * 2_000, "found bytes that are no UTF-8 text, the first at byte 4"),
        (b"\x7fELF\0\0" * 2_000, "found a binary file"),
        (b"a\nb" * 20_000_000, "found a file of more than 50 MB"),
    ],
    ids=["empty", "blank", "short", "one", "latin", "binary", "large"],
)
def test_bad_texts_are_one_sentence(data, sentence):
    with pytest.raises(TaskError, match=sentence):
        task_from_text(data, "bad.txt")


def test_a_file_by_its_path(tmp_path):
    (tmp_path / "a.txt").write_text(numbered(2_000), "utf-8")
    made = task_from_text(tmp_path / "a.txt", "a.txt")
    assert made.name == task_from_text(numbered(2_000).encode(), "b.txt").name
    with pytest.raises(TaskError, match=r"found no readable file 'b.txt' \(No such file"):
        task_from_text(tmp_path / "b.txt", "b.txt")
    with pytest.raises(TaskError, match="found no readable file"):
        task_from_text(tmp_path, "folder")
    with pytest.raises(TaskError, match="null byte"):
        task_from_text("a\0b", "odd")


def test_encoding_without_a_replacement_leaves_out():
    assert np.array_equal(encode("a-b-c", ("a", "c")), [0, 1])
