"""The audit: does a network pursue what it was trained for? Behind the verb ``audit``."""
