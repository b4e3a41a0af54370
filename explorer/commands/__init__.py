"""The commands of the command line, by subject; ``explorer.cli`` puts them together."""
