"""All knowledge of GitLab's addresses and documents, as pure functions over data. No request is sent here.

Sources: https://docs.gitlab.com/api/rest/, https://docs.gitlab.com/api/version/ and
https://docs.gitlab.com/api/personal_access_tokens/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.endpoint import split_endpoint
from integrations_hub_gitlab.documents import foreign_document, mapping
from integrations_hub_gitlab.errors import asks_for_token, foreign, judge, lacks_scope, message_of

__all__ = [
    "Quota",
    "Token",
    "api_root",
    "decode_quota",
    "decode_token",
    "decode_user",
    "decode_version",
]

_API = ("api", "v4")
_VERSION = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){1,2}(?![0-9])")
_ENOUGH = frozenset({"api", "read_api"})
_SOON = timedelta(days=14)
_LOW = 10  # one part in ten


def api_root(endpoint: str) -> str:
    """Return the root of the API for GitLab's address; idempotent.

    A path before `/api/v4` is kept: GitLab may be installed under a sub-path.
    https://docs.gitlab.com/omnibus/settings/configuration/#configure-a-relative-url-for-gitlab

    Raises:
        ValueError: a sentence that says what to change and repeats nothing of the input.
    """
    parts = split_endpoint(endpoint)
    lower = tuple(segment.lower() for segment in parts.segments)
    given = lower[-len(_API) :] == _API
    before, lower = (parts.segments[: -len(_API)], lower[: -len(_API)]) if given else (parts.segments, lower)
    if "api" in lower:
        raise ValueError("Give GitLab's own address, or the one that ends in /api/v4; other API paths are not it.")
    if "-" in lower:
        raise ValueError("This is a page of GitLab's; give the address without the page's path.")
    return parts.url(*before, *_API)


def decode_version(answer: Answer) -> str | None:
    """Return the version in `GET version`; None when GitLab does not tell it to this token (401, 403).

    Raises:
        CheckFailed: `wrong_product` when it is not GitLab's answer; `rate_limited`, `server_error`.
    """
    if asks_for_token(answer) or lacks_scope(answer):
        return None
    if answer.status == 403 and (message_of(answer) or "").startswith("403"):  # noqa: PLR2004 - HTTP
        return None
    if answer.status in {401, 403, 404}:
        raise foreign(f"its version document is answered {answer.status}, otherwise than GitLab does")
    judge(answer)
    document = mapping(answer, "version")
    version = document.get("version")
    # only the numbers are shown: the rest is a stranger's text
    numbers = _VERSION.match(version) if isinstance(version, str) else None
    if not numbers or not isinstance(document.get("revision"), str):
        raise foreign_document("version")
    return numbers[0]


@dataclass(frozen=True, slots=True)
class Token:
    """What GitLab tells a token about itself."""

    active: bool
    revoked: bool
    sufficient: bool
    ends_at: datetime | None

    def expired(self, now: datetime) -> bool:
        """Tell whether its end has passed."""
        return self.ends_at is not None and self.ends_at <= now

    def expiring(self, now: datetime) -> bool:
        """Tell whether it ends within 14 days."""
        return self.ends_at is not None and self.ends_at - now <= _SOON


def decode_token(answer: Answer) -> Token | None:
    """Return what `GET personal_access_tokens/self` tells; None when GitLab tells nothing about this kind of token.

    It is a 400 for other kinds (OAuth, job tokens), and a 404 before GitLab 15.5.
    https://docs.gitlab.com/api/personal_access_tokens/#get-details-on-a-personal-access-token

    Raises:
        CheckFailed: `credential_rejected`, `wrong_product`, `rate_limited`, `server_error`.
    """
    if answer.status in {400, 404} and message_of(answer) is not None:
        return None
    judge(answer)
    document = mapping(answer, "token")
    active, revoked, scopes = (document.get(name) for name in ("active", "revoked", "scopes"))
    if not isinstance(active, bool) or not isinstance(revoked, bool) or not isinstance(scopes, list):
        raise foreign_document("token")
    sufficient = not _ENOUGH.isdisjoint(scope for scope in scopes if isinstance(scope, str))
    return Token(active, revoked, sufficient, _end_of(document.get("expires_at")))


def decode_user(answer: Answer) -> None:
    """Accept `GET user`: whom the token is for. https://docs.gitlab.com/api/users/#get-the-current-user.

    Raises:
        CheckFailed: `credential_rejected`, `permission_missing`, `wrong_product`, `rate_limited`, `server_error`.
    """
    judge(answer)
    if not isinstance(mapping(answer, "user").get("username"), str):
        raise foreign_document("user")


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests are left of how many, in the present period."""

    limit: int
    remaining: int

    @property
    def low(self) -> bool:
        """Tell whether less than 10 % is left."""
        return self.remaining * _LOW < self.limit


def decode_quota(answer: Answer) -> Quota | None:
    """Return what an answer's header fields tell about the rate limit; None when nothing (none is set by default).

    https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
    """
    limit, remaining = (_number(answer.headers.get(f"ratelimit-{name}", "")) for name in ("limit", "remaining"))
    return Quota(limit, remaining) if limit and remaining is not None else None


def _end_of(expires_at: object) -> datetime | None:
    if expires_at is None:
        return None
    try:
        day = date.fromisoformat(str(expires_at))
    except ValueError:
        day = None
    if day is None:
        raise foreign_document("token")
    # the day is counted whole; on it, GitLab's own `active` decides
    return datetime.combine(day, time(), UTC)  # "at midnight, 00:00 AM UTC" of that day


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None  # noqa: PLR2004 - sane
