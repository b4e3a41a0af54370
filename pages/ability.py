"""What can the network still do, and which module carries it?"""

import streamlit as st

from explorer.ui import cache, session
from explorer.ui.ability import page

view = session.view()

st.title(f"Abilities of {cache.network(view.network).name}")
page.show(view)
