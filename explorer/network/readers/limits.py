"""How large a file may be, by the entrance it comes through."""

import math
import os

from explorer.errors import FileTooLargeError

MAX_FILE_BYTES = 200 * 2**20  # of an upload, and of whatever is read into memory as a whole
LIMIT = "EXPLORER_MAX_FILE_GB"  # of a file or folder that is opened by its path
_DEFAULT_GB = 8.0


def path_limit() -> int:
    """Bytes that a file or folder on this computer may have.

    Examples
    --------
    >>> path_limit() // 2**30
    8
    """
    try:
        found = float(os.environ.get(LIMIT, _DEFAULT_GB))
    except ValueError:
        found = _DEFAULT_GB
    return int((found if math.isfinite(found) and found > 0 else _DEFAULT_GB) * 2**30)


def check_size(size: int, name: str, limit: int | None = None) -> None:
    """Refuse a file over a limit, by default that of uploads, before it is read.

    Raises
    ------
    FileTooLargeError
    """
    limit = MAX_FILE_BYTES if limit is None else limit
    if size > limit:
        raise FileTooLargeError(
            f"{name} has {size / 2**20:,.0f} MB; at most {limit / 2**20:,.0f} MB can be opened"
            + (f" (set {LIMIT} to open more)" if limit != MAX_FILE_BYTES else "")
        )
