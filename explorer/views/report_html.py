"""A report of a network as one HTML file that needs nothing else: no script, no other request.

Whatever people or language models wrote is escaped, and a policy in the file forbids the browser to
load or run anything.
"""

import re
from dataclasses import replace
from html import escape

from explorer.curation.report import Report
from explorer.modularity.partition import Partition
from explorer.scoring.scores import Score
from explorer.views.description_text_scores import score_strip
from explorer.views.module_graph import module_graph
from explorer.views.report_sections import (
    Picture,
    Section,
    Table,
    report_sections,
    title,
)
from explorer.views.report_texts import TextBlock

_MOST = 18 * 2**20  # bytes of all sections but the last; mail and browsers take 20 MB
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --page: #ffffff; --soft: #5c6166;
  --line: #d9dce0; --field: #f4f5f7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --page: #14171a; --soft: #a3a9b0;
  --line: #3a3f45; --field: #1f2327; } }
body { color: var(--ink); background: var(--page); font: 16px/1.5 system-ui, sans-serif;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
nav a { margin-right: .8rem; white-space: nowrap; } a { color: inherit; }
.mark { display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin-right: .4em; }
.text { background: var(--field); border-left: 4px solid var(--line); padding: .5rem .8rem;
  margin: .6rem 0; overflow-wrap: anywhere; }
.text.current { border-left-color: currentColor; }
.text > p { margin: 0; white-space: pre-line; }
.by, figcaption, .said { color: var(--soft); font-size: .85rem; }
.pictures { display: flex; flex-wrap: wrap; gap: .8rem; }
figure { margin: 0; max-width: 100%; } figcaption { max-width: 9rem; overflow-wrap: anywhere; }
figure img { height: 6rem; max-width: 100%; image-rendering: pixelated; display: block;
  border: 1px solid var(--line); background: var(--field); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; max-width: 28rem; overflow-wrap: break-word; }
summary { cursor: pointer; margin-top: .6rem; }
svg text { fill: currentColor; }
"""


def report_html(report: Report) -> str:
    """Write a report as one HTML file.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        Light or dark as the reader's system is; all pictures are in it. Below 20 MB: of a network
        with very many parts, the last ones go without pictures, or are left out, and it says so.
    """
    first, *middle, last = report_sections(report)
    parts = [(first, _section(first, _graph(report.partition)))]
    room, closing = _MOST - len(parts[0][1].encode()), _section(last)
    left_out = 0
    for section in middle:
        drawn = _section(section)
        if len(drawn.encode()) > room:  # without pictures and tables, there may be room for it
            drawn = _section(replace(section, pictures=(), tables=()))
        if len(drawn.encode()) > room:
            left_out += 1
            continue
        room -= len(drawn.encode())
        parts.append((section, drawn))
    if left_out:
        said = f"{left_out:,} more parts are left out, which would make this file too large."
        closing = _section(replace(last, sentences=(said, *last.sentences)))
    parts.append((last, closing))
    links = "".join(
        f'<a href="#{escape(section.anchor)}">{escape(section.title)}</a> ' for section, _ in parts
    )
    body = "".join(drawn for _, drawn in parts)
    heading = escape(title(report))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="referrer" content="no-referrer"><title>{heading}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{heading}</h1>\n<nav>{links}</nav>\n"
        f"{body}</body></html>\n"
    )


def _section(section: Section, figure: str = "") -> str:
    mark = f'<span class="mark" style="background:{section.color}"></span>' if section.color else ""
    parts = [
        f'<section id="{escape(section.anchor)}"><h2>{mark}{escape(section.title)}</h2>',
        *map(_text, section.texts),
        *(f"<p>{_bold(sentence)}</p>" for sentence in section.sentences),
        figure,
    ]
    parts += [_pictures(heading, pictures) for heading, pictures in section.pictures if pictures]
    parts += [_table(table) for table in section.tables if table.rows]
    return "\n".join(filter(None, parts)) + "</section>\n"


def _text(block: TextBlock) -> str:
    scores = "".join(_score(name, sentence, score) for name, sentence, score in block.scores)
    told = f"<details><summary>Scores</summary>{scores}</details>" if scores else ""
    current = " current" if block.is_current else ""
    about = f"<strong>{escape(block.about)}</strong>" if block.about else ""
    return (
        f'<div class="text{current}">{about}<p>{escape(block.text)}</p>'
        f'<div class="by">{escape(block.by)}</div>{told}</div>'
    )


def _score(name: str, sentence: str, score: Score) -> str:
    # What has no scale from chance to 1 is not drawn on a line.
    strip = score_strip(score) if score.chance is not None and score.value == score.value else ""
    return f'<h3>{escape(name)}</h3>{strip}<div class="said">{escape(sentence)}</div>'


def _pictures(heading: str, pictures: tuple[Picture, ...]) -> str:
    drawn = "".join(
        f'<figure><img src="{escape(picture.url)}" alt="{escape(f"{heading}: {picture.title}")}">'
        f"<figcaption>{escape(picture.title)}</figcaption></figure>"
        for picture in pictures
    )
    return f'<h3>{escape(heading)}</h3><div class="pictures">{drawn}</div>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows
    )
    return (
        f'<h3>{escape(table.title)}</h3><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _graph(partition: Partition) -> str:
    """Draw the modules on a circle, with a line for every interface."""
    spec = module_graph(partition)
    if not spec.nodes:
        return ""
    at = {node.id: (node.x or 0.0, node.y or 0.0) for node in spec.nodes}
    reach = 80 + max(abs(value) for place in at.values() for value in place)
    lines = "".join(
        f'<line x1="{at[edge.source][0]}" y1="{at[edge.source][1]}" x2="{at[edge.target][0]}" '
        f'y2="{at[edge.target][1]}" stroke="{edge.color}" stroke-width="{edge.width:.1f}" '
        f'stroke-dasharray="{_dashes(edge.dashed)}">'
        f"<title>{escape(edge.title)}</title></line>"
        for edge in spec.edges
    )
    circles = "".join(
        f'<circle cx="{at[node.id][0]}" cy="{at[node.id][1]}" r="{node.size:.1f}" '
        f'fill="{node.color}"><title>{escape(node.title)}</title></circle>'
        f'<text x="{at[node.id][0]}" y="{at[node.id][1] + node.size + 16:.1f}" '
        f'text-anchor="middle" font-size="14">{escape(node.label.partition(chr(10))[0])}</text>'
        for node in spec.nodes
    )
    return (
        f'<svg role="img" aria-label="{escape(spec.description)}" style="max-width:32rem;'
        f'width:100%" viewBox="{-reach:.0f} {-reach:.0f} {2 * reach:.0f} {2 * reach:.0f}">'
        f"{lines}{circles}</svg>"
    )


def _bold(sentence: str) -> str:
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escape(sentence))


def _dashes(dashed: bool) -> str:
    return "6 6" if dashed else "none"
