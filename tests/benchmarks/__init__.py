"""Tests of what measures what the README claims."""
