"""The tokenizer that came with a network: opened without running code, its tokens made readable."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import TaskError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_BYTES = 200_000_000
_NEEDED = (
    "expected a folder with a tokenizer.json (or the vocab.json and merges.txt of a GPT-2, or the "
    "vocab.txt of a BERT) beside the weights"
)
_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_SHOWN = {"\n": "↵", "\r": "␍", "\t": "⇥"}


def open_tokenizer(folder: str | None, name: str) -> "Tokenizer":
    """Open the tokenizer in a folder.

    Parameters
    ----------
    folder : str or None
        See ``explorer.network.checkpoint.Origin.tokenizer``.
    name : str
        Of the network, for messages.

    Raises
    ------
    TaskError
        If there is none, or it cannot be read.
    """
    if folder is None:
        raise TaskError(f"found no tokenizer with {name}, so texts cannot be read; {_NEEDED}")
    place = Path(folder)
    with _readable(name):
        from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer, Tokenizer

        if _is_file(place / "tokenizer.json"):
            made = Tokenizer.from_file(str(place / "tokenizer.json"))
            made.no_truncation()
            made.no_padding()
            return made
        if _is_file(place / "vocab.json") and _is_file(place / "merges.txt"):
            paths = str(place / "vocab.json"), str(place / "merges.txt")
            return Tokenizer.from_str(ByteLevelBPETokenizer(*paths).to_str())
        if _is_file(place / "vocab.txt"):
            return Tokenizer.from_str(BertWordPieceTokenizer(str(place / "vocab.txt")).to_str())
    raise TaskError(f"found no tokenizer in the folder of {name}; {_NEEDED}")


def shown_tokens(tokenizer: "Tokenizer", size: int) -> tuple[str, ...]:
    r"""Write every token of a vocabulary as people read it, each in another way.

    The mark of a new word becomes a space (``▁the`` and ``Ġthe`` are ``" the"``), bytes become
    their characters, line ends and tabs are signs, and spaces alone are ``␣``.

    Parameters
    ----------
    tokenizer : Tokenizer
    size : int
        Tokens that the network knows: those that the tokenizer has not are called ``<no token 7>``.

    Examples
    --------
    >>> from tokenizers import Tokenizer, decoders, models
    >>> made = Tokenizer(models.BPE({"▁the": 0, "ing": 1, "<0x0A>": 2, "▁▁": 3}, []))
    >>> made.decoder = decoders.Metaspace()
    >>> shown_tokens(made, 5)
    (' the', 'ing', '↵', '␣␣', '<no token 4>')
    """
    found = {at: token for token, at in tokenizer.get_vocab(with_added_tokens=True).items()}
    special = {at for at, one in tokenizer.get_added_tokens_decoder().items() if one.special}
    kind = _kind(tokenizer)
    table = _byte_table() if kind == "bytes" else {}
    raw = [found.get(at, f"<no token {at}>") for at in range(size)]
    shown = [
        one if at in special or at not in found else _shown(one, kind, table)
        for at, one in enumerate(raw)
    ]
    taken: set[str] = set()
    # What stands for itself goes before single bytes, which may look the same.
    for at in sorted(range(size), key=lambda at: _BYTE.fullmatch(raw[at]) is not None):
        for name in (shown[at], raw[at], f"{shown[at]} (token {at})"):
            if name not in taken and name:
                break
        shown[at] = name
        taken.add(name)
    return tuple(shown)


def _kind(tokenizer: "Tokenizer") -> str:
    """How tokens tell where words begin: by the kind of decoder."""
    written = repr(tokenizer.decoder)
    if "ByteLevel" in written:
        return "bytes"
    if "WordPiece" in written:
        return "pieces"
    if tokenizer.decoder is None or type(tokenizer.decoder).__name__ == "Decoder":
        return "words"
    return "ends" if "BPEDecoder" in written else "marks"


def _shown(token: str, kind: str, table: dict[str, int]) -> str:
    if kind == "bytes" and all(character in table for character in token):
        token = bytes(table[character] for character in token).decode("utf-8", "backslashreplace")
    elif kind == "pieces":
        token = token[2:] if token.startswith("##") else f" {token}"
    elif kind == "words":
        token = f" {token}"
    elif kind == "ends":
        token = f"{token.removesuffix('</w>')} " if token.endswith("</w>") else token
    else:
        token = token.replace("▁", " ")
        if match := _BYTE.fullmatch(token):
            character = chr(int(match[1], 16))
            token = character if character.isascii() else token
    if token and not token.strip(" "):
        return "␣" * len(token)
    return "".join(
        character if character.isprintable() else _SHOWN.get(character, f"<U+{ord(character):04X}>")
        for character in token
    )


def _byte_table() -> dict[str, int]:
    """Which byte a character of a byte-level vocabulary stands for, as GPT-2 has it."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in kept]
    return {chr(byte): byte for byte in kept} | {chr(256 + n): b for n, b in enumerate(others)}


def _is_file(path: Path) -> bool:
    if not path.is_file():
        return False
    if path.stat().st_size > MAX_BYTES:
        raise TaskError(
            f"found a {path.name} of {path.stat().st_size / 1e6:,.0f} MB; expected at most "
            f"{MAX_BYTES / 1e6:.0f} MB"
        )
    return True


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn whatever a damaged tokenizer makes the library raise into one sentence."""
    try:
        yield
    except (TaskError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # its panics are no kind of Exception
        reason = " ".join(str(problem).split())[:120]
        raise TaskError(f"found a damaged tokenizer of {name} ({reason}); {_NEEDED}") from problem
