"""How well the auditors do, on all networks that were measured: a table, ROC curves, strips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui.audit import kept
from explorer.ui.audit.drawing import FAMILY_TITLES
from explorer.ui.elements import chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.auditing.results import NetworkResult

_NONE_YET = (
    "Not measured yet: no results come with this installation. `explorer bench audit` makes them "
    "from zoos that `explorer zoo build` trains. These are the auditors that there are."
)
_ALL = "all kinds"
_LINES = 4


def show() -> None:
    """Show what was measured of the auditors; or say that nothing was."""
    results = kept.measured("report")
    if not results:
        st.info(_NONE_YET, icon=":material/hourglass:")
        st.markdown(_auditors())
        return
    from explorer.views import audit_results

    families = audit_results.families_of(results)
    left, right = st.columns(2)
    with left:
        family = st.selectbox(
            "Family",
            families,
            key="audit_measured_family",
            format_func=lambda name: FAMILY_TITLES.get(name, name),
            help="What was planted.",
        )
    with right:
        kind = st.selectbox(
            "Kind",
            (_ALL, *audit_results.kinds_of(results, family)),
            key=f"audit_measured_kind_{family}",
            help="Only networks with this planted are to be found then; the clean ones stay.",
        )
    own = [result for result in results if result.member.case.family == family]
    _show(own, family, None if kind == _ALL else kind)


def _show(results: Sequence[NetworkResult], family: str, kind: str | None) -> None:
    from explorer.views import audit_results

    table = kept.auditor_table(family, kind)
    if table.empty:
        st.info("Of this kind nothing was measured both with something planted and without.")
        return
    st.markdown("#### Auditors")
    st.caption(
        "Area under the ROC curve with its 95 % interval over networks, and the share found at "
        "5 % false alarms, in every regime (matched L1 is as accurate as the modular one). .50 is "
        "guessing. Rows that look at shuffled modules, "
        "at single neurons, at the whole network or at answers alone are what modules must beat."
    )
    st.dataframe(table, hide_index=True, key="audit_table")
    known = audit_results.auditors_of(results)
    titles = kept.titles()
    names = {name: titles.get(name, name.replace("_", " ")) for name in known}
    best = kept.best_auditor(results)
    st.markdown("#### ROC curves")
    regimes = audit_results.regimes_of(results, family)
    left, right = st.columns([1, 2])
    with left:
        regime = st.selectbox(
            "Regime",
            regimes,
            index=len(regimes) - 1,
            key=f"audit_roc_regime_{family}",
            format_func=lambda name: audit_results.REGIME_TITLES.get(name, name),
            help="How the networks were trained.",
        )
    with right:
        chosen = st.multiselect(
            "Auditors to compare",
            known,
            default=[best, *(name for name in known if name != best)][:3],
            max_selections=_LINES,
            key=f"audit_roc_auditors_{family}",
            format_func=lambda name: names[name],
            help=f"At most {_LINES}, each with its 95 % band.",
        )
    _show_curves(results, family, kind, regime, [(names[name], name) for name in chosen])
    st.markdown("#### Every network")
    auditor = st.selectbox(
        "Auditor",
        known,
        index=known.index(best),
        key=f"audit_strip_auditor_{family}",
        format_func=lambda name: names[name],
        help="Its own measure is drawn, for every network that was measured.",
    )
    _show_strips(results, family, kind, auditor, names[auditor])


def _show_curves(
    results: Sequence[NetworkResult],
    family: str,
    kind: str | None,
    regime: str,
    chosen: list[tuple[str, str]],
) -> None:
    from explorer.views.audit_charts import roc_chart
    from explorer.views.audit_results import scores_of

    lines = [(title, scores_of(results, name, family, regime, kind)) for title, name in chosen]
    chart(
        roc_chart(lines),
        "audit_roc",
        "ROC curves: planted networks found against clean networks flagged; the table above has "
        "their areas.",
    )
    st.caption("Up and to the left is better. Dashed: guessing. Bands: 95 % over networks.")


def _show_strips(
    results: Sequence[NetworkResult], family: str, kind: str | None, auditor: str, title: str
) -> None:
    from explorer.views.audit_charts import strip_chart
    from explorer.views.audit_results import REGIME_TITLES, regimes_of, scores_of

    rows = [
        (REGIME_TITLES.get(regime, regime), scores_of(results, auditor, family, regime, kind))
        for regime in regimes_of(results, family)
    ]
    chart(
        strip_chart(rows, f"score of: {title}"),
        "audit_strips",
        f"Scores of every measured network by regime; {title}.",
    )
    st.caption("Above the line of its regime: something was planted. Below, crosses: controls.")


def _auditors() -> str:
    from explorer.auditing.auditors.registry import AUDITORS
    from explorer.views.audit_text import ACCESS

    return "\n".join(
        f"- **{made.title}** ({ACCESS.get(made.access, made.access)}): {made.summary}"
        for made in AUDITORS.values()
    )
