"""Families of transformers: which tensor plays which role, one entry a family."""

from explorer.network.architectures.families.base import BLOCK_ROLES, Family
from explorer.network.architectures.families.table import FAMILIES

__all__ = ["BLOCK_ROLES", "FAMILIES", "Family"]
