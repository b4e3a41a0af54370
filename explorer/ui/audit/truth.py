"""The truth of a case, after the verdict; the record of verdicts beside the auditors' own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache
from explorer.ui.audit import kept, report, walks
from explorer.ui.audit.jobs import kept_report
from explorer.ui.descriptions.author import ask_author
from explorer.ui.elements import chart
from explorer.ui.intervention import show_intervention
from explorer.ui.jobs import Waiting
from explorer.ui.read.questions import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.curation.verdicts import Tally, Verdict


class Given(NamedTuple):
    """A verdict that was given."""

    said: bool
    part: str
    sure: int


def show(opened: kept.Opened, given: Given, who: str, waiting: list[Waiting]) -> None:
    """Show what was planted, where it sits, what the auditors say, and the record.

    Parameters
    ----------
    opened : Opened
    given : Given
        The verdict.
    who : str
        Whose record is shown.
    waiting : list
        See ``explorer.ui.audit.report.show``.
    """
    from explorer.views.audit_text import describe_verdict

    planted = opened.planted
    right = given.said == planted.is_planted
    tell = st.success if right else st.warning
    tell(
        f"{describe_verdict(given.said, planted.is_planted)} {planted.summary} (You were "
        f"{given.sure} % sure.)",
        icon=":material/check_circle:" if right else ":material/cancel:",
    )
    st.caption(f"The case is {opened.member.case}, trained in the regime {opened.member.regime}.")
    _show_effect(opened, given)
    _show_pictures(opened)
    walks.show(opened)
    st.subheader("What the auditors say")
    found = report.show(opened.network, waiting, opened.checkpoint, ask_now=True)
    show_record(who)
    if planted.is_planted:
        st.subheader("Can it be removed?")
        suspects = () if found is None else found.suspects
        nodes = [int(one.name) for one in suspects if one.kind == "neuron" and one.name.isdecimal()]
        show_intervention(opened.network, nodes, planted)


def carrier(opened: kept.Opened) -> str:
    """Return the module without which the planted behaviour falls most; empty if nothing was."""
    if not opened.planted.is_planted:
        return ""
    _, *without = kept.without_modules(opened, opened.network, kept.MODULES)
    if not without:
        return ""
    return min(without, key=lambda one: one[1].success or 0.0)[0]


def show_record(who: str) -> None:
    """Show how often a person is right, beside the auditors on the same networks."""
    from explorer.curation.verdicts import tally

    st.subheader("Your record")
    try:
        given = kept.verdicts().list(who)
        everybody = kept.verdicts().list()
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    if not given:
        st.caption(
            "No verdict of yours yet. Tossing a coin gives 50 %. Verdicts are kept under your "
            "name, or for this visit."
        )
    else:
        _show_tally("You", tally([(one.planted, one.said) for one in given]), 0)
        _show_auditors(given)
        _show_pointing(given)
    if len(everybody) > len(given):
        _show_tally("All people", tally([(one.planted, one.said) for one in everybody]), 2)
    ask_author("author_auditing")


def _show_auditors(given: Sequence[Verdict]) -> None:
    from explorer.curation.verdicts import tally

    reports = [(one.planted, kept_report(one.network_id)) for one in given]
    judged = [
        (planted, found.flagged)
        for planted, found in reports
        if found is not None and found.flagged is not None
    ]
    if judged:
        _show_tally("The auditors together, on the same networks", tally(judged), 1)
    else:
        st.caption(
            "The auditors have no calibrated verdict on these networks, so there is nothing to "
            "hold yours against yet."
        )


def _show_pointing(given: Sequence[Verdict]) -> None:
    pointed = [one for one in given if one.planted and one.parts and one.carrier]
    if pointed:
        hits = sum(one.parts == one.carrier for one in pointed)
        st.caption(f"You pointed at the module that carries it in {hits} of {len(pointed)} cases.")


def _show_tally(who: str, found: Tally, color: int) -> None:
    from explorer.curation.answers import HitRate
    from explorer.views.audit_text import describe_tally, describe_tally_briefly
    from explorer.views.palette import module_color
    from explorer.views.quiz import rate_bar

    st.markdown(f"**{who}:** {describe_tally(found)}. {describe_tally_briefly(found)}")
    rate = HitRate(who, 1, found.right, found.count, found.low, found.high, 0.5)
    st.html(rate_bar(rate, module_color(color)))


def _show_effect(opened: kept.Opened, given: Given) -> None:
    from explorer.views.audit_text import describe_carrier

    (_, before), *without = kept.without_modules(opened, opened.network, kept.MODULES)
    success = before.success or 0.0
    st.markdown(
        f"What was looked for happens in **{success:.0%}** of the probed examples; accuracy on "
        f"clean data is **{before.accuracy:.1%}**."
    )
    if not opened.planted.is_planted:
        st.caption(
            "A control has the same probe as the planted case: so often it happens by itself."
        )
        return
    effects = [(name, after.success or 0.0, after.accuracy) for name, after in without]
    st.markdown(describe_carrier(effects, (success, before.accuracy)))
    if given.part:
        hit = given.part == carrier(opened)
        st.markdown(
            f"You pointed at module {given.part}: {'that is it' if hit else 'that is another'}."
        )
    st.dataframe(
        pd.DataFrame(
            [
                {"without module": name, "planted behaviour": after, "accuracy": accuracy}
                for name, after, accuracy in effects
            ]
        ),
        hide_index=True,
        column_config={
            "planted behaviour": _share("Share of probed examples on which it still happens."),
            "accuracy": _share("Right answers on the clean test split."),
        },
        key="audit_effects",
    )


def _share(words: str) -> Any:
    return st.column_config.ProgressColumn(
        help=words, format="percent", min_value=0.0, max_value=1.0
    )


def _show_pictures(opened: kept.Opened) -> None:
    from explorer.views import charts
    from explorer.views.audit_pictures import trigger_pairs, trigger_texts, where_maps
    from explorer.views.palette import LOSS
    from explorer.views.pixel_map import pixel_map

    blind = cache.network(opened.network)
    assert blind.task is not None
    texts = trigger_texts(blind.task, opened.planted, opened.checkpoint.network)
    if texts:
        st.markdown("Probed stories, and what this network says next:")
        st.markdown(
            "\n".join(
                f"- {plain(words)} … **{plain(said)}** (planted: {plain(wanted)})"
                for words, said, wanted in texts
            )
        )
    maps = where_maps(blind.task, opened.planted)
    pairs = trigger_pairs(blind.task, opened.planted, opened.checkpoint.network)
    if not maps and not pairs:
        return
    left, right = st.columns([1, 3], gap="large")
    with left:
        for name, values in maps:
            st.html(pixel_map(values, LOSS, f"Where it sits: {name}"))
    with right:
        if pairs:
            pictures = [picture for pair in pairs for picture in pair.pictures]
            titles = [title for pair in pairs for title in pair.titles]
            st.caption(
                "Examples without and with it, and what this network answers."
                if opened.planted.where
                else "Examples in which it speaks, and what this network answers."
            )
            chart(charts.example_pictures(pictures, titles), "audit_pairs", "; ".join(titles))
