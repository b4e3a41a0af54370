"""Texts about parts on pages: shown, asked for, curated, listed."""
