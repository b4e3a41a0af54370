"""Tasks whose training data teaches something else than it says, with the truth of it."""
