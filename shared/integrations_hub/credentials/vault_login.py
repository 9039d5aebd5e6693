"""How the hub logs in to Vault or OpenBao. Each way is its settings and one question; a new way is one more class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

if TYPE_CHECKING:
    import hvac

__all__ = ["AppRoleLogin", "Login", "TokenLogin"]


class _Login(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class TokenLogin(_Login):
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
        client.token = self.token.get_secret_value() if self.token else self.token_file.read_text().strip()  # type: ignore[union-attr] # one of two
        return client.auth.token.lookup_self()


class AppRoleLogin(_Login):
    """A role and its secret id (developer.hashicorp.com/vault/api-docs/auth/approle)."""

    method: Literal["approle"] = "approle"
    role_id: str
    secret_id: SecretStr
    mount: str = Field("approle", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*$")

    def log_in(self, client: hvac.Client) -> object:
        """Trade role and secret id for a token."""
        return client.auth.approle.login(
            self.role_id, self.secret_id.get_secret_value(), use_token=False, mount_point=self.mount
        )


Login = Annotated[TokenLogin | AppRoleLogin, Field(discriminator="method")]
