"""What an installation's token is asked for with, and what GitHub says to it. Pure.

https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import Secret
from integrations_hub_github.documents import mapping
from integrations_hub_github.errors import NO_INSTALLATION, foreign, judge, message_of, provider_time

__all__ = ["METADATA", "Grant", "InstallationToken", "decode_token"]


class Grant(NamedTuple):
    """The rights one call needs: what the App may do beyond them stays out of reach.

    Repositories by name, without their owner; none stands for all of the installation's.
    """

    permissions: tuple[tuple[str, str], ...]
    repositories: tuple[str, ...] = ()

    @property
    def wish(self) -> bytes:
        """Return the body of the request for such a token."""
        wish: dict[str, object] = {"permissions": dict(self.permissions)}
        return json.dumps(wish | ({"repositories": self.repositories} if self.repositories else {})).encode()

    @property
    def words(self) -> str:
        """Return the permissions, for people."""
        return ", ".join(f"{name}:{level}" for name, level in self.permissions)


METADATA = Grant((("metadata", "read"),))


@dataclass(frozen=True, slots=True)
class InstallationToken:
    """A token as GitHub gave it, and how many seconds it had to live then; none or less when it had expired."""

    secret: Secret
    lifetime_s: float


def decode_token(answer: Answer, grant: Grant, now: float) -> InstallationToken:
    """Return the token of `POST /app/installations/{installation_id}/access_tokens`; `now` where GitHub tells no time.

    Its form is GitHub's own affair and has changed: only that it is there is looked at.

    Raises:
        CheckFailed: `suspended`, `permission_missing` (403; 422 when more was asked for than is granted),
            `invalid_config` (404; 422 when the installation does not reach the repository),
            `credential_rejected` (401).
    """
    out_of_reach = grant.repositories and "repositor" in (message_of(answer) or "").lower()
    judge(answer, {404: NO_INSTALLATION, 422: _OUT_OF_REACH if out_of_reach else _not_granted(grant)})
    document = mapping(answer, "token")
    token, said = document.get("token"), provider_time(answer)
    if not isinstance(token, str) or not token:
        raise foreign("its token document is not GitHub's")
    return InstallationToken(Secret(token), _ends_at(document) - (now if said is None else said))


_OUT_OF_REACH = (
    Reason.INVALID_CONFIG,
    "the installation does not reach this repository, or there is none of this name",
    "Correct the name, or add the repository on the installation's settings page.",
)


def _not_granted(grant: Grant) -> tuple[Reason, str, str]:
    remedy = "Give the App this permission on its settings page, and have the account's owner accept it."
    return Reason.PERMISSION_MISSING, f"the installation does not grant {grant.words}, which this needs", remedy


def _ends_at(document: Mapping[str, object]) -> float:
    try:
        moment = datetime.fromisoformat(str(document.get("expires_at")))
    except ValueError:
        return 0.0  # long ago: used once and not kept
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
