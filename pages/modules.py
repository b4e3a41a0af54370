"""What parts has the network, and what passes between them?"""

import streamlit as st

from explorer.ui import cache, modules, session

view = session.view()

st.title(f"Modules of {cache.network(view.network).name}")
modules.show(view)
