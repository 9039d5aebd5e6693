"""The tenant these tests attack, made anew for each of their files."""

from tests.support.victim import untouched, victim

__all__ = ["untouched", "victim"]
