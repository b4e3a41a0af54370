"""What happens when I ask for modularity? Runs that show themselves while they train."""

import streamlit as st

from explorer.ui import session
from explorer.ui.train import comparing, form, kept, running

running.leave_if_asked()
st.title("Train")
st.markdown(
    "Train a small network and ask it, while it learns, to fall into modules. Choose what to see, "
    "press **Start training**, then move λ and watch accuracy and modules answer."
)
form.show_form(running.start)
running.show_run(session.view().run)
kept.show_runs()
comparing.show_comparison()
