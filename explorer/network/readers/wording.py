"""What the sentences about bad files have in common."""

from explorer.errors import FileFormatError
from explorer.network.readers.content import EXPECTED


def damaged(name: str, kind: str, problem: BaseException) -> FileFormatError:
    """Say that a file is not what its beginning promises."""
    return FileFormatError(
        f"{name} begins like a {kind} file but is damaged, cut short or no state_dict "
        f"({one_line(problem)}); {EXPECTED}"
    )


def one_line(problem: BaseException) -> str:
    """Return what another library says, as one short line that can be printed."""
    text = " ".join(str(problem).split()) or type(problem).__name__
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 90 else text[:87] + "..."
