"""The zoo: networks with planted failures and their controls, each with its truth on record."""
