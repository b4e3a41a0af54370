"""Two networks side by side: which module of one is which of the other, and what changed."""
