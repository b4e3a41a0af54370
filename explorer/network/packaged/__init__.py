"""Language models that come as packages of the index: found, converted once, opened quickly."""
