"""Connector for GitLab, gitlab.com and self-managed, by personal, project or group access token."""

from integrations_hub_gitlab.connector import GitLabConnector

__all__ = ["GitLabConnector"]
