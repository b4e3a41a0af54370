"""Choose who describes: measured, a language model on this computer, or an endpoint."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

EMBEDDED, SMALL, PATH = "embedded", "smollm2", "path"
# As ``explorer.description.clients.endpoint`` names the address; and the models to offer there.
URL, MODELS = "EXPLORER_ENDPOINT_URL", "EXPLORER_ENDPOINT_MODELS"
GEMMA_TERMS = "https://ai.google.dev/gemma/terms"
TITLES = {
    EMBEDDED: "Gemma 3 270M, comes with this app",
    SMALL: "SmolLM2 135M, comes as a package",
    PATH: "Another model on this computer",
}
_ABOUT = {
    EMBEDDED: (
        "Runs on this computer; nothing leaves it. Google's model, under the "
        f"[Gemma terms of use]({GEMMA_TERMS}). It rephrases what was measured and discovers "
        "nothing. The very first time it is converted, which takes about a minute; later it is "
        "ready after a few seconds."
    ),
    SMALL: (
        "Runs on this computer; nothing leaves it. Half the size of Gemma, and less able; under "
        "the free Apache 2.0 licence."
    ),
    PATH: (
        "Runs on this computer; nothing leaves it, but a model that is named by its id is "
        "downloaded first. Larger models write better, and slower."
    ),
}


@dataclass(frozen=True)
class Choice:
    """Who is to describe.

    Attributes
    ----------
    spec : str
        As ``open_client`` takes it; empty while something is still to be typed.
    title : str
    remote : bool
        Whether the evidence leaves this computer.
    """

    spec: str
    title: str
    remote: bool


def ask_describer(key: str) -> Choice:
    """Let people choose who describes, and say what that means.

    Parameters
    ----------
    key : str
        Names the choice on its page.
    """
    endpoints = _endpoints()
    offered = [EMBEDDED, SMALL, PATH, *endpoints]  # what stays on this computer goes first
    chosen = st.selectbox(
        "Describe with",
        offered,
        key=f"{key}_describer",
        format_func=lambda spec: TITLES.get(spec) or f"Endpoint: {spec.partition(':')[2]}",
        help="Who puts the evidence into words. The measured text stays beside it, whoever does. "
        f"Models elsewhere are offered if {URL} and {MODELS} are set when the app starts.",
    )
    if chosen in endpoints:
        st.caption(
            f":material/cloud_upload: **The evidence leaves this computer:** it is sent to "
            f"`{_address()}`. That may cost money there."
        )
        return Choice(chosen, chosen.partition(":")[2], remote=True)
    st.caption(_ABOUT[chosen])
    if chosen != PATH:
        return Choice(chosen, TITLES[chosen].partition(",")[0], remote=False)
    path = st.text_input(
        "Folder of the model, or its id on the Hugging Face hub",
        key=f"{key}_path",
        placeholder="/models/Qwen3-4B or Qwen/Qwen3-4B",
        help="A model that goes on with a text (a causal language model), as the package "
        "transformers opens it.",
    ).strip()
    return Choice(f"path:{path}" if path else "", path.rpartition("/")[2] or path, remote=False)


def _endpoints() -> list[str]:
    names = os.environ.get(MODELS, "").replace(",", " ").split()
    return [f"endpoint:{name}" for name in names] if _address() else []


def _address() -> str:
    """Return where the endpoint is, without what may stand before its name."""
    found = urlsplit(os.environ.get(URL, "").strip())
    return f"{found.scheme}://{found.netloc.rpartition('@')[2]}{found.path}" if found.netloc else ""
