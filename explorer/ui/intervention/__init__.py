"""Intervene: change some neurons of a network, see what it does, keep the repaired network."""

from explorer.ui.intervention.section import show_intervention

__all__ = ["show_intervention"]
