"""Is the split real? What the minimum cuts say."""

import streamlit as st

from explorer.ui import cache, session, trees

view = session.view()

st.title(f"Cut tree of {cache.network(view.network).name}")
trees.show_module_tree(view)
trees.show_neuron_tree(view)
trees.show_downloads(view)
trees.show_speed()
