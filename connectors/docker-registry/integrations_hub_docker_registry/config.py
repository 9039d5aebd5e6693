"""What an integration with a container registry is configured with."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from integrations_hub.connector.contract import HttpConfig
from integrations_hub_docker_registry.address import REPOSITORY, root_of

__all__ = ["DockerRegistryConfig"]


class DockerRegistryConfig(HttpConfig):
    """Where the registry is, and which repository proves that images can be pulled."""

    endpoint: Annotated[str, AfterValidator(root_of)] = Field(
        description=(
            "Address of the registry, such as https://registry.example.com or docker.io; kept as its root, without "
            "/v2/. http:// is for networks nobody listens on: the credential crosses them unencrypted"
        ),
        max_length=2048,
    )
    repository: str | None = Field(
        default=None,
        pattern=REPOSITORY,
        max_length=255,
        description="A repository that must be pullable, such as team/app; without it only the login is proved",
    )
