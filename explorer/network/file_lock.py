"""Whether a process holds a lock on a file; the hold ends with the process, however that ends."""

import fcntl
from pathlib import Path


def is_locked(path: Path) -> bool:
    """Tell whether a process of this machine holds a file; False where there is none.

    Examples
    --------
    >>> is_locked(Path("/no/such/lock"))
    False
    """
    try:
        with path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
