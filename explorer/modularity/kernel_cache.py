"""Compiled kernels on disk: thrown away when any of their sources has changed.

numba keeps compiled functions in ``__pycache__`` and compiles one anew when *its own* file has
changed. It does not see that a kernel which is called from another file has changed, and would go
on using the old one: after an update, with other arrays than the callers pass, memory is corrupted.
"""

import hashlib
from pathlib import Path

_STAMP = "kernels.sha256"


def drop_stale_kernels(folder: Path) -> bool:
    """Delete the compiled kernels of a folder if its sources are others than they were made from.

    Parameters
    ----------
    folder : Path
        With files named ``*_kernels.py``, none of which calls a kernel from another folder.

    Returns
    -------
    bool
        Whether anything was thrown away. A folder that cannot be written is left alone.
    """
    digest = hashlib.sha256()
    for source in sorted(folder.glob("*_kernels.py")):
        digest.update(source.read_bytes())
    cache = folder / "__pycache__"
    stamp = cache / _STAMP
    try:
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            return False
        compiled = [*cache.glob("*.nbi"), *cache.glob("*.nbc")]
        for file in compiled:
            file.unlink(missing_ok=True)
        cache.mkdir(exist_ok=True)
        stamp.write_text(digest.hexdigest())
    except OSError:
        return False
    return bool(compiled)
