"""What does every part do, and how far can I believe it?"""

import streamlit as st

from explorer.ui import cache, session
from explorer.ui.descriptions import page

view = session.view()

st.title(f"Descriptions of {cache.network(view.network).name}")
page.show(view)
