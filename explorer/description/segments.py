"""Cut a text into segments that each make claims of one kind, or of kinds that must all hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from explorer.description.words import (
    BREAKS,
    VERBS,
    VOCABULARY,
    Token,
    tokens_of,
)

_AFTER_AND = 2  # words that may stand between "and" and the verb of a new segment


@dataclass(frozen=True)
class Segment:
    """A part of a text.

    Attributes
    ----------
    tokens : tuple of Token
    own_kinds : tuple of str
        Kinds of claims that its own verbs make.
    kinds : tuple of str
        The same, or where it has no verb that of the segment before, or else ``active``.
    """

    tokens: tuple[Token, ...]
    own_kinds: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(token.text for token in self.tokens)


def segments_of(text: str) -> list[Segment]:
    """Cut a text at marks, at "but", and where "and" or a comma begins a new statement.

    Examples
    --------
    >>> [s.text for s in segments_of("Active on 3 and 8, and needed for 3. Not 4")]
    ['Active on 3 and 8', 'needed for 3', 'Not 4']
    """
    found = []
    kinds: tuple[str, ...] = ("active",)
    for tokens, ends in _pieces(tokens_of(text)):
        own = tuple(dict.fromkeys(VERBS[t.lower] for t in tokens if _is_verb(t)))
        kinds = own or kinds
        if tokens:
            found.append(Segment(tuple(tokens), own, kinds))
        if ends:
            kinds = ("active",)
    return found


def _pieces(tokens: list[Token]) -> Iterator[tuple[list[Token], bool]]:
    piece: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        skip = _break(tokens, at)
        if skip and (piece or token.kind == "stop"):
            yield piece, token.text in ".!?"
            piece = []
            at += skip
        else:
            piece.append(token)
            at += 1
    yield piece, True


def _break(tokens: list[Token], at: int) -> int:
    """How many tokens separate two segments here; 0 if none does."""
    token = tokens[at]
    if token.kind == "stop" or token.lower in BREAKS:
        return 1
    if token.kind != "comma" and token.lower not in ("and", "&"):
        return 0
    skip = 2 if token.kind == "comma" and _lower(tokens, at + 1) == "and" else 1
    for ahead in range(at + skip, at + skip + _AFTER_AND + 1):
        if ahead < len(tokens) and _is_verb(tokens[ahead]):
            return skip
        if _lower(tokens, ahead) not in VOCABULARY:
            return 0
    return 0


def _lower(tokens: list[Token], at: int) -> str:
    return tokens[at].lower if at < len(tokens) else ""


def _is_verb(token: Token) -> bool:
    return token.kind == "word" and token.lower in VERBS
