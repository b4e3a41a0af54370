"""A run in a process of its own that shows itself while it trains, and can be steered."""
