"""Tests of what people make of descriptions, on SQLite and on a real Postgres."""
