"""What a check reads of GitHub's REST API, as pure functions over data. No request is sent here.

https://docs.github.com/en/rest/apps/apps, https://docs.github.com/en/rest/meta/meta and
https://docs.github.com/en/rest/rate-limit/rate-limit
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_github.documents import mapping, plain_name, strings
from integrations_hub_github.errors import NO_INSTALLATION, foreign, judge, message_of

__all__ = [
    "HEADERS",
    "PER_PAGE",
    "App",
    "Installation",
    "Quota",
    "decode_app",
    "decode_installation",
    "decode_quota",
    "decode_version",
    "judge_product",
]

# https://docs.github.com/en/rest/about-the-rest-api/api-versions
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
PER_PAGE = "100"  # the most there is

_LEVELS = ("read", "write", "admin")
_VERSION = re.compile(r"[0-9A-Za-z.-]{1,32}")
_LOW = 0.1


@dataclass(frozen=True, slots=True)
class App:
    """What `GET /app` tells an App about itself; older Enterprise Servers tell no client ID."""

    id: int
    client_id: str | None
    name: str
    events: tuple[str, ...] = ()

    def confirm(self, app_id: int | None, client_id: str | None) -> None:
        """Return when the App is the one that is named.

        Raises:
            CheckFailed: `invalid_config` when it is another.
        """
        client_differs = None not in (self.client_id, client_id) and self.client_id != client_id
        if app_id not in (None, self.id) or client_differs:
            evidence = f"the key is of the App {self.name}, ID {self.id}; the config names another"
            raise CheckFailed(Reason.INVALID_CONFIG, evidence, "Correct appId and clientId, or store that App's key.")


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
    judge(answer, {404: NO_INSTALLATION})
    document = mapping(answer, "installation")
    permissions, account = document.get("permissions"), document.get("account")
    if type(document.get("id")) is not int or not isinstance(permissions, Mapping):
        raise foreign("its installation document is not GitHub's")
    # an enterprise has a slug where users and organisations have a login
    owner = (account.get("login") or account.get("slug")) if isinstance(account, Mapping) else None
    granted = {str(name): str(level) for name, level in permissions.items()}
    return Installation(plain_name(owner), document.get("suspended_at") is not None, granted)


def decode_version(answer: Answer) -> str | None:
    """Return the Enterprise Server's version of `GET /meta`, None where it is not told: nothing depends on it.

    Raises:
        CheckFailed: `credential_rejected`.
    """
    if answer.status == 401:  # noqa: PLR2004 - HTTP
        judge(answer)
    try:
        version = mapping(answer, "meta").get("installed_version")
    except CheckFailed:
        return None
    return version if isinstance(version, str) and _VERSION.fullmatch(version) else None


def decode_quota(answer: Answer) -> Quota | None:
    """Return the quota of `GET /rate_limit`; None where none is kept: Enterprise Server's default, told by a 404.

    Raises:
        CheckFailed: `credential_rejected`, `rate_limited`, `wrong_product`.
    """
    if answer.status == 404 and (message_of(answer) or "").startswith("Rate limiting is not enabled"):  # noqa: PLR2004
        return None
    judge(answer)
    resources = mapping(answer, "rate_limit").get("resources")
    core = resources.get("core") if isinstance(resources, Mapping) else None
    limit, remaining = (core.get("limit"), core.get("remaining")) if isinstance(core, Mapping) else (None, None)
    if type(limit) is not int or type(remaining) is not int:
        raise foreign("its rate_limit document is not GitHub's")
    return Quota(limit, remaining)


def _no_such_app(answer: Answer) -> bool:
    # the one 404 that GitHub means; an unknown path's says "Not Found"
    return answer.status == 404 and message_of(answer) == "Integration not found"  # noqa: PLR2004 - HTTP


def _app(answer: Answer) -> App:
    document = mapping(answer, "app")
    number, client = document.get("id"), document.get("client_id")
    if type(number) is not int or not isinstance(document.get("name"), str):
        raise foreign("its app document is not GitHub's")
    client_id, events = client if isinstance(client, str) else None, strings(document.get("events"))
    return App(number, client_id, plain_name(document.get("slug")), events)
