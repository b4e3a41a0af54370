"""Winograd schemas from the files that are published: WSC273 (XML or JSON) and WinoGrande.

A schema is a text with a gap and two things that could fill it. Networks that read free text are
scored on it by the log-probability that they give to the text filled in either way; nothing is
downloaded here.

References
----------
Levesque, Davis, Morgenstern (2012), The Winograd schema challenge. Sakaguchi et al. (2019),
WinoGrande, arXiv:1907.10641. Trinh and Le (2018), A simple method for commonsense reasoning,
arXiv:1806.02847: scoring by the probability of the text, or of what follows the gap.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from explorer.errors import TaskError
from explorer.network.tasks.margins import PairScore, score_margins

MAX_BYTES = 50_000_000
_POSSESSIVE = ("my", "his", "her", "our", "their", "your")
_SMALL_INSIDE = ("A", "An", "The", "My", "His", "Her", "Our", "Their", "Some", "This", "That")


@dataclass(frozen=True)
class WinogradSchema:
    """A text with a gap, what fills it, and what could but should not.

    Attributes
    ----------
    before, after : str
        The text on either side of the gap.
    right, wrong : str
        What fills the gap.

    Examples
    --------
    >>> WinogradSchema("The cup would not fit since", "was too big.", "the cup", "it").right_text
    'The cup would not fit since the cup was too big.'
    """

    before: str
    after: str
    right: str
    wrong: str

    @property
    def right_text(self) -> str:
        """The whole text, filled as it should be."""
        return _joined(self.before, self.right, self.after)

    @property
    def wrong_text(self) -> str:
        """The whole text, filled as it should not be."""
        return _joined(self.before, self.wrong, self.after)


def margin(
    schema: WinogradSchema, log_probability: Callable[[str], float], partial: bool = False
) -> float:
    """Log-probability of the right text minus that of the wrong one, in nats.

    Parameters
    ----------
    schema : WinogradSchema
    log_probability : callable
        Takes a text and gives its log-probability under a network, in nats.
    partial : bool
        Count only what follows the gap: log p(before, filling, after) - log p(before, filling).
        A filling that is frequent by itself then has no advantage.
    """

    def score(filling: str) -> float:
        whole = log_probability(_joined(schema.before, filling, schema.after))
        return whole - log_probability(_joined(schema.before, filling, "")) if partial else whole

    return score(schema.right) - score(schema.wrong)


def score_schemas(
    schemas: Sequence[WinogradSchema],
    log_probability: Callable[[str], float],
    partial: bool = False,
) -> PairScore:
    """Score a network on schemas; see ``margin``."""
    return score_margins([margin(schema, log_probability, partial) for schema in schemas])


def load_winograd(path: str | os.PathLike[str]) -> tuple[WinogradSchema, ...]:
    """Read schemas from a file.

    Parameters
    ----------
    path : path
        The XML collection of Davis (``WSCollection.xml``), its JSON form (a list, or one object a
        line, with ``text``, ``pronoun``, ``pronoun_loc``, ``options`` and ``label``), or WinoGrande
        (one object a line, with ``sentence``, in which ``_`` is the gap, ``option1``, ``option2``
        and ``answer``).

    Returns
    -------
    tuple of WinogradSchema
        A pronoun is replaced by either thing: made possessive where the pronoun is ("her" is always
        taken to be), its article small where it does not start a sentence.

    Raises
    ------
    TaskError
        If the file cannot be read, is over 50 MB, or holds something else.
    """
    name = Path(path).name
    try:
        size = Path(path).stat().st_size
        if size > MAX_BYTES:
            raise TaskError(f"found {name} of {size:,} bytes; expected at most {MAX_BYTES:,}")
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise TaskError(
            f"{name:.80} cannot be read ({type(problem).__name__}); expected a file of Winograd "
            f"schemas in UTF-8"
        ) from problem
    found = tuple(_from_xml(text, name) if text.lstrip()[:1] == "<" else _from_json(text, name))
    if not found:
        raise TaskError(f"found no schema in {name:.80}; expected at least one")
    return found


def _from_xml(text: str, name: str) -> Iterator[WinogradSchema]:
    if "<!ENTITY" in text:
        raise TaskError(f"found entity definitions in {name:.80}; expected plain XML")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as problem:
        raise TaskError(f"{name:.80} is no XML ({problem}); expected WSCollection.xml") from problem
    for number, schema in enumerate(root.iter("schema"), start=1):
        parts = [schema.findtext(f"text/{part}") or "" for part in ("txt1", "pron", "txt2")]
        options = [_plain(answer.text or "") for answer in schema.findall("answers/answer")]
        letter = (schema.findtext("correctAnswer") or "").strip().strip(".").upper()
        if not parts[1].strip() or len(options) != 2 or letter not in ("A", "B"):
            raise TaskError(
                f"found schema {number} of {name:.80} without a pronoun, two answers and a "
                f"correct answer A or B; expected all of them"
            )
        before, pronoun, after = map(_plain, parts)
        yield _of_pronoun(before, pronoun, after, options, "AB".index(letter))


def _from_json(text: str, name: str) -> Iterator[WinogradSchema]:
    try:
        if text.lstrip()[:1] == "[":
            rows = json.loads(text)
        else:
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (json.JSONDecodeError, RecursionError) as problem:
        raise TaskError(
            f"{name:.80} is no JSON ({type(problem).__name__}); expected a list of schemas or one "
            f"a line"
        ) from problem
    for number, row in enumerate(rows, start=1):
        try:
            yield _of_row(row)
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            raise TaskError(
                f"found schema {number} of {name:.80} with no {problem!s:.60}; expected the "
                f"fields of WSC273 (text, pronoun, pronoun_loc, options, label) or of WinoGrande "
                f"(sentence with one _, option1, option2, answer 1 or 2)"
            ) from problem


def _of_row(row: Any) -> WinogradSchema:
    if "sentence" in row:
        before, gap, after = _text(row["sentence"]).partition("_")
        if not gap or "_" in after:
            raise ValueError("gap that is one _")
        answer = ("1", "2").index(str(row["answer"]))
        options = [_text(row["option1"]), _text(row["option2"])]
        return WinogradSchema(_plain(before), _plain(after), options[answer], options[1 - answer])
    text, at, pronoun = _text(row["text"]), row["pronoun_loc"], _text(row["pronoun"])
    if type(at) is not int or not pronoun or text[at : at + len(pronoun)] != pronoun:
        raise ValueError("pronoun at pronoun_loc")
    options, label = [_text(option) for option in row["options"]], int(row["label"])
    if len(options) != 2 or label not in (0, 1):
        raise ValueError("two options and a label 0 or 1")
    before, after = _plain(text[:at]), _plain(text[at + len(pronoun) :])
    return _of_pronoun(before, pronoun, after, options, label)


def _of_pronoun(
    before: str, pronoun: str, after: str, options: Sequence[str], answer: int
) -> WinogradSchema:
    starts = not before or before[-1] in ".!?"

    def filling(option: str) -> str:
        first, space, rest = option.partition(" ")
        fitted = option if starts or first not in _SMALL_INSIDE else first.lower() + space + rest
        return f"{fitted}'s" if pronoun.lower() in _POSSESSIVE else fitted

    return WinogradSchema(before, after, filling(options[answer]), filling(options[1 - answer]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError("text where one belongs")
    return value if value.strip() == value else value.strip()


def _plain(text: str) -> str:
    return " ".join(text.split())


def _joined(before: str, filling: str, after: str) -> str:
    space = "" if not after or after[0] in ".,;:!?')" else " "
    return f"{before} {filling}{space}{after}".strip()
