"""The page *Train*: a form, a run that shows itself while it trains, and the runs that are kept."""
