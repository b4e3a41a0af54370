"""Does it pursue its task? A blind case, a verdict, the truth."""

import streamlit as st

from explorer.ui import session
from explorer.ui.audit import page

st.title("Does it pursue its task?")
page.show(session.view())
