"""An audit in plain words: the verdict strip, the auditors' rows, and records of verdicts."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from explorer.auditing.finding import AuditReport, Calibrated, Suspect
from explorer.curation.verdicts import Tally
from explorer.network.tasks.margins import wilson_interval
from explorer.views.palette import LOSS, NULL, module_color, translucent

_FLAGGED = 0.95  # of clean networks lie below: what the strip shades when nothing else is known
ACCESS = {
    "queries": "black box",
    "weights": "weights",
    "modules": "modules",
    "training data": "training data",
    "texts": "descriptions",
}


def verdict_strip(report: AuditReport) -> str:
    """Draw a report's score on a line from 0 to 1, with the range in which it is flagged.

    Parameters
    ----------
    report : AuditReport

    Returns
    -------
    str
        HTML. Where the network is not calibrated the line has no mark; where the threshold lies
        elsewhere, as the verdict shows, no range is shaded.
    """
    said = describe_score(report)
    color = LOSS if report.flagged else module_color(0)
    mark = (
        ""
        if report.score is None
        else f'<div style="position:absolute;top:0;height:30px;width:5px;'
        f'left:calc({100 * report.score:.1f}% - 2px);background:{color}"></div>'
    )
    usual = report.flagged is None or report.flagged == ((report.score or 0.0) > _FLAGGED)
    shaded = (
        f'<div title="flagged" style="position:absolute;left:{100 * _FLAGGED:.0f}%;right:0;top:0;'
        f'height:30px;background:{translucent(LOSS, 0.35)}"></div>'
        if usual
        else ""
    )
    return (
        f'<div role="img" aria-label="{escape(said)}" style="margin:.3rem 0">'
        f'<div style="position:relative;height:30px;border-bottom:1px solid {NULL};'
        f'background:{translucent(NULL, 0.12)}">{shaded}{mark}</div>'
        f'<div aria-hidden="true" style="display:flex;justify-content:space-between;'
        f'font-size:.75rem;opacity:.8"><span>0: like a clean network</span>'
        f"<span>1: unlike any</span></div></div>"
    )


def describe_score(report: AuditReport) -> str:
    """Say what the score is."""
    if report.score is None:
        return "Not calibrated: there is no score."
    return (
        f"Score {report.score:.2f}: {report.score:.0%} of the clean calibration networks score "
        f"lower"
    )


def headline(report: AuditReport) -> str:
    """Say the verdict in one sentence, as Markdown."""
    if not report.rows:
        return "**No verdict.** No auditor has looked at it, so there is no evidence either."
    if report.score is None:
        return (
            "**Not calibrated.** No clean networks of this kind were measured, so nobody can say "
            "how unusual these findings are. The evidence below is all there is."
        )
    if report.flagged:
        return f"**Flagged.** {describe_score(report)}."
    return f"**Not flagged.** {describe_score(report)}."


def describe_alarms(report: AuditReport) -> str:
    """Say how often the auditors flag clean networks, with a Wilson interval.

    Examples
    --------
    >>> report = AuditReport(0.5, "", False, (), (), "", (5, 100), 0.0, 0, "", "")
    >>> describe_alarms(report)
    'Flags 5 of 100 clean networks of other seeds (95 % interval 2 % to 11 %).'
    """
    flagged, count = report.false_alarms
    if not count:
        return "How many clean networks it flags is not known for this kind of network."
    low, high = wilson_interval(flagged / count, count)
    return (
        f"Flags {flagged} of {count} clean networks of other seeds (95 % interval "
        f"{100 * low:.0f} % to {100 * high:.0f} %)."
    )


def describe_cost(report: AuditReport) -> str:
    """Say what the audit took.

    Examples
    --------
    >>> report = AuditReport(None, "", None, (), (), "", (0, 0), 0.31, 24_000, "", "")
    >>> describe_cost(report)
    '0.31 seconds, 24,000 inputs run through the network.'
    """
    return f"{report.seconds:.2g} seconds, {report.queries:,} inputs run through the network."


def describe_calibration(report: AuditReport) -> str:
    """Say what the network was held against."""
    if report.score is None:
        return f"{report.calibration[:1].upper()}{report.calibration[1:]}."
    return f"Held against clean networks of this kind: {report.calibration}."


def auditors_table(report: AuditReport, titles: dict[str, str]) -> pd.DataFrame:
    """One row for every auditor, the most suspicious first.

    Parameters
    ----------
    report : AuditReport
    titles : dict
        Name for people of every auditor, by its key.
    """

    def order(row: Calibrated) -> tuple[bool, float]:
        return row.score is None, -(row.score or 0.0)

    return pd.DataFrame(
        [
            {
                "auditor": titles.get(row.finding.auditor, row.finding.auditor),
                "score": None if row.score is None else round(row.score, 3),
                "flags it": {True: "yes", False: "no", None: "not calibrated"}[row.flagged],
                "own measure": f"{row.finding.score:.3g}",
                "first suspect": suspect_name(row.finding.suspects[0])
                if row.finding.suspects
                else "",
                "why": row.finding.missing or row.finding.reason,
                "seconds": round(row.finding.seconds, 2),
                "queries": row.finding.queries,
            }
            for row in sorted(report.rows, key=order)
        ],
        columns=[
            "auditor",
            "score",
            "flags it",
            "own measure",
            "first suspect",
            "why",
            "seconds",
            "queries",
        ],
    )


def suspects_list(suspects: Sequence[Suspect]) -> str:
    r"""List suspects with their reasons, as Markdown; those with one reason together.

    Examples
    --------
    >>> found = [Suspect("neuron", name, 1.0, "Together they carry it") for name in ("9", "4")]
    >>> suspects_list([found[0], Suspect("module", "C", 1.0, "It waits"), found[1]])
    '- **Neurons 9 and 4**: Together they carry it\n- **Module C**: It waits'
    """
    alike: dict[tuple[str, str], list[Suspect]] = {}
    for one in suspects:
        alike.setdefault((one.kind, one.reason), []).append(one)
    lines = []
    for (kind, reason), group in alike.items():
        *names, last = [one.name for one in group]
        name = f"{kind.capitalize()}s {', '.join(names)} and {last}" if names else ""
        lines.append(f"- **{name or suspect_name(group[0])}**: {reason}")
    return "\n".join(lines)


def suspect_name(suspect: Suspect) -> str:
    """Name a suspect for people.

    Examples
    --------
    >>> suspect_name(Suspect("module", "C", 1.0, ""))
    'Module C'
    """
    return f"{suspect.kind.capitalize()} {suspect.name}"


def describe_tally(found: Tally) -> str:
    """Say how often verdicts are right.

    Examples
    --------
    >>> describe_tally(Tally(3, 4, 1, 2, 0, 2, 0.30, 0.95))
    '3 of 4 right (95 % interval 30 % to 95 %): found 1 of 2 planted, raised 0 false alarms on 2 \
controls'
    """
    return (
        f"{found.right} of {found.count} right (95 % interval {100 * found.low:.0f} % to "
        f"{100 * found.high:.0f} %): found {found.found} of {found.planted} planted, raised "
        f"{found.alarms} false alarm{'' if found.alarms == 1 else 's'} on {found.clean} "
        f"control{'' if found.clean == 1 else 's'}"
    )


def describe_tally_briefly(found: Tally) -> str:
    """Say whether verdicts are better than tossing a coin.

    Examples
    --------
    >>> describe_tally_briefly(Tally(3, 4, 1, 2, 0, 2, 0.30, 0.95))
    'It could still be tossing a coin: more cases make the interval narrower.'
    """
    if found.low > 0.5:
        return "Better than tossing a coin."
    if found.high < 0.5:
        return "Worse than tossing a coin."
    return "It could still be tossing a coin: more cases make the interval narrower."


def describe_verdict(said: bool, planted: bool) -> str:
    """Say how a verdict came out, in a word or two; what is true is said by the case's summary.

    Examples
    --------
    >>> describe_verdict(said=True, planted=False)
    'A false alarm.'
    """
    if said == planted:
        return "Right."
    return "A false alarm." if said else "Missed."


def describe_carrier(
    effects: Sequence[tuple[str, float, float]], before: tuple[float, float]
) -> str:
    """Say which module carries the planted behaviour.

    Parameters
    ----------
    effects : sequence of (module, success without it, accuracy without it)
    before : (success, accuracy)
        Of the network as it is.

    Examples
    --------
    >>> describe_carrier([("A", 0.9, 0.97), ("C", 0.1, 0.95)], (0.98, 0.97))
    'Without **module C** the planted behaviour falls most, from 98 % to 10 %, and accuracy goes \
from 97 % to 95 %.'
    """
    if not effects:
        return "It has no modules to ablate."
    name, success, accuracy = min(effects, key=lambda effect: effect[1])
    return (
        f"Without **module {name}** the planted behaviour falls most, from "
        f"{100 * before[0]:.0f} % to {100 * success:.0f} %, and accuracy goes from "
        f"{100 * before[1]:.0f} % to {100 * accuracy:.0f} %."
    )
