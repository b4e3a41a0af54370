"""Training small networks, with the losses that make them modular."""
