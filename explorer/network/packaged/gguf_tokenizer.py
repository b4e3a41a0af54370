"""The tokenizer in a GGUF file, written once as a folder that opens quickly."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from explorer.network.home import home
from explorer.network.packaged.gguf_file import read_gguf

_MODEL = "tokenizer.ggml.model"
_FILE = "tokenizer.json"


def write_tokenizer(source: Path, folder: Path) -> None:
    """Write the tokenizer of a GGUF file into a folder, as transformers understands it."""
    # Not the class that chooses the class: it reads all of the file again to choose.
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(
        str(source.parent), gguf_file=source.name, local_files_only=True
    )
    tokenizer.save_pretrained(str(folder))


def tokenizer_folder(source: Path) -> Path | None:
    """Return the folder of the tokenizer of a GGUF file, written the first time.

    Returns
    -------
    Path or None
        None where the file has no tokenizer, or one that transformers does not understand.
    """
    found = read_gguf(source)
    if _MODEL not in found.settings:
        return None
    folder = home() / "tokenizers" / hashlib.sha256(found.head).hexdigest()[:16]
    if (folder / _FILE).is_file():
        return folder
    making = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
        write_tokenizer(source.absolute(), making)
        if not (making / _FILE).is_file():
            return None
        shutil.rmtree(folder, ignore_errors=True)
        making.rename(folder)
    except Exception:  # transformers raises many kinds; without a tokenizer there are no texts
        return folder if (folder / _FILE).is_file() else None
    finally:
        if making is not None:
            shutil.rmtree(making, ignore_errors=True)
    return folder
