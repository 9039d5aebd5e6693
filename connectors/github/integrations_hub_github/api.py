"""All knowledge of GitHub's REST API, as pure functions over data. No request is sent here.

https://docs.github.com/en/rest/apps/apps and https://docs.github.com/en/rest/rate-limit/rate-limit
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub_github.errors import foreign, judge, message_of, provider_time
from integrations_hub_github.tokens import InstallationToken

__all__ = [
    "HEADERS",
    "App",
    "Installation",
    "Quota",
    "decode_app",
    "decode_installation",
    "decode_quota",
    "decode_token",
    "judge_product",
    "suspended",
]

# https://docs.github.com/en/rest/about-the-rest-api/api-versions
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")  # of a login or slug; shown to people, so nothing else is taken
_LEVELS = ("read", "write", "admin")
_LOW = 0.1


@dataclass(frozen=True, slots=True)
class App:
    """What `GET /app` tells an App about itself; older Enterprise Servers tell no client ID."""

    id: int
    client_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation of the App: whose it is, whether it is suspended, what it may do."""

    account: str
    suspended: bool
    permissions: Mapping[str, str]

    def lacks(self, wanted: Mapping[str, str]) -> tuple[str, ...]:
        """Return the wanted permissions that are not given, as `name:level`; a higher level includes the lower."""
        return tuple(
            f"{name}:{level}"
            for name, level in sorted(wanted.items())
            if self.permissions.get(name) not in _LEVELS[_LEVELS.index(level) :]
        )


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests of the hour are left to the installation."""

    limit: int
    remaining: int

    @property
    def low(self) -> bool:
        """Tell whether less than a tenth is left."""
        return self.remaining < self.limit * _LOW


def judge_product(answer: Answer) -> None:
    """Return when `GET /app` was answered by GitHub, whatever it thinks of the App.

    Raises:
        CheckFailed: `wrong_product` or `server_error` when it was not.
    """
    if answer.status in {401, 403, 429} and message_of(answer) is not None:
        return
    if not _no_such_app(answer):
        judge(answer)
        _app(answer)


def decode_app(answer: Answer) -> App:
    """Return the App of `GET /app`.

    Raises:
        CheckFailed: `credential_rejected` when the key is not the App's, `invalid_config` when there is no such App.
    """
    if _no_such_app(answer):
        raise CheckFailed(
            Reason.INVALID_CONFIG,
            "this GitHub knows no App of this ID",
            "Correct appId or clientId (the installation's ID and the organisation's are other numbers), or endpoint.",
            step=StepName.AUTHENTICATE,
        )
    judge(answer)
    return _app(answer)


def decode_installation(answer: Answer) -> Installation:
    """Return the installation of `GET /app/installations/{installation_id}`.

    Raises:
        CheckFailed: `invalid_config` when the App has no such installation.
    """
    judge(answer, {404: _NO_INSTALLATION})
    document = _mapping(answer, "installation")
    permissions, account = document.get("permissions"), document.get("account")
    if type(document.get("id")) is not int or not isinstance(permissions, Mapping):
        raise foreign("its installation document is not GitHub's")
    # an enterprise has a slug where users and organisations have a login
    owner = (account.get("login") or account.get("slug")) if isinstance(account, Mapping) else None
    granted = {str(name): str(level) for name, level in permissions.items()}
    return Installation(_name(owner), document.get("suspended_at") is not None, granted)


def decode_token(answer: Answer, now: float) -> InstallationToken:
    """Return the token of `POST /app/installations/{installation_id}/access_tokens`; `now` where GitHub tells no time.

    Its form is GitHub's own affair and has changed: only that it is there is looked at.

    Raises:
        CheckFailed: `suspended`, `permission_missing` (403; 422 when more was asked for than is granted),
            `invalid_config` (404), `credential_rejected` (401).
    """
    if answer.status == 403 and "suspended" in (message_of(answer) or "").lower():  # noqa: PLR2004 - HTTP
        raise suspended()
    judge(answer, {404: _NO_INSTALLATION, 422: _NOT_GRANTED})
    document = _mapping(answer, "token")
    token, said = document.get("token"), provider_time(answer)
    if not isinstance(token, str) or not token:
        raise foreign("its token document is not GitHub's")
    return InstallationToken(Secret(token), _timestamp(document.get("expires_at")) - (now if said is None else said))


def decode_quota(answer: Answer) -> Quota | None:
    """Return the quota of `GET /rate_limit`; None where none is kept: Enterprise Server's default, told by a 404.

    Raises:
        CheckFailed: `credential_rejected`, `rate_limited`, `wrong_product`.
    """
    if answer.status == 404 and (message_of(answer) or "").startswith("Rate limiting is not enabled"):  # noqa: PLR2004
        return None
    judge(answer)
    resources = _mapping(answer, "rate_limit").get("resources")
    core = resources.get("core") if isinstance(resources, Mapping) else None
    limit, remaining = (core.get("limit"), core.get("remaining")) if isinstance(core, Mapping) else (None, None)
    if type(limit) is not int or type(remaining) is not int:
        raise foreign("its rate_limit document is not GitHub's")
    return Quota(limit, remaining)


def suspended() -> CheckFailed:
    """Return the verdict on a suspended installation."""
    return CheckFailed(
        Reason.SUSPENDED,
        "the installation is suspended",
        "An owner of the account lifts the suspension on the installation's settings page.",
        step=StepName.AUTHORIZE,
    )


_NO_INSTALLATION = (
    Reason.INVALID_CONFIG,
    "the App has no installation of this ID",
    "Correct installationId, the number that ends its settings page's address; installed again, it has a new one.",
)
_NOT_GRANTED = (
    Reason.PERMISSION_MISSING,
    "the installation does not grant metadata:read, which every check needs",
    "Give the App the repository permission Metadata: read-only, and have the account's owner accept it.",
)


def _no_such_app(answer: Answer) -> bool:
    # the one 404 that GitHub means; an unknown path's says "Not Found"
    return answer.status == 404 and message_of(answer) == "Integration not found"  # noqa: PLR2004 - HTTP


def _app(answer: Answer) -> App:
    document = _mapping(answer, "app")
    number, client = document.get("id"), document.get("client_id")
    if type(number) is not int or not isinstance(document.get("name"), str):
        raise foreign("its app document is not GitHub's")
    return App(number, client if isinstance(client, str) else None, _name(document.get("slug")))


def _name(text: object) -> str:
    return text if isinstance(text, str) and _NAME.fullmatch(text) else "(no plain name)"


def _timestamp(text: object) -> float:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return 0.0  # long ago: used once and not kept
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _mapping(answer: Answer, what: str) -> Mapping[str, object]:
    document = answer.json()
    if not isinstance(document, Mapping):
        raise foreign(f"its {what} document is not GitHub's")
    return document
