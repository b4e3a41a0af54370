"""Evidence: what a module, an interface or a neuron does, measured on data.

The folder is not called evidence because ``explorer.evidence`` is the verb: a sub-package of that
name would take its place as soon as it was imported.
"""
