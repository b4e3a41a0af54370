"""Grids of training runs: what each settings costs and buys, on one machine or a cluster."""
