"""Everything that was found, to download as one zip file."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from explorer.errors import ExplorerError
from explorer.network.home import home
from explorer.ui import cache
from explorer.ui.view_state import View

_KEPT = 8  # zip files on disk
_NOT_IN_NAMES = '/\\:*?"<>|'


@st.fragment
def show_export(view: View) -> None:
    """Offer everything that was found about the network in view as a zip file."""
    st.subheader("Take it with you")
    st.caption(
        "Graph and cut trees (GraphML, GEXF, DOT, Newick, JSON, Cytoscape, attribution graph), "
        "modules as CSV and JSON, figures with their nulls, texts and evidence as lines of JSON, "
        "the network with its modules in its metadata, and a report that opens without a "
        "connection. README.txt says what each file is, and what a large network leaves out."
    )
    file = _file(view)
    if not file.is_file():
        place = st.empty()
        if place.button(
            "Download everything (zip)", key="export_make", icon=":material/folder_zip:"
        ):
            place.empty()
            _make(view, file)
        if not file.is_file():
            return
    name = cache.network(view.network).name
    safe = "".join(c if c.isprintable() and c not in _NOT_IN_NAMES else "_" for c in name)
    st.download_button(
        f"Save {file.stat().st_size / 2**20:,.1f} MB",
        file.read_bytes,  # read when it is clicked
        file_name=f"{safe}-modules.zip",
        mime="application/zip",
        key="export_save",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )


def _make(view: View, file: Path) -> None:
    from explorer.exporting.folder import export, zip_export

    bar = st.progress(0.0, "Comparing with shuffled networks …")

    def shown(start: float, end: float, said: str) -> Callable[[float], None]:
        return lambda share: bar.progress(min(1.0, start + (end - start) * share), said) and None

    try:
        quality = cache.quality_with_progress(
            view.network, view.edges, view.k, shown(0.0, 0.2, "Comparing with shuffled networks …")
        )
        with tempfile.TemporaryDirectory() as place:
            made = export(
                cache.partition(view.network, view.edges, view.k),
                Path(place) / "modules",
                tree=cache.cut_tree(view.network, view.edges),
                progress=shown(0.2, 0.95, "Gathering and writing what was found …"),
                quality=quality,
            )
            bar.progress(0.95, "Packing …")
            zip_export(made, file)
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
    finally:
        bar.empty()
    _forget_old()


def _file(view: View) -> Path:
    return home() / "exports" / f"{cache.partition(view.network, view.edges, view.k).id}.zip"


def _forget_old() -> None:
    with contextlib.suppress(OSError):
        files = sorted((home() / "exports").glob("*.zip"), key=lambda path: path.stat().st_mtime)
        for old in files[:-_KEPT]:
            old.unlink(missing_ok=True)
