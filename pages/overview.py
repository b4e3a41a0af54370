"""What is this network, and how modular is it against chance?"""

import streamlit as st

from explorer.ui import cache, export, overview, session
from explorer.ui.jobs import Waiting, follow
from explorer.ui.opening import own

view = session.view()
network = cache.network(view.network)

waiting: list[Waiting] = []

st.title(network.name)
overview.show_network(view, network)
found = overview.show_modularity(view, waiting)
overview.show_figures(view, found, waiting)
export.show_export(view, found, waiting)
own.show(network)
follow(waiting)  # last, so that the rest of the page does not wait for it
