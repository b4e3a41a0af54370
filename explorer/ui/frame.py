"""The frame around every page: navigation, the pickers that all pages share, the URL."""

from pathlib import Path

import streamlit as st

from explorer.ui import cache, session
from explorer.ui.opening import packaged, preparing

_PAGES = Path(__file__).resolve().parents[2] / "pages"

st.set_page_config(
    page_title="Modular network explorer",
    page_icon=str(Path(__file__).parent / "icon.svg"),
    layout="wide",
)

pages = [
    st.Page(_PAGES / "overview.py", title="Overview", icon=":material/home:", default=True),
    st.Page(_PAGES / "modules.py", title="Modules", icon=":material/hub:"),
    st.Page(_PAGES / "cut_tree.py", title="Cut tree", icon=":material/account_tree:"),
    st.Page(_PAGES / "descriptions.py", title="Descriptions", icon=":material/notes:"),
    st.Page(_PAGES / "read.py", title="Read", icon=":material/quiz:"),
    st.Page(_PAGES / "ability.py", title="Ability", icon=":material/healing:"),
    st.Page(_PAGES / "audit.py", title="Audit", icon=":material/policy:"),
    st.Page(_PAGES / "compare.py", title="Compare", icon=":material/compare_arrows:"),
    st.Page(_PAGES / "train.py", title="Train", icon=":material/model_training:"),
    st.Page(_PAGES / "sweep.py", title="Sweep", icon=":material/ssid_chart:"),
]
of_their_own = pages[-2:]  # these show networks of their own, whatever is in view
page = st.navigation(pages, position="hidden")
session.begin(overview=pages[0], modules=pages[1], cut_tree=pages[2], ability=pages[5])
with st.sidebar:
    st.markdown("**Modular network explorer**")
    # Our own links, because Streamlit's drop the query parameters: every page keeps the view.
    for link in pages:
        st.page_link(link, query_params=session.view().to_query())
    opened = cache.is_open(session.view().network)
    session.pickers(network_only=not opened)
session.write_url()
session.show_notices()
if page in of_their_own or (opened and not preparing.is_needed(session.view())):
    page.run()
elif opened:
    preparing.show(session.view())
else:
    packaged.show(session.view().network)
