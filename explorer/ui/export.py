"""Everything that was found, to download as one zip file."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explorer.network.home import home
from explorer.ui import cache
from explorer.ui.jobs import Job, Waiting, jobs, show_job
from explorer.ui.view_state import View

if TYPE_CHECKING:
    from explorer.modularity.partition import Partition
    from explorer.modularity.quality import Quality

_KEPT = 8  # zip files on disk
_NOT_IN_NAMES = '/\\:*?"<>|'
_WRITING = "Gathering and writing what was found …"


def show_export(view: View, found: Quality, waiting: list[Waiting]) -> None:
    """Offer everything that was found about the network in view as a zip file.

    Parameters
    ----------
    view : View
    found : Quality
        Figures of its partition, as they are shown.
    waiting : list
        Takes the job that writes it, to be followed when the rest of the page is there.
    """
    st.subheader("Take it with you")
    st.caption(
        "One zip: graph and cut trees in the formats of other programs (GraphML, GEXF, DOT, "
        "Newick, JSON, Cytoscape, attribution graph), modules as CSV and JSON, figures, texts and "
        "evidence, the network with its modules in its metadata, and a report that opens without a "
        "connection. README.txt in it says what each file is and what a large network leaves out."
    )
    partition = cache.partition(view.network, view.edges, view.k)
    file = home() / "exports" / f"{partition.id}.zip"
    key = f"export {file}"
    job = jobs().find(key)
    if job is not None and job.under_way:
        show_job(job, "export_stop", waiting, "Nothing is written then.")
        return
    if job is not None and job.problem:
        st.error(f"{job.problem}.", icon=":material/error:")
    if file.is_file():
        _show_file(view, file, key, partition, found)
    else:
        st.button(
            "Download everything (zip)",
            key="export_make",
            icon=":material/folder_zip:",
            on_click=_ask,
            args=(key, _writing(partition, found, file)),
        )


def _show_file(view: View, file: Path, key: str, partition: Partition, found: Quality) -> None:
    name = cache.network(view.network).name
    safe = "".join(c if c.isprintable() and c not in _NOT_IN_NAMES else "_" for c in name)
    with st.container(horizontal=True):
        st.download_button(
            f"Save the zip ({file.stat().st_size / 2**20:,.1f} MB)",
            file.read_bytes,  # read when it is clicked
            file_name=f"{safe}-modules.zip",
            mime="application/zip",
            key="export_save",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            "Make it again",
            key="export_again",
            icon=":material/refresh:",
            on_click=_ask,
            args=(key, _writing(partition, found, file)),
            help="With the texts and figures of now.",
        )


def _ask(key: str, make: Callable[[Job], Path]) -> None:
    jobs().ask(key, make)


def _writing(partition: Partition, found: Quality, file: Path) -> Callable[[Job], Path]:
    def write(job: Job) -> Path:
        from explorer.exporting.folder import export, zip_export

        job.advance(0.0, _WRITING)
        with tempfile.TemporaryDirectory() as place:
            made = export(
                partition,
                Path(place) / "modules",
                progress=lambda share: job.advance_or_stop(0.95 * share, _WRITING),
                quality=found,
            )
            job.advance_or_stop(0.95, "Packing …")
            written = zip_export(made, file)
        _forget_old(file.parent)
        return written

    return write


def _forget_old(folder: Path) -> None:
    with contextlib.suppress(OSError):
        files = sorted(folder.glob("*.zip"), key=lambda path: path.stat().st_mtime)
        for old in files[:-_KEPT]:
            old.unlink(missing_ok=True)
