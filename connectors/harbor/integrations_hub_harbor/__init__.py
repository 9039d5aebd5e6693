"""Connector for Harbor 2.x container registries, by robot account."""

from integrations_hub_harbor.connector import HarborConnector

__all__ = ["HarborConnector"]
