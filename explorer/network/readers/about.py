"""What a file that ``explorer.save`` wrote says about itself."""

import json
from collections.abc import Mapping
from typing import Any

from explorer.errors import FileFormatError

MAX_NESTING = 8
MAX_METRIC = 1e15


def parse_about(text: str, name: str) -> Mapping[str, Any]:
    """Read the description in a file's metadata, and check that it is one.

    Raises
    ------
    FileFormatError
    """
    try:
        about = json.loads(text)
        if is_deeper(about, MAX_NESTING):
            about = None
        json.dumps(about, ensure_ascii=False).encode()  # refuses half characters
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or not isinstance(about.get("architecture"), dict):
        raise FileFormatError(
            f"{name} holds a description of itself that cannot be read; expected the one that "
            f"explorer.save writes"
        )
    for key, kind in (("name", str), ("task", str), ("config", dict), ("metrics", dict)):
        if not isinstance(about.get(key), kind | None):
            raise FileFormatError(
                f"{name} describes its {key} as {about.get(key)!r:.60}; expected what "
                f"explorer.save writes"
            )
    for key, value in (about.get("metrics") or {}).items():
        if type(value) not in (int, float) or not abs(value) < MAX_METRIC:
            raise FileFormatError(
                f"{name} records the figure {key!r:.40} as {value!r:.40}; expected a finite number"
            )
    return about


def is_deeper(value: Any, levels: int) -> bool:
    """Tell whether lists and dictionaries stand in each other more than so many levels deep."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(is_deeper(item, levels - 1) for item in inner)
