"""Take texts away and bring them back: reports for people, lines of JSON for programs."""

from __future__ import annotations

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, text_cache
from explorer.ui.view_state import View

_IMPORTED = "texts_imported"
_SCORED_FIRST = "What was not scored yet is scored first, which takes some seconds."
_SCORED_LATER = (
    "For a network that reads text it has only the scores that are kept with texts: to score all "
    "would take minutes."
)


def show(view: View) -> None:
    """Offer reports, the export and the import."""
    name = cache.network(view.network).name
    st.markdown("##### Report of this network")
    st.caption(
        "Pictures, weights, texts and scores of every module and interface, in one file to read, "
        f"print or send. {_SCORED_LATER if _reads_text(view) else _SCORED_FIRST}"
    )
    report = st.session_state.get(_report_key(view))
    if report is None:
        st.button(
            "Make the report",
            key="report_make",
            icon=":material/description:",
            on_click=lambda: st.session_state.update({f"{_report_key(view)} asked": True}),
        )
        if st.session_state.pop(f"{_report_key(view)} asked", False):
            _make(view)
    else:
        html, markdown = report
        left, right, rest = st.columns([1, 1, 1])
        left.download_button(
            "HTML", html, f"{name}.html", "text/html", icon=":material/download:", width="stretch"
        )
        right.download_button(
            "Markdown",
            markdown,
            f"{name}.md",
            "text/markdown",
            icon=":material/download:",
            width="stretch",
        )
        rest.button(
            "Make it again",
            icon=":material/refresh:",
            on_click=lambda: st.session_state.pop(_report_key(view), None),
            width="stretch",
        )
    _show_export(view, name)
    _show_import()


def _make(view: View) -> None:
    from explorer.curation.report import gather_report
    from explorer.views.report_html import report_html
    from explorer.views.report_markdown import report_markdown

    bar = st.progress(0.0, "Gathering pictures, texts and scores …")

    def shown(done: float) -> None:
        bar.progress(min(1.0, done), "Gathering pictures, texts and scores …")

    try:
        found = gather_report(
            cache.network(view.network),
            cache.partition(view.network, view.edges, view.k),
            score_all=not _reads_text(view),
            progress=shown,
        )
        st.session_state[_report_key(view)] = (
            report_html(found).encode(),
            report_markdown(found).encode(),
        )
    except ExplorerError as problem:
        bar.empty()
        st.error(f"{problem}.", icon=":material/error:")
        return
    st.rerun()


def _show_export(view: View, name: str) -> None:
    st.markdown("##### Export")
    st.caption(
        "Every version with author, time, source and scores, and exemplars and answers: one line "
        "of JSON each, to be imported elsewhere."
    )
    try:
        lines = "\n".join(text_cache.export_lines(cache.network(view.network).id)) + "\n"
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    st.download_button(
        "JSON lines",
        lines.encode(),
        f"{name}.jsonl",
        "application/jsonl",
        icon=":material/download:",
        on_click="ignore",
        help="Of the network in view. All networks: explorer texts export --out FILE.",
    )


def _show_import() -> None:
    st.markdown("##### Import")
    given = st.file_uploader(
        "A file that was exported",
        type=["jsonl", "json", "txt"],
        key="texts_file",
        help="All of its lines are taken, or none if one is wrong. Nothing that is here is "
        "overwritten.",
    )
    st.button(
        "Import it",
        key="texts_import",
        icon=":material/upload:",
        disabled=given is None,
        on_click=_import,
    )
    said = st.session_state.pop(_IMPORTED, None)
    if said is not None:
        good, sentence = said
        (st.success if good else st.error)(sentence)


def _import() -> None:
    from explorer.curation.exchange import import_lines

    given = st.session_state["texts_file"]
    try:
        text = given.getvalue().decode("utf-8")
        found = import_lines(text.splitlines())
    except UnicodeDecodeError:
        st.session_state[_IMPORTED] = (False, "This is no text; choose a file that was exported.")
    except ExplorerError as problem:
        st.session_state[_IMPORTED] = (False, f"{problem}.")
    else:
        st.session_state[_IMPORTED] = (
            True,
            f"{found.added} entries added; {found.skipped} were here already.",
        )


def _reads_text(view: View) -> bool:
    task = cache.network(view.network).task
    return task is not None and task.is_text


def _report_key(view: View) -> str:
    return f"report {cache.partition(view.network, view.edges, view.k).id}"
