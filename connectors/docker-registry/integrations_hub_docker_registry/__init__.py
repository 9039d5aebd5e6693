"""Connector for container registries that speak the OCI Distribution API: Docker Hub, Distribution and many others."""

from integrations_hub_docker_registry.connector import DockerRegistryConnector

__all__ = ["DockerRegistryConnector"]
