"""Words to find a text by, the same for SQLite and Postgres.

Neither database is left to decide what a word is, so both find the same: a text is cut into words
here, without case and accents, and the databases only index them. A query finds what has, for every
word of it, a word that begins with it.
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 64
_MOST = 16  # words of a query that count


def words(text: str) -> list[str]:
    """Cut a text into words of letters and digits, lower case, without accents.

    Examples
    --------
    >>> words("Left-hand digit: ‘Ähre’ or 3_x")
    ['left', 'hand', 'digit', 'ahre', 'or', '3', 'x']
    """
    parted = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in parted if not unicodedata.category(letter).startswith("M"))
    return [word[:_LONGEST] for word in _WORD.findall(plain.casefold())]


def indexed(*texts: str) -> str:
    """Join the words of some texts as the databases keep them."""
    return " ".join(word for text in texts for word in words(text))


def sqlite_query(query: str) -> str:
    """Write a query for FTS5; empty if it has no word. Any string is safe.

    Examples
    --------
    >>> sqlite_query('left OR "dig')
    '"left"* "or"* "dig"*'
    """
    return " ".join(f'"{word}"*' for word in words(query)[:_MOST])


def postgres_query(query: str) -> str:
    """Write a query for ``tsquery``; empty if it has no word. Any string is safe.

    Examples
    --------
    >>> postgres_query("left & !dig")
    "'left':* & 'dig':*"
    """
    return " & ".join(f"'{word}':*" for word in words(query)[:_MOST])
