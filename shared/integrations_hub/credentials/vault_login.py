"""How the hub logs in to Vault or OpenBao. Each way is its settings and one question; a new way is one more class.

What is kept in a file (a token, a secret id, a JWT) is read at each login, for whoever keeps it may have renewed it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

if TYPE_CHECKING:
    import hvac

__all__ = ["AppRoleLogin", "JwtLogin", "KubernetesLogin", "TokenLogin", "VaultLogin"]

_MOUNT = r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*$"
_SERVICE_ACCOUNT_TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


class VaultLogin(BaseModel):
    """What every login has in common: it is frozen, and its errors show no value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class TokenLogin(VaultLogin):
    """A token given to the hub, or the file an agent keeps it in; logging in again reads the file again."""

    method: Literal["token"] = "token"
    token: SecretStr | None = None
    token_file: Path | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> TokenLogin:
        if (self.token is None) == (self.token_file is None):
            raise ValueError("give either token or token_file")
        return self

    def log_in(self, client: hvac.Client) -> object:
        """Ask Vault what the token is good for.

        Raises:
            OSError: the file cannot be read.
        """
        client.token = _value(self.token, self.token_file)
        return client.auth.token.lookup_self()


class AppRoleLogin(VaultLogin):
    """A role and its secret id, or the file that holds it (developer.hashicorp.com/vault/api-docs/auth/approle)."""

    method: Literal["approle"] = "approle"
    role_id: str
    secret_id: SecretStr | None = None
    secret_id_file: Path | None = None
    mount: str = Field("approle", pattern=_MOUNT)

    @model_validator(mode="after")
    def _one_of_two(self) -> AppRoleLogin:
        if (self.secret_id is None) == (self.secret_id_file is None):
            raise ValueError("give either secret_id or secret_id_file")
        return self

    def log_in(self, client: hvac.Client) -> object:
        """Trade role and secret id for a token.

        Raises:
            OSError: the file cannot be read.
        """
        secret_id = _value(self.secret_id, self.secret_id_file)
        return client.auth.approle.login(self.role_id, secret_id, use_token=False, mount_point=self.mount)


class JwtLogin(VaultLogin):
    """A workload's JWT from a file, verified by its issuer's keys (developer.hashicorp.com/vault/api-docs/auth/jwt)."""

    method: Literal["jwt"] = "jwt"
    role: str
    jwt_file: Path
    mount: str = Field("jwt", pattern=_MOUNT)

    def log_in(self, client: hvac.Client) -> object:
        """Trade the JWT for a token.

        Raises:
            OSError: the file cannot be read.
        """
        return client.auth.jwt.jwt_login(self.role, _value(None, self.jwt_file), use_token=False, path=self.mount)


class KubernetesLogin(VaultLogin):
    """The pod's service account, reviewed by its cluster (developer.hashicorp.com/vault/api-docs/auth/kubernetes)."""

    method: Literal["kubernetes"] = "kubernetes"
    role: str
    jwt_file: Path = _SERVICE_ACCOUNT_TOKEN
    mount: str = Field("kubernetes", pattern=_MOUNT)

    def log_in(self, client: hvac.Client) -> object:
        """Trade the service account's token for one of Vault's.

        Raises:
            OSError: the file cannot be read.
        """
        jwt = _value(None, self.jwt_file)
        return client.auth.kubernetes.login(self.role, jwt, use_token=False, mount_point=self.mount)


def _value(given: SecretStr | None, file: Path | None) -> str:
    """Return what was given, else what the file holds.

    Raises:
        OSError: the file cannot be read.
    """
    if given is not None:
        return given.get_secret_value()
    assert file is not None
    return file.read_text().strip()
