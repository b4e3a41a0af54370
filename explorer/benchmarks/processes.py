"""Processes of this machine, as Linux lists them under ``/proc``."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def server_on(port: int) -> int:
    """Return the id of the process that serves the app on a port.

    Raises
    ------
    ProcessLookupError
        If there is none.
    """
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended
        if f"--server.port={port}".encode() in words:
            return int(path.name)
    raise ProcessLookupError(f"found no server on port {port}; expected one")


def children(process: int) -> set[int]:
    """Return the ids of the processes that a process has started."""
    found: set[int] = set()
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found |= {int(word) for word in path.read_text().split()}
        except OSError:
            continue
    return found


def cpu_seconds(process: int) -> float:
    """CPU time of a process so far, all its threads together; 0 if it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def alive(process: int) -> bool:
    """Whether a process is there, and not only waiting to be counted out.

    Examples
    --------
    >>> alive(os.getpid()), alive(2**22 + 1)
    (True, False)
    """
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
