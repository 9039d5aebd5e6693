"""Connector for GitHub (github.com, ghe.com and Enterprise Server), by GitHub App."""

from integrations_hub_github.connector import GitHubConnector

__all__ = ["GitHubConnector"]
