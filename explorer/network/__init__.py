"""Checkpoints, architectures, tasks and the weighted graph of a network."""
