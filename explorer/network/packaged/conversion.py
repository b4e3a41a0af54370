"""Convert a packaged language model once, to files that load in seconds."""

import contextlib
import errno
import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from explorer.errors import CheckpointError
from explorer.network.home import home
from explorer.network.packaged.gguf_config import config_of
from explorer.network.packaged.gguf_file import GgufFile, TensorEntry, read_gguf
from explorer.network.packaged.gguf_names import is_changed, torch_name, torch_values
from explorer.network.packaged.gguf_tokenizer import write_tokenizer
from explorer.network.packaged.packages import Packaged, assemble

VERSION = 1
WEIGHTS = "model.safetensors"
_DONE = "converted.json"
_SHARE = (0.15, 0.75)  # of the whole: putting together, unpacking; the rest is the tokenizer
_WAIT = 0.5  # seconds between looks at whether another process is done

Progress = Callable[[float, str], None]


def models_folder() -> Path:
    """Folder of converted language models."""
    return home() / "models"


def converted(model: Packaged, progress: Progress | None = None) -> Path:
    """Return the folder of a converted language model; convert it if there is none.

    One process converts at a time and the others wait for it. A conversion that was killed leaves
    nothing that counts: it is begun again. A folder whose weights are not what was written (their
    sha256 is compared) is thrown away and made anew.

    Parameters
    ----------
    model : Packaged
    progress : callable, optional
        Called with the share that is done, 0 to 1, and what is being done.

    Returns
    -------
    Path

    Raises
    ------
    CheckpointError
        If the package is missing or damaged, or the files cannot be written.
    """
    tell = progress or (lambda share, doing: None)
    folder = models_folder() / model.key
    try:
        if is_whole(folder, model):
            return folder
        with _locked(folder.with_name(f".{model.key}.lock"), tell):
            if not is_whole(folder, model):  # or else another process has done it meanwhile
                _convert(model, folder, tell)
    except OSError as problem:
        raise _unwritten(model, problem) from problem
    return folder


def is_whole(folder: Path, model: Packaged) -> bool:
    """Tell whether a folder holds what a conversion wrote, all of it and unchanged."""
    try:
        about = json.loads((folder / _DONE).read_text("utf-8"))
        same = (about["version"], about["source"]) == (VERSION, model.sha256)
        files: dict[str, str] = about["files"]
        return (
            same
            and bool(files)
            and all(_sha256(folder / Path(name).name) == digest for name, digest in files.items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _convert(model: Packaged, folder: Path, tell: Progress) -> None:
    making = folder.with_name(f".{model.key}.converting")
    shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        source = making / "model.gguf"
        assemble(model, source, lambda share: tell(_SHARE[0] * share, "checking the package"))
        found = read_gguf(source)
        _write_weights(
            found, making / WEIGHTS, lambda share: tell(_SHARE[0] + _SHARE[1] * share, "unpacking")
        )
        tell(sum(_SHARE), "reading the tokenizer")
        write_tokenizer(source, making)
        source.unlink()
        digests = {file.name: _sha256(file) for file in sorted(making.iterdir())}
        about = {"version": VERSION, "source": model.sha256, "files": digests}
        (making / _DONE).write_text(json.dumps(about, indent=1), "utf-8")
        making.replace(folder)
        tell(1.0, "done")
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _write_weights(found: GgufFile, target: Path, progress: Callable[[float], None]) -> None:
    """Write all tensors as half floats, a piece at a time; and the configuration beside them.

    The safetensors format: 8 bytes for the length of a header of JSON, the header, the numbers.
    """
    kind = str(found.settings.get("general.architecture", ""))
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    start = 0
    for entry in found.tensors:
        end = start + 2 * int(np.prod(entry.shape, dtype=np.int64))
        header[torch_name(entry.name, kind)] = {
            "dtype": "F16",
            "shape": list(entry.shape),
            "data_offsets": [start, end],
        }
        start = end
    written = 0
    with target.open("wb") as out:
        payload = json.dumps(header).encode()
        payload += b" " * (-len(payload) % 8)
        out.write(len(payload).to_bytes(8, "little") + payload)
        for entry in found.tensors:
            for values in _values(found, entry, kind):
                written += out.write(values.astype(np.float16).tobytes())
                progress(written / start)
    names = {entry.name for entry in found.tensors}
    rows = next(e.shape[0] for e in found.tensors if e.name == "token_embd.weight")
    config = config_of(found.settings, rows, "output.weight" not in names, names)
    (target.parent / "config.json").write_text(json.dumps(config, indent=1), "utf-8")


def _values(found: GgufFile, entry: TensorEntry, kind: str) -> Iterator[np.ndarray]:
    if not is_changed(entry.name, kind):
        yield from found.pieces(entry)
        return
    yield torch_values(found.values(entry), entry.name, kind, found.settings)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _locked(path: Path, tell: Progress) -> Iterator[None]:
    """Hold a lock that the operating system frees when this process ends, however it does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            tell(0.0, "waiting for another process that converts it")
            time.sleep(_WAIT)
        yield


def _unwritten(model: Packaged, problem: OSError) -> CheckpointError:
    need = (model.size * 3 + 50 * 2**20) / 1e9
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return CheckpointError(
            f"the disk is full: {model.name} could not be converted; expected {need:.1f} GB free "
            f"in {models_folder()}"
        )
    reason = problem.strerror or type(problem).__name__
    return CheckpointError(
        f"{model.name} could not be converted in {models_folder()} ({reason}); expected a folder "
        f"that can be written"
    )
