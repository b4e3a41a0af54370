"""Texts about a part on a page: what they claim, what was struck, and who wrote them when."""

import difflib
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from explorer.curation.versions import Version
from explorer.description.description import MEASURED, Claim
from explorer.views.palette import LOSS, module_color

KINDS = {
    "active": "When it is active",
    "needed": "What it is needed for",
    "reads": "What it reads",
    "promotes": "What it makes likelier",
    "size": "How large it is",
    "unknown": "No figure for this",
}
_UNITS = {
    "active": "Activity there, in multiples of its average; and how common that is among the tenth "
    "of examples of most activity, in multiples of how common it is among all.",
    "needed": "Points of accuracy lost without it.",
    "reads": "Share of the weight that comes in.",
    "promotes": "Share of the change that it makes.",
}
_GOOD = module_color(2)
_GREY = "opacity:.75;font-size:.85rem"


def text_line(text: str) -> str:
    """Return a text as a line of its own, in HTML: whatever stands in it is shown as it is."""
    return f'<p style="margin:.1rem 0 .3rem;font-size:1.05rem">{escape(text)}</p>'


def claim_list(claims: Sequence[Claim]) -> str:
    """Draw every claim with the figure that bears it out, or that struck it.

    Parameters
    ----------
    claims : sequence of Claim

    Returns
    -------
    str
        HTML: a list for every kind of claim. A claim that holds has a tick, one that does not is
        crossed out; both are said in words for screen readers.

    Examples
    --------
    >>> html = claim_list([Claim("needed", "", "3", "needed for 3", False, "3 loses 0.0 points")])
    >>> "<s>needed for 3</s>" in html, "struck" in html
    (True, True)
    """
    if not claims:
        return f'<p style="{_GREY}">It claims nothing that a figure could check.</p>'
    return "".join(
        _claims_of(kind, [claim for claim in claims if claim.kind == kind])
        for kind in dict.fromkeys(claim.kind for claim in claims)
    )


def _claims_of(kind: str, claims: Sequence[Claim]) -> str:
    title = f"<strong>{escape(KINDS.get(kind, kind))}.</strong>"
    about = f' <span style="{_GREY}">{_UNITS[kind]}</span>' if kind in _UNITS else ""
    items = "".join(_claim(claim) for claim in claims)
    return (
        f'<div style="font-size:.9rem">{title}{about}</div>'
        f'<ul style="list-style:none;padding:0;margin:0 0 .5rem">{items}</ul>'
    )


def _claim(claim: Claim) -> str:
    words = escape(claim.text)
    if claim.holds:
        sign, color, said = "✓", _GOOD, "holds"
    else:
        words, sign, color, said = f"<s>{words}</s>", "✗", LOSS, "struck"
    figure = escape(claim.figure) or "no figure for this"
    return (
        f'<li style="margin:0;padding:0"><span role="img" aria-label="{said}" '
        f'style="color:{color};font-weight:700">{sign}</span> {words} '
        f'<span style="{_GREY}">({said}: {figure})</span></li>'
    )


def claims_summary(claims: Sequence[Claim]) -> str:
    """Say how many claims hold.

    Examples
    --------
    >>> claims_summary([Claim("needed", "", "3", "needed for 3", True, "")])
    '1 of 1 claims hold'
    """
    if not claims:
        return "no claim that a figure could check"
    return f"{sum(claim.holds for claim in claims)} of {len(claims)} claims hold"


def fallback_note(reason: str) -> str:
    """Say why the measured text stands where another was asked for.

    Examples
    --------
    >>> fallback_note("the endpoint did not answer within 30 s")
    'The measured text stands here instead: the endpoint did not answer within 30 s.'
    """
    return f"The measured text stands here instead: {reason.rstrip('.')}."


def when(moment: datetime, now: datetime | None = None) -> str:
    """Say when something was written, in words as short as the distance allows.

    Parameters
    ----------
    moment : datetime
        With its zone.
    now : datetime, optional

    Examples
    --------
    >>> when(datetime(2026, 3, 1, 9, 5, tzinfo=UTC), datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    '25 minutes ago'
    >>> when(datetime(2026, 3, 1, 9, 5, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC))
    '2026-03-01 09:05 UTC'
    """
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if 0 <= seconds < 90:
        return "just now"
    if 0 <= seconds < 5400:
        return f"{round(seconds / 60)} minutes ago"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def written_by(author: str, source: str, moment: datetime, now: datetime | None = None) -> str:
    """Say who wrote a text and when.

    Examples
    --------
    >>> written_by(
    ...     "Ada", "person", datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    ... )
    'Written by Ada, 2026-03-01 00:00 UTC'
    """
    if source == "person":
        who = f"Written by {author or 'somebody who gave no name'}"
    elif source in (MEASURED, ""):
        who = "Measured: a template filled with figures"
    else:
        by = f", asked for by {author}" if author and author != source else ""
        who = f"Generated by {source}{by}"
    return f"{who}, {when(moment, now)}"


def changes(before: str, after: str) -> str:
    """Draw what changed between two texts, word by word: gone crossed out, new in bold.

    Examples
    --------
    >>> changes("on ones and twos", "on ones, mostly")
    'on <s>ones and twos</s> <strong>ones, mostly</strong>'
    """
    old, new = before.split(), after.split()
    parts = []
    for tag, i, j, k, m in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        gone, come = escape(" ".join(old[i:j])), escape(" ".join(new[k:m]))
        if tag == "equal":
            parts.append(gone)
            continue
        if gone:
            parts.append(f"<s>{gone}</s>")
        if come:
            parts.append(f"<strong>{come}</strong>")
    return " ".join(parts)


def history_list(versions: Sequence[Version], now: datetime | None = None) -> str:
    """Draw versions, the newest first: who wrote each and when, what changed, which verdict.

    Parameters
    ----------
    versions : sequence of Version
        The oldest first.
    now : datetime, optional

    Returns
    -------
    str
        HTML: a list.
    """
    known = {version.id: version for version in versions}
    items = []
    for version in reversed(versions):
        parent = known.get(version.parents[0]) if version.parents else None
        verdict = "" if version.status == "draft" else f", {version.status} by {version.author}"
        name = f", named {version.name}" if version.name else ""
        if parent is not None and parent.text == version.text:
            body = "same text"
        else:
            body = changes(parent.text, version.text) if parent else escape(version.text)
        who = written_by(version.writer or version.author, version.source, version.time, now)
        items.append(
            f'<li style="margin-bottom:.4rem">{body}<br><span style="{_GREY}">'
            f"{escape(who + verdict + name)}</span></li>"
        )
    return f'<ol reversed style="padding-left:1.5rem;margin:0">{"".join(items)}</ol>'


def duration(seconds: float) -> str:
    """Write a duration as people say it.

    Examples
    --------
    >>> duration(3.2), duration(75), duration(7300)
    ('3 s', '1 min 15 s', '2 h 1 min')
    """
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(whole, 3600)
    return f"{hours} h {rest // 60} min"
