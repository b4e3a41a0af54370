"""Which module of one network is which of another, and what changed?"""

import streamlit as st

from explorer.ui import cache, compare, session

view = session.view()

st.title(f"Compare {cache.network(view.network).name}")
compare.show(view)
