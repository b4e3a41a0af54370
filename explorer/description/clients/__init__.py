"""Language models that can be asked for a description, behind one interface."""
