"""Whether a process holds a lock on a file; the hold ends with the process, however that ends."""

import fcntl
import time
from pathlib import Path
from typing import IO

_EVERY = 0.05  # seconds between tries


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


def take_lock(lock: IO[bytes], patience: float = 0.0) -> bool:
    """Hold an open file until it is closed; tell whether no other process holds it.

    Where the file system knows no locks, nobody ever holds it.

    Parameters
    ----------
    lock : binary file
    patience : float
        Seconds to wait for another process to let go.
    """
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_EVERY)
        except OSError:
            return True
        else:
            return True
