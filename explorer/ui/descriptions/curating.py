"""What people do with a text: accept, reject, edit, name, join what two people wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, session, text_cache
from explorer.ui.descriptions.asking import facts_text
from explorer.ui.descriptions.author import ask_author, author
from explorer.ui.view_state import View
from explorer.views.description_text import changes, history_list, text_line, written_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.curation.versions import Version

MAX_TEXT = 2_000
CHANGED = "texts_changed"
_NO_NAME = "found no name of yours; expected one beside every verdict (under *Edit or name*)"


def show_verdict(version: Version) -> None:
    """Let people accept or reject the text in view."""
    with st.container(horizontal=True):
        for status, title, icon in (
            ("accepted", "Accept", "thumb_up"),
            ("rejected", "Reject", "thumb_down"),
        ):
            st.button(
                title,
                key=f"{status}_{version.id}",
                icon=f":material/{icon}:",
                disabled=version.status == status,
                on_click=_judge,
                args=(version, status),
                help="An accepted text is the one to show, and serves as an example for texts of "
                "other networks on the same task."
                if status == "accepted"
                else "A rejected text is no longer shown. It stays in the history.",
            )
    _show_problem()


def show_editing(view: View, part: str, current: Version | None, measured: str) -> None:
    """Let people write a text and name the part; what they type outlives every error."""
    place = text_cache.place(view.network, view.edges, view.k, part)
    drafts: dict[Any, dict[str, Any]] = st.session_state.setdefault("drafts", {})
    key = f"{place.network_id}_{place.partition}_{part}"
    with st.expander("Edit or name", icon=":material/edit:", expanded=key in drafts):
        # What somebody else saves meanwhile must not change under the hands of who types.
        draft = drafts.get(key) or {
            "text": current.text if current else measured,
            "name": current.name if current else "",
            "parents": [current.id] if current else [],
        }

        def typed() -> None:
            draft["text"] = st.session_state[f"text_{key}"]
            draft["name"] = st.session_state[f"name_{key}"]
            drafts[key] = draft

        for field in ("text", "name"):
            session.put(f"{field}_{key}", draft[field])
        st.text_area(
            "Text",
            key=f"text_{key}",
            on_change=typed,
            max_chars=MAX_TEXT,
            help="What this part does, in a sentence. Its claims are checked like any other's.",
        )
        st.text_input(
            "Name of this part",
            key=f"name_{key}",
            on_change=typed,
            max_chars=60,
            help="A short name, as in *the left digit*. It stands beside the letter.",
        )
        ask_author("author_editing")
        left, right = st.columns(2)
        left.button(
            "Save a new version",
            key=f"save_{key}",
            icon=":material/save:",
            on_click=_save,
            args=(view, part, key, draft["parents"]),
            width="stretch",
            help="Earlier versions are kept. If somebody else saved meanwhile, both stay.",
        )
        right.button(
            "Start again",
            key=f"again_{key}",
            on_click=_forget,
            args=(key,),
            disabled=key not in drafts,
            width="stretch",
            help="Forgets what you typed here and takes the text in view.",
        )
        _show_problem("save_problem")


def show_conflict(view: View, part: str, branches: Sequence[Version]) -> None:
    """Show what several people wrote at the same time, and let somebody join it."""
    place = text_cache.place(view.network, view.edges, view.k, part)
    key = f"joined_{'_'.join(sorted(version.id[:8] for version in branches))}"
    with st.container(border=True, key="conflict"):
        st.warning(
            "Two people changed this text at the same time. Both texts are kept: join them into "
            "one, or reject one.",
            icon=":material/call_split:",
        )
        first = branches[0]
        for version in branches:
            st.html(
                text_line(version.text)
                if version is first
                else f"<p style='margin:0'>{changes(first.text, version.text)}</p>"
            )
            left, right = st.columns([3, 1], vertical_alignment="center")
            left.caption(written_by(version.author, version.source, version.time))
            right.button(
                "Reject",
                key=f"reject_{version.id}",
                on_click=_judge,
                args=(version, "rejected"),
            )
        joined = st.text_area("Joined text", first.text, key=key, max_chars=MAX_TEXT)
        st.button(
            "Join them",
            key=f"join_{key}",
            icon=":material/merge:",
            on_click=_attempt,
            args=(
                lambda: text_cache.texts().merge(
                    place,
                    st.session_state[key],
                    [version.id for version in branches],
                    author=author(),
                ),
                "problem",
            ),
            help=f'Makes one new version from {len(branches)}: "{joined[:40]}"',
        )


def show_history(view: View, part: str) -> None:
    """List all versions, the newest first."""
    try:
        found = text_cache.texts().versions(
            text_cache.place(view.network, view.edges, view.k, part)
        )
    except ExplorerError:
        return  # said above already
    if found:
        with st.expander(f"History: {len(found)} version{'s' * (len(found) > 1)}"):
            st.html(history_list(found))


def _save(view: View, part: str, key: str, parents: list[str]) -> None:
    state = st.session_state
    place = text_cache.place(view.network, view.edges, view.k, part)

    def save() -> None:
        facts = text_cache.facts(view.network, view.edges, view.k, part)
        text_cache.texts().add(
            place,
            state[f"text_{key}"],
            author=author(),
            name=state[f"name_{key}"],
            parents=parents,
            task=cache.network(view.network).task_name or "",
            facts_text=facts_text(facts),
        )
        state["drafts"].pop(key, None)

    _attempt(save, "save_problem")


def _forget(key: str) -> None:
    st.session_state["drafts"].pop(key, None)


def _judge(version: Version, status: str) -> None:
    if not author():
        st.session_state["problem"] = _NO_NAME
        return
    texts = text_cache.texts()
    judge = texts.accept if status == "accepted" else texts.reject
    _attempt(lambda: judge(version.id, author()), "problem")


def _attempt(act: Callable[[], Any], where: str) -> None:
    try:
        act()
        st.session_state[CHANGED] = True  # scores, which stand elsewhere, are of the text in view
    except ExplorerError as problem:
        st.session_state[where] = str(problem)


def _show_problem(where: str = "problem") -> None:
    problem = st.session_state.pop(where, None)
    if problem:
        st.error(f"{problem}.", icon=":material/error:")
