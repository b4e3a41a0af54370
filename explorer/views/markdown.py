"""What others wrote, where the page expects Markdown."""


def plain_markdown(text: str) -> str:
    r"""Escape what Markdown would take for marks.

    Examples
    --------
    >>> print(plain_markdown("a *b*"))
    a \*b\*
    """
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#+|~$:" else letter for letter in text)
