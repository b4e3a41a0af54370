"""A report of a network as Markdown, its pictures in place; what people wrote stays plain text."""

import re

from explorer.curation.report import Report
from explorer.views.report_sections import Section, Table, report_sections, title
from explorer.views.report_texts import TextBlock

_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_AT_START = re.compile(r"^(\d*)([#+\-=.):!])")  # what begins a heading, a list or a rule


def report_markdown(report: Report) -> str:
    """Write a report as Markdown, in the form that GitHub and most editors read.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
    """
    parts = [f"# {plain(title(report))}"]
    for section in report_sections(report):
        parts += _section(section)
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    r"""Write a text so that Markdown shows it as it is, on one line.

    Examples
    --------
    >>> print(plain("# <b>*left*</b>\n[digit](x) 1. one"))
    \# &lt;b&gt;\*left\*&lt;/b&gt; \[digit\](x) 1. one
    """
    one_line = " ".join(text.split())
    without_tags = one_line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _AT_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", without_tags))


def _section(section: Section) -> list[str]:
    parts = [f"## {plain(section.title)}"]
    for text in section.texts:
        parts += _text(text)
    parts += [_with_bold(sentence) for sentence in section.sentences]
    for heading, pictures in section.pictures:
        if pictures:
            parts.append(f"**{plain(heading)}**")
            drawn = "\n".join(f"![{plain(p.title)}]({p.url}) {plain(p.title)}  " for p in pictures)
            parts.append(drawn)
    for table in section.tables:
        if table.rows:
            parts += [f"**{plain(table.title)}**", _table(table)]
    return parts


def _text(block: TextBlock) -> list[str]:
    bold = "**" if block.is_current else ""
    about = f"> {plain(block.about)}  \n" if block.about else ""
    parts = [f"{about}> {bold}{plain(block.text)}{bold}  \n> {plain(block.by)}"]
    if block.scores:
        scores = (f"- {plain(name)}: {plain(sentence)}" for name, sentence, _ in block.scores)
        parts.append("\n".join(scores))
    return parts


def _table(table: Table) -> str:
    lines = [table.columns, tuple("---" for _ in table.columns)]
    lines += [tuple(plain(cell) for cell in row) for row in table.rows]
    head = tuple(plain(column) for column in table.columns)
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, *lines[1:]])


def _with_bold(sentence: str) -> str:
    """Keep ``**`` as what it is, and nothing else."""
    parts = re.split(r"\*\*", sentence)
    return "".join(
        f"**{plain(part)}**" if at % 2 else _keeping_ends(part) for at, part in enumerate(parts)
    )


def _keeping_ends(part: str) -> str:
    before = " " if part[:1] == " " else ""
    after = " " if part[-1:] == " " and part.strip() else ""
    return f"{before}{plain(part)}{after}"
