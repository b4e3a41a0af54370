"""How far to believe a description: scores on data that it was not written from, with nulls."""
