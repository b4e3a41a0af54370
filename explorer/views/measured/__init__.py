"""Tables that the commands of ``explorer bench`` printed, as the README and the pages show them."""

from importlib import resources


def measured(name: str) -> str:
    """Return a table in Markdown, exactly as its command printed it.

    Examples
    --------
    >>> "igraph" in measured("cut_tree")
    True
    """
    return (resources.files(__name__) / f"{name}.md").read_text(encoding="utf-8")
