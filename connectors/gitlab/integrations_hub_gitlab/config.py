"""What an integration with GitLab is configured with."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from integrations_hub.connector.contract import HttpConfig
from integrations_hub_gitlab.api import api_root

__all__ = ["GitLabConfig"]


class GitLabConfig(HttpConfig):
    """Where GitLab is."""

    endpoint: Annotated[str, AfterValidator(api_root)] = Field(
        description=(
            "Address of GitLab, such as https://gitlab.com, without a group or project; kept as the root of its API. "
            "http:// is for networks nobody listens on: the token crosses them unencrypted"
        ),
        max_length=2048,
    )
