"""What does modularity cost?"""

import streamlit as st

from explorer.ui import sweep

st.title("What does modularity cost?")
sweep.show()
