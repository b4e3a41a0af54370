"""What the words of a text can name in a part's facts: labels, heads, what it reads or promotes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.description.rules import labels_in
from explorer.description.words import NOUNS, Token, clean_label, needs_quotes, words_of
from explorer.observation.facts import Facts

Named = tuple[str, str]  # a head and a label; the head is empty for what is read or promoted


@dataclass(frozen=True)
class Match:
    """So many tokens that name something: a head, or one or more things of the same name."""

    length: int
    head: str | None
    named: tuple[Named, ...]


class Names:
    """The names in the facts of a part, to be looked up in a text.

    Parameters
    ----------
    facts : Facts
    """

    def __init__(self, facts: Facts) -> None:
        labels = labels_in(facts)
        self.heads = tuple(dict.fromkeys(head for head, _ in labels))
        self.labels = labels
        self._heads: dict[tuple[str, ...], list[Named]] = defaultdict(list)
        for head in self.heads:
            if head not in ("token", "skill") and not needs_quotes_as_head(head):
                self._heads[words_of(head)].append((head, ""))
                self._heads[(*words_of(head)[:-1], words_of(head)[-1] + "s")].append((head, ""))
        own = _index(labels)
        self._names = {
            "active": own,
            "needed": own,
            "reads": _index([("", share.name) for share in facts.reads], NOUNS),
            "promotes": _index([("", share.name) for share in facts.promotes]),
        }
        for share in facts.promotes:  # "digit 3" may be called 3
            head, _, short = share.name.rpartition(" ")
            if head and len(self.heads) == 1:
                for key in _keys(short):
                    self._names["promotes"].setdefault(key, []).append(("", share.name))

    def of_head(self, head: str) -> tuple[Named, ...]:
        """All labels of a head."""
        return tuple(one for one in self.labels if one[0] == head)

    def match(self, tokens: Sequence[Token], at: int, kind: str) -> Match | None:
        """Return what the tokens from a place on name, the longest name first."""
        names = self._names[kind]
        token = tokens[at]
        if token.kind == "quoted":
            text = token.text[1:-1]
            space = " " if text[:1] == " " else ""
            # As it is written; then without regard to case, and to a space before it.
            ways = (
                ("quoted", space + text.strip()),
                ("quoted", text.strip()),
                ("quoted lower", space + token.lower),
                ("quoted lower", token.lower),
                ("quoted word", token.lower),
            )
            named = next((names[way] for way in ways if way in names), [])
            if not named and ("quoted", text.strip()) in self._head_quotes():
                return Match(1, text.strip(), ())
            return Match(1, None, tuple(named)) if named else None
        words = tuple(t.lower if t.kind == "word" else "" for t in tokens[at : at + 8])
        for length in range(len(words), 0, -1):
            if found := names.get(words[:length]):
                return Match(length, None, tuple(found))
            if kind in ("active", "needed") and (heads := self._heads.get(words[:length])):
                return Match(length, heads[0][0], ())
        return None

    def _head_quotes(self) -> set[tuple[str, str]]:
        return {("quoted", clean_label(head)) for head in self.heads}


def needs_quotes_as_head(head: str) -> bool:
    """Tell whether a head's name could be taken for something else; nouns such as digit may."""
    return needs_quotes(head) and head.lower() not in ("digit", "number", "image", "class", "label")


def _index(
    named: Sequence[Named], also: frozenset[str] = frozenset()
) -> dict[tuple[str, ...], list[Named]]:
    found: dict[tuple[str, ...], list[Named]] = defaultdict(list)
    for one in named:
        for key in _keys(one[1], also):
            found[key].append(one)
    return found


def _keys(label: str, also: frozenset[str] = frozenset()) -> list[tuple[str, ...]]:
    """Ways to write a label: in quotes, and without where nothing else is meant by it."""
    cleaned = clean_label(label)
    keys: list[tuple[str, ...]] = [("quoted", cleaned), ("quoted lower", cleaned.lower())]
    if cleaned[:1] == " ":
        keys.append(("quoted word", cleaned.strip().lower()))
    return keys if needs_quotes(label) and label not in also else [*keys, words_of(label)]
