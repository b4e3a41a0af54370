"""A page that shows the live component alone: ``streamlit run tests/browser/train_page.py``.

There is no trainer behind it; tests answer its WebSocket themselves.
"""

import streamlit as st

from explorer.ui.train.component import show_live_run

st.set_page_config(layout="wide", page_title="Live")
ended = show_live_run("a" * 16, "/train/socket", "token")
if ended is not None:
    st.session_state["ended"] = ended
st.write(f"Ended: {st.session_state.get('ended', 'not yet')}")
st.button("Run again")
