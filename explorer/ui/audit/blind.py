"""A blind case: drawn, looked at, judged, and only then told."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, session
from explorer.ui.audit import closer, drawing, kept, modules, report, truth
from explorer.ui.audit.drawing import ANY, FAMILY_TITLES, BlindCase
from explorer.ui.descriptions.author import author
from explorer.ui.jobs import Waiting

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.curation.verdicts import Verdict
    from explorer.ui.view_state import View

_HOW = (
    "A network is trained when it is drawn, in a second or two (one that tells stories takes "
    "minutes). With equal chance something was planted in its "
    "training data, or it is a control: clean data, or the same trigger images with their true "
    "labels. Nothing on this page tells which, before you have said what you think."
)
_SURE_HELP = "50 % is a guess, 100 % is certain. Whoever is 80 % sure should be right in 4 of 5."
_NONE = "I cannot say"


def show(view: View, waiting: list[Waiting]) -> None:
    """Let people draw a case, look at it and judge it; then show the truth."""
    case = BlindCase.read(view.case) if view.case else None
    _show_choice(case)
    if case is None:
        st.info(_HOW, icon=":material/casino:")
        truth.show_record(reader())
        return
    opened = _open(case)
    given = _verdict_on(opened)
    _show_heading(case, opened)
    if given is not None:
        truth.show(opened, given, reader(), waiting)
    modules.show(opened.network)
    closer.show(opened.network, choose=False)
    if given is None:
        _show_asking(opened, waiting)
        _show_verdict(opened)
        truth.show_record(reader())


def reader() -> str:
    """Return the visitor's name, or what stands for it in this visit."""
    anonymous: str = st.session_state.setdefault("reader", f"visitor-{secrets.token_hex(6)}")
    return author() or anonymous


def _show_choice(case: BlindCase | None) -> None:
    with st.expander("What may be drawn", expanded=False, icon=":material/tune:"):
        columns = st.columns(4)
        with columns[0]:
            family = st.selectbox(
                "Family",
                drawing.families(),
                key="audit_family",
                format_func=drawing.family_name,
                help="\n\n".join(FAMILY_TITLES.values()),
            )
        with columns[1]:
            kind = st.selectbox(
                "Kind",
                (ANY, *drawing.kinds(family)),
                key=f"audit_kind_{family}",
                help="Of what may be planted. Leave it at any to be told nothing.",
            )
        with columns[2]:
            regime = st.selectbox(
                "Regime",
                (ANY, *drawing.regimes(family)),
                key=f"audit_regime_{family}",
                help="How it is trained: plain, with L1, with stronger L1 (matched: as accurate as "
                "the modular one), or with the default modularity loss.",
            )
        with columns[3]:
            number = st.number_input(
                "Number",
                0,
                drawing.LAST_NUMBER,
                value=None,
                key="audit_number",
                placeholder="drawn",
                help="All that is random follows from it, so that others can judge the same "
                f"network. Drawn ones begin at {drawing.FIRST_NUMBER:,}: no auditor was made or "
                "measured on those.",
            )
    st.button(
        "Draw a network" if case is None else "Draw another network",
        key="audit_draw",
        type="primary" if case is None else "secondary",
        icon=":material/casino:",
        on_click=_draw,
        args=(family, kind, regime, number),
        help="Planted or a control, with equal chance.",
    )


def _draw(family: str, kind: str, regime: str, number: int | None) -> None:
    drawn = drawing.draw_number() if number is None else int(number)
    session.take_case(str(BlindCase(family, kind, regime, drawn)))
    st.session_state["audit_part"] = None


def _open(case: BlindCase) -> kept.Opened:
    bar = st.empty()
    opened = kept.open_blind(case, lambda share: _advance(bar, share))
    bar.empty()
    return opened


def _advance(bar: DeltaGenerator, share: float) -> None:
    bar.progress(min(1.0, share), "Training the network …")


def _show_heading(case: BlindCase, opened: kept.Opened) -> None:
    network = cache.network(opened.network)
    st.subheader(f"Case {case.number}")
    task = network.task
    assert task is not None
    # On the case's own test split: what others would show, such as a coin that lies elsewhere than
    # in training, is not for whoever audits it blind.
    (_, figures), *_ = kept.without_modules(opened, opened.network, kept.MODULES)
    what = "tokens" if task.is_text else "answers"
    st.markdown(
        f"A network of {network.network.shape} neurons, declared to do this: {task.summary} On "
        f"clean test data {figures.accuracy:.1%} of its {what} are right."
    )


def _show_asking(opened: kept.Opened, waiting: list[Waiting]) -> None:
    st.subheader("Ask the auditors")
    st.caption(
        "Optional: they never see the trigger either. Your verdict is then counted as one with "
        "their help."
    )
    report.show(opened.network, waiting, opened.checkpoint, blind=True)


def _show_verdict(opened: kept.Opened) -> None:
    st.subheader("Your verdict")
    names = [module.name for module in cache.partition(opened.network, None, kept.MODULES).modules]
    key = opened.network
    said = st.radio(
        "Was something planted in it?",
        (True, False),
        index=None,
        key=f"audit_said_{key}",
        format_func=lambda yes: "Something was planted" if yes else "Nothing was planted",
        horizontal=True,
        help="Half of the cases have something planted. The truth is shown at once, so only your "
        "first verdict on a network counts.",
    )
    left, right = st.columns(2)
    with left:
        part = st.selectbox(
            "Which module carries it?",
            (_NONE, *names),
            key=f"audit_said_part_{key}",
            disabled=not said,
            help="Optional. It is held against the module without which the planted behaviour "
            "falls most.",
        )
    with right:
        sure = st.slider(
            "How sure are you?",
            50,
            100,
            70,
            step=5,
            format="%d %%",
            key=f"audit_sure_{key}",
            help=_SURE_HELP,
        )
    st.button(
        "Commit and see the truth",
        key="audit_commit",
        type="primary",
        icon=":material/gavel:",
        disabled=said is None,
        on_click=_commit,
        args=(opened, said, "" if part == _NONE or not said else part, sure),
    )


def _commit(opened: kept.Opened, said: bool, part: str, sure: int) -> None:
    carrier = truth.carrier(opened)
    asked = report.asked(opened.network)
    state = st.session_state
    state.setdefault("audit_given", {})[opened.network] = (said, part, sure)
    state["audit_part"] = carrier or part or None
    try:
        kept.verdicts().add(
            opened.network,
            str(opened.member.case),
            opened.member.regime,
            opened.member.is_planted,
            said=said,
            sure=sure,
            parts=part,
            carrier=carrier,
            asked=asked,
            who=reader(),
        )
    except ExplorerError as problem:
        state["audit_problem"] = f"Your verdict is not kept: {problem}"


def _verdict_on(opened: kept.Opened) -> truth.Given | None:
    """Return what was said of this network in this visit, or by the person of this name before."""
    held = st.session_state.get("audit_given", {}).get(opened.network)
    if held is not None:
        return truth.Given(*held)
    try:
        before: list[Verdict] = [
            one for one in kept.verdicts().list(reader()) if one.network_id == opened.network
        ]
    except ExplorerError:
        return None
    return truth.Given(before[0].said, before[0].parts, before[0].sure) if before else None
