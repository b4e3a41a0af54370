"""Values in; figures, tables and graph specifications out. Pure functions."""
