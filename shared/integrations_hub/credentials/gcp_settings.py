"""The settings of Google Secret Manager, and the client they make."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from integrations_hub.credentials.names import TENANT

if TYPE_CHECKING:
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient
    from google.cloud.secretmanager_v1.services.secret_manager_service.transports import SecretManagerServiceTransport

__all__ = ["GoogleSettings", "make_client"]

_PROJECT = re.compile(r"[a-z][a-z0-9-]*")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class GoogleSettings(BaseModel):
    """Which projects: with `{tenant}` in `project` one per tenant, without it one that all share.

    Credentials are the application's default ones (cloud.google.com/docs/authentication), or a service account's key
    in a file. `location` is for regional secrets.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["gcp-sm"] = "gcp-sm"
    project: str
    location: str | None = Field(None, pattern=r"^[a-z]+-[a-z]+\d+$")
    service_account_file: Path | None = None
    emulator: str | None = None

    @field_validator("project")
    @classmethod
    def _plain(cls, project: str) -> str:
        if not _PROJECT.fullmatch(project.replace(TENANT, "tenant", 1)):
            raise ValueError("must be a project's id, with at most one {tenant}")
        return project

    @field_validator("emulator")
    @classmethod
    def _near(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "http://localhost")
        if parts.scheme != "http" or parts.hostname not in _LOOPBACK or parts.path.strip("/"):
            raise ValueError("must be http:// and a port of this machine: it is spoken to without login or encryption")
        return url


def make_client(settings: GoogleSettings) -> SecretManagerServiceClient:
    """Return the client; it connects when it is first asked.

    Raises:
        GoogleAuthError: the hub has no credentials.
        OSError: the file cannot be read.
    """
    from google.auth import default  # noqa: PLC0415 - for who really reads a secret
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient  # noqa: PLC0415 - as above
    from google.oauth2 import service_account  # noqa: PLC0415 - as above

    if settings.emulator:
        return SecretManagerServiceClient(transport=_unprotected(urlsplit(settings.emulator).netloc))
    where = f".{settings.location}.rep" if settings.location else ""
    options = {"api_endpoint": f"secretmanager{where}.googleapis.com"}
    file = settings.service_account_file
    if file is None:
        credentials, _ = default([_SCOPE])
    else:
        credentials = service_account.Credentials.from_service_account_file(str(file), scopes=[_SCOPE])  # type: ignore[no-untyped-call] # google-auth types half of itself
    return SecretManagerServiceClient(credentials=credentials, client_options=options)


def _unprotected(address: str) -> SecretManagerServiceTransport:
    import grpc  # noqa: PLC0415 - as above
    from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (  # noqa: PLC0415 - as above
        SecretManagerServiceGrpcTransport,
    )

    return SecretManagerServiceGrpcTransport(channel=grpc.insecure_channel(address))
