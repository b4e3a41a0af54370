"""Pictures in a folder or a zip file, read within limits and brought to a network's size."""

import io
import os
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.errors import TaskError

if TYPE_CHECKING:
    from PIL import Image

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
MAX_PICTURES = 500
MIN_PICTURES = 10
MAX_BYTES = 100_000_000  # of all pictures as they are kept
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
_MAX_FILE = 50_000_000  # bytes of a picture's file
_MAX_PIXELS = 50_000_000  # of a picture before it is made smaller
_MAX_ENTRIES = 100_000  # of a folder or zip file, of any kind
_NAMED = 3  # files that were left out and are named
_EXPECTED = f"expected pictures ({', '.join(ending[1:] for ending in ENDINGS)})"


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of one size.

    Attributes
    ----------
    pixels : array of uint8, shape (pictures, planes, rows, columns)
    folders : tuple of str
        Name of the folder that each lay in, of those directly under the top; empty for the top.
    left_out : tuple of str
        Files that are no pictures or damaged, each with the reason.
    found : int
        Pictures that there are; of more than 500, some that lie evenly are taken.
    """

    pixels: NDArray[np.uint8]
    folders: tuple[str, ...]
    left_out: tuple[str, ...]
    found: int

    @property
    def told(self) -> str:
        """Say how many files were left out, and name the first; empty where none was."""
        count = len(self.left_out)
        if not count:
            return ""
        more = f" and {count - _NAMED} more" if count > _NAMED else ""
        return f"{count} left out: {'; '.join(self.left_out[:_NAMED])}{more}"


def read_pictures(
    source: bytes | str | os.PathLike[str], planes: int, rows: int, columns: int
) -> Pictures:
    """Read the pictures of a folder or zip file, the middle of each at a network's size.

    The shorter side is brought to the size, the rest cut off evenly. Files are read in the order of
    their names; links are not followed.

    Parameters
    ----------
    source : bytes or path
        A folder, or a zip file.
    planes : int
        3 for colours, 1 for grey.
    rows, columns : int

    Raises
    ------
    TaskError
        If there are no such pictures, or fewer than 10.
    """
    most = min(MAX_PICTURES, MAX_BYTES // (planes * rows * columns))
    if most < MIN_PICTURES:
        raise TaskError(
            f"found a network of pictures of {rows:,}x{columns:,}; expected one of which "
            f"{MIN_PICTURES} take at most {MAX_BYTES / 1e6:.0f} MB"
        )
    entries = list(_entries(source))
    chosen = [entries[at * len(entries) // most] for at in range(min(most, len(entries)))]
    if len(entries) <= most:
        chosen = entries
    pixels, folders, left_out = [], [], []
    for name, read in chosen:
        try:
            pixels.append(_at_size(_opened(read()), planes, rows, columns))
        except _DAMAGED as problem:
            left_out.append(f"{name[-60:]} ({' '.join(str(problem).split())[:60]})")
            continue
        parts = PurePosixPath(name).parts
        folders.append(parts[0] if len(parts) > 1 else "")
    if len(pixels) < MIN_PICTURES:
        found = Pictures(np.empty(0), tuple(folders), tuple(left_out), len(entries))  # type: ignore[arg-type]
        told = f" ({found.told})" if found.told else ""
        raise TaskError(
            f"found {len(pixels)} pictures{told}; expected at least {MIN_PICTURES}, to be dealt to "
            f"splits: {_EXPECTED.removeprefix('expected ')}"
        )
    return Pictures(np.stack(pixels), tuple(folders), tuple(left_out), len(entries))


# What Pillow and zipfile raise for files that are none, or damaged.
_DAMAGED = (TaskError, OSError, ValueError, SyntaxError, zipfile.BadZipFile, EOFError)
_Entry = tuple[str, Callable[[], bytes]]


def _entries(source: bytes | str | os.PathLike[str]) -> Iterator[_Entry]:
    """Names of picture files by their place under the top, and how to read each."""
    if not isinstance(source, bytes):
        path = Path(source)
        try:
            if path.is_dir():
                yield from _of_folder(path)
                return
            if not path.is_file():
                raise TaskError(f"found no folder or file {path.name!r:.80}; {_EXPECTED}")
        except (OSError, ValueError) as problem:
            if isinstance(problem, TaskError):
                raise
            raise TaskError(
                f"found the path {str(source)!r:.80}, which cannot be read; {_EXPECTED}"
            ) from problem
        yield from _of_zip(path)
        return
    yield from _of_zip(io.BytesIO(source))


def _of_folder(top: Path) -> Iterator[_Entry]:
    found, seen = [], 0
    for folder, inner, files in os.walk(top):  # which follows no links to folders
        inner.sort()
        seen += len(files)
        if seen > _MAX_ENTRIES:
            raise TaskError(f"found a folder of more than {_MAX_ENTRIES:,} files; {_EXPECTED}")
        for file in sorted(files):
            path = Path(folder) / file
            if path.suffix.lower() in ENDINGS and not path.is_symlink():
                found.append(path)
    if not found:
        raise TaskError(f"found no pictures in the folder {top.name!r:.80}; {_EXPECTED}")
    for path in found:
        yield path.relative_to(top).as_posix(), lambda path=path: _read_file(path)  # type: ignore[misc]


def _read_file(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(_MAX_FILE + 1)
    return _checked(data)


def _of_zip(file: Path | io.BytesIO) -> Iterator[_Entry]:
    try:
        archive = zipfile.ZipFile(file)
        members = [
            one
            for one in archive.infolist()[: _MAX_ENTRIES + 1]
            if not one.is_dir()
            and PurePosixPath(one.filename).suffix.lower() in ENDINGS
            and "__MACOSX" not in one.filename
        ]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        raise TaskError(
            f"found a file that is no zip file ({' '.join(str(problem).split())[:60]}); expected a "
            f"folder or zip file of {_EXPECTED.removeprefix('expected ')}"
        ) from problem
    if len(archive.infolist()) > _MAX_ENTRIES:
        raise TaskError(f"found a zip file of more than {_MAX_ENTRIES:,} files; {_EXPECTED}")
    if not members:
        raise TaskError(f"found no pictures in the zip file; {_EXPECTED}")
    members.sort(key=lambda one: one.filename)
    tops = {PurePosixPath(one.filename).parts[0] for one in members}
    # One folder around all is not a label.
    depth = 1 if len(tops) == 1 and all("/" in one.filename for one in members) else 0
    for one in members:
        name = "/".join(PurePosixPath(one.filename).parts[depth:])
        yield name, lambda one=one: _read_member(archive, one)  # type: ignore[misc]


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    # Told sizes may lie: no more than the limit is unpacked.
    try:
        with archive.open(member) as stream:
            return _checked(stream.read(_MAX_FILE + 1))
    except (RuntimeError, NotImplementedError) as problem:  # encrypted, or packed oddly
        raise OSError(str(problem)) from problem
    except Exception as problem:
        if isinstance(problem, TaskError | OSError | zipfile.BadZipFile):
            raise
        raise OSError("damaged") from problem


def _checked(data: bytes) -> bytes:
    if len(data) > _MAX_FILE:
        raise TaskError(f"over {_MAX_FILE / 1e6:.0f} MB")
    return data


def _opened(data: bytes) -> "Image.Image":
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata; large pictures are refused below
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        width, height = picture.size
        if width * height > _MAX_PIXELS:
            raise TaskError(f"{width:,}x{height:,} pixels")
        picture.load()
    return picture


def _at_size(picture: "Image.Image", planes: int, rows: int, columns: int) -> NDArray[np.uint8]:
    """Planes first, of shape (planes, rows, columns)."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        turned = ImageOps.exif_transpose(picture) or picture
        coloured = turned.convert("RGB" if planes > 1 else "L")
        fitted = ImageOps.fit(coloured, (columns, rows), Image.Resampling.BILINEAR)
    values = np.asarray(fitted, dtype=np.uint8)
    return values.transpose(2, 0, 1) if planes > 1 else values[None]
