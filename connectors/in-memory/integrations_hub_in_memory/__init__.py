"""Connector to nothing: scripted and deterministic, so that clients rehearse failure offline."""

from integrations_hub_in_memory.connector import InMemoryConnector

__all__ = ["InMemoryConnector"]
