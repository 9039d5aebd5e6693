"""Logging in to Vault as an AWS identity: the hub signs a question to STS, and Vault asks it in its place.

developer.hashicorp.com/vault/docs/auth/aws#iam-auth-method. The hub calls no AWS service for this; its keys come as
botocore finds them. hvac could sign too, but only for the global STS endpoint.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from integrations_hub.credentials.vault_login import VaultLogin

if TYPE_CHECKING:
    import hvac

__all__ = ["AwsLogin", "LoginImpossible"]

_QUESTION = "Action=GetCallerIdentity&Version=2011-06-15"
_PLAIN = r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*$"


class LoginImpossible(Exception):
    """The hub has nothing to log in with; the sentence says what is missing."""


class AwsLogin(VaultLogin):
    """The hub's AWS role. `server_id` is what Vault wants in `X-Vault-AWS-IAM-Server-ID`, against replays."""

    method: Literal["aws"] = "aws"
    role: str
    region: str | None = Field(None, pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")  # as Vault's sts_region; None: the global STS
    server_id: str | None = Field(None, pattern=r"^[\x21-\x7e]+$")
    mount: str = Field("aws", pattern=_PLAIN)

    def log_in(self, client: hvac.Client) -> object:
        """Trade the signed question for a token.

        Raises:
            LoginImpossible: there are no AWS credentials.
        """
        host = _sts_host(self.region)
        headers = _signed(host, self.region or "us-east-1", self.server_id)
        signed = {
            "role": self.role,
            "iam_http_request_method": "POST",
            "iam_request_url": _base64(f"https://{host}/"),
            "iam_request_headers": _base64(json.dumps({name: [value] for name, value in headers.items()})),
            "iam_request_body": _base64(_QUESTION),
        }
        return client.adapter.login(url=f"/v1/auth/{self.mount}/login", use_token=False, json=signed)


def _sts_host(region: str | None) -> str:
    suffix = ".cn" if region and region.startswith("cn-") else ""
    return f"sts.{region}.amazonaws.com{suffix}" if region else "sts.amazonaws.com"


def _signed(host: str, region: str, server_id: str | None) -> dict[str, str]:
    from botocore.auth import SigV4Auth  # noqa: PLC0415 - for who really reads a secret
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - as above
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - as above
    from botocore.session import get_session  # noqa: PLC0415 - as above

    headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    headers |= {"X-Vault-AWS-IAM-Server-ID": server_id} if server_id else {}
    try:
        found = get_session().get_credentials()
        keys = found.get_frozen_credentials() if found else None
    except BotoCoreError:
        keys = None
    if keys is None:
        raise LoginImpossible("the hub has no AWS credentials to log in to the secret backend with")
    request = AWSRequest("POST", f"https://{host}/", headers=headers, data=_QUESTION)
    SigV4Auth(keys, "sts", region).add_auth(request)
    return {str(name): str(value) for name, value in request.headers.items()}


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
