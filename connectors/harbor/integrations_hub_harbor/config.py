"""What an integration with Harbor is configured with."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from integrations_hub.connector.contract import HttpConfig
from integrations_hub_harbor.api import api_root
from integrations_hub_harbor.projects import NAME

__all__ = ["HarborConfig"]


class HarborConfig(HttpConfig):
    """Where Harbor is, and which private project proves that the robot sees what it should."""

    endpoint: Annotated[str, AfterValidator(api_root)] = Field(
        description=(
            "Address of Harbor, such as https://registry.example.com; kept as the root of its API. "
            "http:// is for networks nobody listens on: the robot's secret crosses them unencrypted"
        ),
        max_length=2048,
    )
    project: str | None = Field(
        default=None,
        pattern=NAME,
        max_length=255,
        description="A private project the robot must see; without it only the credential is proved",
    )
