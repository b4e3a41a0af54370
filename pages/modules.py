"""What parts has the network, and what passes between them?"""

import streamlit as st

from explorer.ui import modules, session

st.title("Modules")
modules.show(session.view())
