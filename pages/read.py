"""Can people read it? Evidence of a module and four descriptions, one of them right."""

import streamlit as st

from explorer.ui import session
from explorer.ui.read import quiz

st.title("Can you read it?")
quiz.show(session.view())
