"""Ways to be rid of what was planted with a few trusted examples: the spare and its rivals."""
