"""Connectors: finding them, judging them, running them."""
