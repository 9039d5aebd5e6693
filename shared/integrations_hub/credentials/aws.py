"""AWS as a secret backend: whose rights a read has, and what AWS's refusals mean.

Credentials come as boto3 finds them (docs.aws.amazon.com/boto3: environment, container, instance, web identity), and
`AWS_ENDPOINT_URL` is honoured by it. With `role_arn` each read is made as that role under the session tag `tenant`,
so that a policy with `${aws:PrincipalTag/tenant}` is a second wall.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from integrations_hub.credentials.errors import BackendUnavailable, SecretForbidden, SecretNotFound, SecretUnavailable
from integrations_hub.credentials.kept import KeptClients, quieten

if TYPE_CHECKING:
    from botocore.credentials import RefreshableCredentials

__all__ = ["AwsClients", "AwsSettings"]

_TIMEOUTS_S = (1.5, 3.0)  # to connect, to read; with one more attempt a read ends within the lane's deadline
_ATTEMPTS = 2
_ABSENT = frozenset(
    {
        "InvalidParameterException",
        "InvalidRequestException",  # marked for deletion
        "ParameterNotFound",
        "ParameterVersionLabelNotFound",
        "ParameterVersionNotFound",
        "ResourceNotFoundException",
        "ValidationException",
    }
)
_REFUSED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "DecryptionFailure",
        "InvalidKeyId",  # the one secret's key: its tenant's matter, and no outage
        "KMSAccessDeniedException",
    }
)


class AwsSettings(BaseModel):
    """What Secrets Manager and Parameter Store have in common. `prefix` begins every name."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    region: str | None = Field(None, pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    prefix: str = Field("hub", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*$")
    role_arn: str | None = Field(None, pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$")


class AwsClients:
    """Asks one AWS service, as the hub or as a role under the tenant's tag. Making one imports nothing."""

    def __init__(self, alias: str, service: str, settings: AwsSettings) -> None:
        """Hold the settings."""
        self._alias = alias
        self._service = service
        self._settings = settings
        self._clients: KeptClients[Any] = KeptClients(self._made)

    def ask(self, tenant: str, operation: str, **question: object) -> Mapping[str, Any]:
        """Ask once, with the rights of this tenant.

        Raises:
            SecretUnavailable: a subclass, saying what AWS's answer means.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - for who really reads a secret

        try:
            client = self._clients.get(tenant if self._settings.role_arn else "")
            answer: Mapping[str, Any] = getattr(client, operation)(**question)
        except ClientError as refusal:
            failure = self._explained(str(refusal.response.get("Error", {}).get("Code", "")))
        except BotoCoreError as fault:
            evidence = f"the secret backend cannot be reached ({type(fault).__name__})"
            failure = BackendUnavailable(self._alias, evidence, "Have the operator look at the hub's access to AWS.")
        else:
            return answer
        raise failure

    def _explained(self, code: str) -> SecretUnavailable:
        if code in _ABSENT:
            remedy = "Store it, or correct the path and version in authRefUri."
            return SecretNotFound(self._alias, "there is no such secret or version", remedy)
        if code in _REFUSED:
            remedy = "Check the path in authRefUri; if it is right, have the operator check the hub's IAM policy."
            return SecretForbidden(self._alias, "the secret backend refuses this read", remedy)
        evidence = f"the secret backend answered {code}"
        return BackendUnavailable(self._alias, evidence, "Have the operator look at the secret backend.")

    def _made(self, tenant: str) -> Any:
        import boto3  # noqa: PLC0415 - for who really reads a secret
        from botocore.config import Config  # noqa: PLC0415 - as above

        quieten("botocore", logging.INFO)
        quieten("boto3", logging.INFO)
        connect, read = _TIMEOUTS_S
        retries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
        config = Config(connect_timeout=connect, read_timeout=read, retries=retries)
        session = boto3.session.Session(region_name=self._settings.region)
        if tenant:
            session = _as_tenant(tenant, str(self._settings.role_arn), session, config)
        return session.client(self._service, config=config)


def _as_tenant(tenant: str, role_arn: str, hub: Any, config: Any) -> Any:
    """Return a session of the role under the session tag `tenant`; it asks STS when it is first used, and in time."""
    import boto3  # noqa: PLC0415 - as above
    from botocore.credentials import (  # noqa: PLC0415 - as above
        CredentialProvider,
        CredentialResolver,
        DeferredRefreshableCredentials,
    )
    from botocore.session import get_session  # noqa: PLC0415 - as above

    sts = hub.client("sts", config=config)

    def assumed() -> dict[str, str]:
        # docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        tags = [{"Key": "tenant", "Value": tenant}]
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=f"hub-{tenant}"[:64], Tags=tags)
        given = answer["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    class Assumed(CredentialProvider):  # type: ignore[misc] # botocore is untyped
        METHOD = "hub-tenant"

        def load(self) -> RefreshableCredentials:
            return DeferredRefreshableCredentials(refresh_using=assumed, method=self.METHOD)

    core = get_session()
    core.register_component("credential_provider", CredentialResolver([Assumed()]))
    return boto3.session.Session(botocore_session=core, region_name=hub.region_name)
