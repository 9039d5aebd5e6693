"""The header fields of a request: the hub's own, the connector's, and the credential it carries."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret

__all__ = ["USER_AGENT", "Authorization", "RequestFields"]

Authorization = tuple[Secret, Secret] | Secret  # user and password (RFC 7617), or a bearer token (RFC 6750)

USER_AGENT = "integrations-hub/0.1"
_OWN = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": "application/json"}


class RequestFields:
    """Builds the fields of one check's requests; `secrets` is what went into them, to be kept out of all it says."""

    def __init__(self) -> None:
        """Start with nothing sent."""
        self.secrets: set[str] = set()

    def build(self, headers: Mapping[str, str | Secret], auth: Authorization | None) -> dict[str, str]:
        """Return the fields of one request.

        Raises:
            CheckFailed: `invalid_config` for a secret that a field cannot carry.
        """
        fields = dict(_OWN)
        if auth:
            fields["Authorization"] = f"Bearer {self._reveal(auth)}" if isinstance(auth, Secret) else self._basic(*auth)
        for name, value in headers.items():
            fields[name] = self._reveal(value) if isinstance(value, Secret) else value
        return fields

    def _basic(self, user: Secret, password: Secret) -> str:
        if ":" in user.reveal():
            raise _unfit("the secret's user name holds a colon", "HTTP Basic cannot carry it; correct the user name.")
        pair = f"{self._reveal(user, hide=False)}:{self._reveal(password)}"
        self.secrets.add(pair)
        return f"Basic {b64encode(pair.encode()).decode()}"

    def _reveal(self, secret: Secret, *, hide: bool = True) -> str:
        text = secret.reveal()
        if not text or not text.isprintable():
            raise _unfit("the secret is empty or holds a control character", "Store it again without line breaks.")
        if hide:
            self.secrets.add(text)
        return text


def _unfit(evidence: str, remedy: str) -> CheckFailed:
    return CheckFailed(Reason.INVALID_CONFIG, evidence, remedy, step=StepName.AUTHENTICATE)
