"""A stranger's connector that tries to get out of its cage: its config says how. Each attack returns its loot."""

from .connector import Hostile

__all__ = ["Hostile"]
