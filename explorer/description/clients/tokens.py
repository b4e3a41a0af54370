"""Turn text into a language model's tokens and back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Tokens:
    """The tokenizer of a language model.

    Where there is a ``tokenizer.json`` it is opened as it is: what transformers wraps around it
    takes twice as long to load and is not needed.

    Parameters
    ----------
    where : str
        Folder or hub id.
    """

    def __init__(self, where: str) -> None:
        file = Path(where) / "tokenizer.json"
        self._plain: Any = None
        self._wrapped: Any = None
        if file.is_file():
            from tokenizers import Tokenizer

            self._plain = Tokenizer.from_file(str(file))
            self._plain.no_truncation()
            self._plain.no_padding()
        else:
            from transformers import AutoTokenizer

            self._wrapped = AutoTokenizer.from_pretrained(where, trust_remote_code=False)

    def encode(self, text: str, special: bool = True) -> list[int]:
        """Return the tokens of a text, with those that mark its start or without."""
        if self._plain is not None:
            return list(self._plain.encode(text, add_special_tokens=special).ids)
        return list(self._wrapped(text, add_special_tokens=special)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of tokens, without special ones."""
        if self._plain is not None:
            return str(self._plain.decode(list(ids), skip_special_tokens=True))
        return str(self._wrapped.decode(list(ids), skip_special_tokens=True))
