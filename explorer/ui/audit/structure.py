"""Did structure help? The plain answer, which stands on the page whatever else is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui.audit import kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.views.audit_structure import Comparison


def show() -> None:
    """Say whether structure helped, with the figures that the sentence follows from."""
    from explorer.views import audit_structure
    from explorer.views.audit_bars import interval_lines

    st.divider()
    st.subheader("Did structure help?")
    compared: Sequence[Comparison] = ()
    try:
        auditor, compared, shares = kept.regimes_compared()
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
    st.markdown(f"**To detect:** {audit_structure.structure_sentence(compared)}")
    if compared:
        # As far to both sides, and no shorter than the longest interval.
        gaps = [one.difference for one in compared]
        end = max(0.5, *(-gap.low for gap in gaps), *(gap.high for gap in gaps))
        st.html(
            interval_lines(
                [(audit_structure.describe_comparison(one), one.difference) for one in compared],
                -end,
                end,
                zero=0.0,
            )
        )
        said = "; ".join(audit_structure.describe_share(*share) for share in shares)
        st.caption(
            f"By the auditor {kept.titles().get(auditor, auditor)}, on networks that nothing was "
            f"chosen on. Dashed: no difference; an interval that holds it shows none. "
            f"Found at 5 % false alarms: {said}."
        )
    else:
        st.caption(audit_structure.NOT_MEASURED)
    _show_removal()


def _show_removal() -> None:
    from explorer.views.audit_removal import NOT_MEASURED, removal_sentence, removal_table

    try:
        rows = kept.removals()
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    st.markdown(f"**To remove:** {removal_sentence(rows)}")
    if rows:
        st.dataframe(removal_table(rows), hide_index=True, key="audit_removal")
    else:
        st.caption(NOT_MEASURED)
