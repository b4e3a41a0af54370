"""The words that a text about a part may be made of, and how a text is cut into them."""

import re
import unicodedata
from dataclasses import dataclass

LONGEST_LABEL = 32
LONGEST_TEXT = 600  # characters of a text that are looked at


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_VERBS = {
    "active": """active activate activates activated fire fires firing respond responds responding
        react reacts detect detects detecting recognise recognises recognize recognizes handle
        handles specialise specialises specialize specializes specialised specialized carries
        carry sensitive tuned""",
    "needed": """without needed lost lose loses drop drops fall falls suffer suffers fail fails
        required essential necessary removing ablating ablated cut cutting""",
    "reads": "read reads reading receives",
    "promotes": "promote promotes favours favors boosts",
}
VERBS = {word: kind for kind, words in _VERBS.items() for word in words.split()}
WITH_FIGURE = _set("lose loses drop drops fall falls by")
NEGATORS = _set("not no never neither nor cannot isn't aren't doesn't don't won't inactive")
ALL = _set("all every each any")
EXCEPT = _set("except excluding")
ONLY = _set("only solely exclusively")
MOST = _set("mostly mainly especially most strongly strongest")
NOTHING = _set("nothing none")
AND = frozenset(("and", "or", "nor", "&", ","))
BREAKS = _set("but while whereas")
NOUNS = _set(
    """class classes label labels digit digits image images number numbers example examples
    word words token tokens skill skills side handwritten"""
)
NEUTRAL = NOUNS | _set(
    """a an the it its this that is are be becomes and or of on for to in by with at when
    where which both also as such from accuracy module modules neuron neurons interface part network
    if does do"""
)
VOCABULARY = (
    frozenset(VERBS)
    | NEGATORS
    | ALL
    | EXCEPT
    | ONLY
    | MOST
    | NOTHING
    | BREAKS
    | NEUTRAL
    | WITH_FIGURE
)

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_UNIT = r"(?:%|(?:points?|percent|nats?|times|neurons?|weights?)\b)"
_TOKEN = re.compile(
    rf"""
    (?P<quoted>"[^"]*"|“[^”]*”)
  | (?P<figure>(?<![\w.])[x×]{_NUMBER}(?![\w.]*\w)
      |(?<![\w.])(?:{_NUMBER},\s)*{_NUMBER}\sand\s{_NUMBER}\s?{_UNIT}
      |(?<![\w.])[-+−]?{_NUMBER}\s?{_UNIT})
  | (?P<word>{_NUMBER}(?!\w)|\w+(?:['’-]\w+)*)
  | (?P<stop>[.!?;:])
  | (?P<comma>,)
  | (?P<other>\S)
    """,
    re.VERBOSE,
)
_QUOTES = str.maketrans({'"': "'", "“": "'", "”": "'"})


@dataclass(frozen=True)
class Token:
    """A piece of a text: its kind, as it is written, and in small letters."""

    kind: str
    text: str
    lower: str


def tokens_of(text: str) -> list[Token]:
    """Cut a text into words, quoted labels, figures and marks.

    Examples
    --------
    >>> [token.text for token in tokens_of('Active on 13; "the" loses 4 points.')]
    ['Active', 'on', '13', ';', '"the"', 'loses', '4 points', '.']
    """
    found = []
    for match in _TOKEN.finditer(one_line(text)[:LONGEST_TEXT]):
        kind, piece = str(match.lastgroup), match.group()
        lower = piece[1:-1].strip().lower() if kind == "quoted" else piece.lower()
        found.append(Token(kind, piece, lower.replace("’", "'")))
    return found


def one_line(text: str) -> str:
    r"""Return a text without control characters, on one line.

    >>> one_line("3  and\n8\x07")
    '3 and 8'
    """
    kept = (c if unicodedata.category(c)[0] != "C" or c.isspace() else "" for c in text)
    return " ".join("".join(kept).split())


def clean_label(label: str) -> str:
    r"""Return a label of the data as it may stand in a text: one line, no quotes, capped.

    A space before a token, which says that it begins a word, stays.

    >>> clean_label(" the"), clean_label(" a\n b ")
    (' the', ' a b')
    """
    line = one_line(label[: 4 * LONGEST_LABEL]).translate(_QUOTES)
    line = f" {line}" if line and label[:1] == " " else line
    return line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1] + "…"


def words_of(label: str) -> tuple[str, ...]:
    """Return the words of a cleaned label in small letters, for comparison."""
    return tuple(token.lower for token in tokens_of(clean_label(label)))


def needs_quotes(label: str) -> bool:
    """Tell whether a label could be taken for something else where it stands without quotes.

    >>> [needs_quotes(label) for label in ("3", "ankle boot", "the", "not 3", "<b>")]
    [False, False, True, True, True]
    """
    tokens = tokens_of(clean_label(label))
    if not tokens or label[:1] == " " or any(token.kind != "word" for token in tokens):
        return True
    if len(tokens) == 1:
        return tokens[0].lower in VOCABULARY
    return any(token.lower in VOCABULARY - NEUTRAL for token in tokens)


def written(label: str, always: bool = False) -> str:
    """Write a label, in quotes where it needs them."""
    cleaned = clean_label(label)
    return f'"{cleaned}"' if always or needs_quotes(label) else cleaned


def word_count(text: str) -> int:
    """Count the words of a text, as people do: what stands between spaces.

    >>> word_count("Active on 3; without it 3 loses 4 points.")
    9
    """
    return len(text.split())
