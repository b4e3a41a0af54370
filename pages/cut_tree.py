"""Is the split real? What the minimum cuts say."""

import streamlit as st

from explorer.ui import session, trees

view = session.view()

st.title("Cut tree")
trees.show_module_tree(view)
trees.show_neuron_tree(view)
trees.show_downloads(view)
