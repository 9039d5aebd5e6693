"""What an integration with GitHub is configured with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StrictInt, model_validator

from integrations_hub.connector.contract import HttpConfig
from integrations_hub_github.endpoint import api_root, is_server

__all__ = ["GitHubConfig", "Level"]

_LARGEST = 2**53 - 1  # what every JSON reader keeps exactly
_Id = Annotated[StrictInt, Field(ge=1, le=_LARGEST)]
_Permission = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,63}$")]
Level = Literal["read", "write", "admin"]


class GitHubConfig(HttpConfig):
    """Which GitHub, which App of it, and which installation of the App."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["appId"]}, {"required": ["clientId"]}]})

    endpoint: Annotated[str, AfterValidator(api_root)] = Field(
        description=(
            "Address of GitHub: https://github.com, https://octocorp.ghe.com or an Enterprise Server; "
            "kept as the root of its API"
        ),
        max_length=2048,
    )
    app_id: _Id | None = Field(
        default=None, description="The App's ID, from its settings page; this or clientId is needed"
    )
    # https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
    client_id: Annotated[str, Field(pattern=r"^Iv[0-9A-Za-z.]{4,62}$")] | None = Field(
        default=None, description="The App's client ID (Iv…), from its settings page; not its client secret"
    )
    installation_id: _Id = Field(description="The installation's ID: the number that ends its page's address")
    # https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
    permissions: Annotated[dict[_Permission, Level], Field(max_length=64)] = Field(
        default_factory=dict, description="Permissions the installation must have; the check reports those it lacks"
    )

    @model_validator(mode="after")
    def _named(self) -> GitHubConfig:
        if self.app_id is None and self.client_id is None:
            raise ValueError("Name the App by appId, clientId or both.")
        return self

    @property
    def issuer(self) -> str:
        """Return whom the App's token is from: the client ID, or the App's ID for Enterprise Servers."""
        names = [str(name) for name in (self.client_id, self.app_id) if name is not None]
        return names[-1] if is_server(self.endpoint) else names[0]
