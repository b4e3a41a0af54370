"""What is let into the database: strings of bounded length, plain JSON, moments in UTC."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from explorer.errors import CurationError

MAX_TEXT = 10_000
MAX_NAME = 200
MAX_JSON = 500_000


def checked(value: object, what: str, limit: int = MAX_NAME, needed: bool = False) -> str:
    """Return a string that both databases can keep, without white space around it.

    Raises
    ------
    CurationError
        If it is no string, too long, empty though it is needed, or holds characters that cannot
        be kept (NUL, or half of a surrogate pair).
    """
    if not isinstance(value, str):
        raise CurationError(f"found {type(value).__name__} as {what}; expected a text")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise CurationError(
            f"found a character in the {what} that cannot be kept (NUL or half a surrogate pair); "
            f"expected text"
        )
    found = value.strip()
    if len(found) > limit:
        raise CurationError(
            f"found {len(found):,} characters as {what}; expected at most {limit:,}"
        )
    if needed and not found:
        raise CurationError(f"found no {what}; expected one")
    return found


def as_json(value: object, what: str) -> str:
    """Write plain data as canonical JSON; a number that is not finite becomes null.

    Raises
    ------
    CurationError
        If it is no plain data or too much.
    """
    try:
        found = json.dumps(
            finite(value), sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True
        )
    except (TypeError, ValueError, RecursionError):
        raise CurationError(
            f"found {what} that cannot be written as JSON; expected numbers, strings, lists and "
            f"dictionaries by string"
        ) from None
    if len(found) > MAX_JSON:
        raise CurationError(
            f"found {len(found):,} characters of JSON as {what}; expected at most {MAX_JSON:,}"
        )
    return found


def finite(value: Any) -> Any:
    """Replace every number that is not finite, for which JSON has no word, by None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def content_id(content: Mapping[str, Any]) -> str:
    """Hash of plain data, of 32 digits."""
    return hashlib.sha256(as_json(content, "an entry").encode()).hexdigest()[:32]
