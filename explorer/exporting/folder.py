"""Export everything that was found as a folder, which appears whole or not at all."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from explorer.curation.values import now
from explorer.description.description import Description
from explorer.errors import ExportError
from explorer.exporting.files import ExportFile, as_json, text_file
from explorer.exporting.gathering import gather
from explorer.exporting.readme import CONTENTS, FORMAT, FORMAT_VERSION, readme, settings
from explorer.modularity.cut_tree import CutTree
from explorer.modularity.partition import Partition

if TYPE_CHECKING:
    from explorer.modularity.quality import Quality
    from explorer.scoring.scores import Scores

_README = "README.txt"


def export(
    partition: Partition,
    folder: str | os.PathLike[str],
    descriptions: "Sequence[Description | tuple[Description, Scores]]" = (),
    tree: CutTree | None = None,
    progress: Callable[[float], None] | None = None,
    quality: "Quality | None" = None,
    evidence: bool | None = None,
) -> Path:
    """Write everything that was found about a network as a folder that other programs open.

    The graph and the cut trees in GraphML, GEXF, DOT, JSON and Newick, the partition as CSV and
    JSON, figures beside their nulls, texts and evidence as lines of JSON, the network with the
    modules of its neurons in its metadata, and a report that opens without a connection.
    ``README.txt`` in the folder says what each file is. The folder is made beside its place and
    moved there.

    Parameters
    ----------
    partition : Partition
    folder : path
        New, empty, or an earlier export, which is replaced.
    descriptions : sequence of Description, or of pairs of Description and Scores
        Besides the measured ones, and those that are kept in the database.
    tree : CutTree, optional
        Over the neurons; computed if not given.
    progress : callable, optional
        Called with the share that is done.
    quality : Quality, optional
        Of the partition; computed if not given, with 20 shuffled networks of each kind, or 5 of a
        large one.
    evidence : bool, optional
        Whether to gather the evidence of every module and interface, for texts and report; by
        default unless the network has more than 10,000 nodes, for which it takes hours.

    Returns
    -------
    Path

    Raises
    ------
    ExportError
        If something else is in the folder's place, or it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from explorer import find_modules, load, network_graph
    >>> partition = find_modules(network_graph(load("xor4-modular")), k=4)
    >>> place = tempfile.TemporaryDirectory()
    >>> made = export(partition, f"{place.name}/xor4", evidence=False)
    >>> (made / "partition.csv").read_text().splitlines()[:2]
    ['node,name,layer,role,index,module', '0,bit 1a,inputs,input,0,B']
    >>> place.cleanup()
    """
    target = Path(folder).absolute()
    _check(target)
    tell = progress or (lambda _: None)
    gathered = gather(partition, descriptions, tree, quality, evidence, lambda s: tell(0.6 * s))
    about = settings(partition, now())
    files = gathered.files
    files += (text_file(_README, "this text", lambda: readme(about, files, gathered.left_out)),)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            _write(made, files, about, lambda share: tell(0.6 + 0.4 * share))
            made.chmod(0o755)
            _move(made, target)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as problem:
        raise ExportError(
            f"the folder {str(target)!r:.200} cannot be written ({problem.strerror}); expected "
            f"room for it in a folder that can be"
        ) from problem
    return target


def zip_export(folder: str | os.PathLike[str], file: str | os.PathLike[str]) -> Path:
    """Pack an export into a zip file, which appears whole or not at all.

    Raises
    ------
    ExportError
        If it cannot be written.
    """
    source, target = Path(folder), Path(file)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        try:
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted(path for path in source.rglob("*") if path.is_file()):
                    inside = PurePosixPath(source.name, *path.relative_to(source).parts)
                    archive.write(path, str(inside))
            Path(temporary).chmod(0o644)
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as problem:
        raise ExportError(
            f"{str(target)!r:.200} cannot be written ({problem.strerror}); expected a folder with "
            f"room in it"
        ) from problem
    return target


def _write(
    folder: Path,
    files: Sequence[ExportFile],
    about: dict[str, Any],
    progress: Callable[[float], None],
) -> None:
    listed = []
    for done, file in enumerate(files):
        payload = file.content()
        path = folder.joinpath(*PurePosixPath(file.name).parts)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(payload)
        listed.append(
            {
                "name": file.name,
                "bytes": len(payload),
                "sha256": hashlib.sha256(payload).hexdigest(),
                "about": file.about,
            }
        )
        progress((done + 1) / len(files))
    contents = {"format": FORMAT, "version": FORMAT_VERSION, "about": about, "files": listed}
    (folder / CONTENTS).write_text(as_json(contents, indent=1) + "\n", encoding="utf-8")


def _move(made: Path, target: Path) -> None:
    """Put a folder in its place, and what stood there away."""
    _check(target)  # it may have been filled in the meantime
    if not target.exists():
        made.rename(target)
        return
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.")) / "old"
    try:
        target.rename(old)
        try:
            made.rename(target)
        except OSError:
            old.rename(target)
            raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)


def _check(target: Path) -> None:
    """Refuse to replace what is not an export, or holds more than one."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise ExportError(f"found a file or link at {str(target)!r:.200}; expected a new folder")
    if not target.exists() or not any(target.iterdir()):
        return
    names: set[str] = set()
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        contents = json.loads((target / CONTENTS).read_text("utf-8"))
        if contents["format"] == FORMAT:
            names = {CONTENTS, *(str(file["name"]) for file in contents["files"])}
    there = {path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir()}
    other = sorted(there - names)
    if other:
        what = f"{other[0]!r:.80}" + (f" and {len(other) - 1} more files" if other[1:] else "")
        raise ExportError(
            f"found {what} in {str(target)!r:.200}; expected a new folder, or one that holds an "
            f"earlier export and nothing else"
        )
