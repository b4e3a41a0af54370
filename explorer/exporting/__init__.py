"""Everything that was found about a network, as a folder that others open."""
