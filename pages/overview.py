"""What is this network, and how modular is it against chance?"""

import streamlit as st

from explorer.ui import cache, overview, session

view = session.view()
network = cache.network(view.network)

st.title(network.name)
overview.show_network(view, network)
overview.show_modularity(view)
overview.show_figures(view)
overview.show_opening(view, network)
