"""Folders with tokenizers so small that a test makes them."""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

WORDS = ["the", "cat", "dog", "sat", "ran", "on", "under", "mat", "tree", "and", "a"]
TEXT = " ".join(
    f"the {('cat', 'dog')[n % 2]} {('sat', 'ran')[n // 2 % 2]} "
    f"{('on', 'under')[n // 4 % 2]} {('the', 'a')[n % 3 == 0]} {('mat', 'tree')[n % 5 == 0]} and"
    for n in range(400)
)


def words_tokenizer(folder: Path, marks: bool = False) -> int:
    """Write a tokenizer of whole words in the manner of SentencePiece; return its size."""
    vocabulary = {
        token: at for at, token in enumerate(["<unk>", "<bos>", *(f"▁{w}" for w in WORDS)])
    }
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    made.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    made.decoder = decoders.Replace("▁", " ")
    made.add_special_tokens(["<unk>", "<bos>"])
    if marks:
        made.post_processor = processors.TemplateProcessing(
            single="<bos> $A", special_tokens=[("<bos>", 1)]
        )
    folder.mkdir(parents=True, exist_ok=True)
    made.save(str(folder / "tokenizer.json"))
    return len(vocabulary)


def bytes_tokenizer(folder: Path) -> int:
    """Write the vocab.json and merges.txt of a GPT-2 that knows bytes and one merge."""
    letters = [*map(chr, range(33, 127)), *map(chr, range(161, 173)), *map(chr, range(174, 256))]
    letters += [chr(256 + n) for n in range(256 - len(letters))]
    vocabulary = {token: at for at, token in enumerate([*letters, "th", "Ġthe", "he", "Ġt"])}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\nt h\nh e\nĠ t\nĠt he\n", "utf-8")
    return len(vocabulary)


def pieces_tokenizer(folder: Path) -> int:
    """Write the vocab.txt of a BERT."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, "##s", "."]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    return len(words)
