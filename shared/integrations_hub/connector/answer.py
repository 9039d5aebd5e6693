"""A provider's answer, and what its status means for any provider. Pure: no socket, no clock of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName

__all__ = ["Answer", "Headers", "judge_status", "quota_rest_s", "retry_after_s"]

_EPOCH_BEGINS_AT = 1e9  # a count of seconds is never as long as a time since 1970
_LONGEST_WAIT_S = 6 * 3600.0  # a provider may ask for patience, not for being forgotten


class Headers(Mapping[str, str]):
    """Header fields by case-insensitive name; repeated ones are joined by a comma (RFC 9110 §5.3)."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        """Join what is repeated."""
        self._fields: dict[str, str] = {}
        for name, value in fields:
            have = self._fields.get(name.lower())
            self._fields[name.lower()] = value if have is None else f"{have}, {value}"

    def __getitem__(self, name: str) -> str:
        """Return a field's value."""
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        """Yield the names in lower case."""
        return iter(self._fields)

    def __len__(self) -> int:
        """Count the names."""
        return len(self._fields)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. Only `excerpt` (at most 512 characters, redacted) may be shown to anybody."""

    status: int
    headers: Headers = field(default_factory=Headers, repr=False)
    body: bytes = field(default=b"", repr=False)
    excerpt: str = ""

    @property
    def media_type(self) -> str:
        """Return the media type without parameters, in lower case; empty when it says none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()[:64]

    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> object:
        """Return the body as JSON.

        Raises:
            CheckFailed: `wrong_product` when it is not JSON.
        """
        try:
            document: object = json.loads(self.body)
        except (ValueError, RecursionError):
            kind = self.media_type or "no media type"
            # outside the handler: the parser's exception holds the body
        else:
            return document
        raise CheckFailed(
            Reason.WRONG_PRODUCT,
            f"answered {self.status} with {kind} where JSON was expected",
            "Check the endpoint: another product, a login page or a proxy answers there.",
        )


def judge_status(answer: Answer, *, now: datetime | None = None) -> None:
    """Return when the status is 2xx; else raise what it means for any provider (RFC 9110 §15, RFC 6585 §4).

    Raises:
        CheckFailed: `credential_rejected` (401), `permission_missing` (403), `rate_limited` (429), `server_error`
            (5xx), `timeout` (408), `wrong_product` (the rest).
    """
    if 200 <= answer.status < 300:  # noqa: PLR2004 - the 2xx
        return
    reason, remedy, step = _MEANING.get(answer.status) or (_SERVER if answer.status >= 500 else _OTHER)  # noqa: PLR2004
    evidence = f"HTTP {answer.status}" + (f": {answer.excerpt}" if answer.excerpt else "")
    raise CheckFailed(reason, evidence, remedy, step=step, retry_after_s=retry_after_s(answer, now=now))


_SERVER = (Reason.SERVER_ERROR, "Look at the provider's own status and logs; the hub tries again by itself.", None)
_OTHER = (Reason.WRONG_PRODUCT, "Check the endpoint: this is not how the expected product answers.", None)
_MEANING: Mapping[int, tuple[Reason, str, StepName | None]] = {
    401: (
        Reason.CREDENTIAL_REJECTED,
        "Check that the secret named in authRefUri is current, complete and meant for this host.",
        StepName.AUTHENTICATE,
    ),
    403: (
        Reason.PERMISSION_MISSING,
        "Grant the credential the permission this step names.",
        StepName.AUTHORIZE,
    ),
    408: (Reason.TIMEOUT, "The provider gave up waiting; look at its load.", None),
    429: (Reason.RATE_LIMITED, "Wait; lengthen checkIntervalSeconds when this is frequent.", StepName.QUOTA),
}


def retry_after_s(answer: Answer, *, now: datetime | None = None) -> float | None:
    """Return the wish in `Retry-After` in seconds, at most 6 h; None without a readable one (RFC 9110 §10.2.3)."""
    wish = answer.headers.get("retry-after", "").strip()
    if wish.isascii() and wish.isdigit():
        return min(float(wish[:9]), _LONGEST_WAIT_S)
    until, said = _date(wish), _date(answer.headers.get("date", ""))
    if until is None:
        return None
    # by the provider's own clock when it tells it: ours may differ
    return max(0.0, min((until - (said or now or datetime.now(UTC))).total_seconds(), _LONGEST_WAIT_S))


def quota_rest_s(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Return for how many seconds a quota is used up, by an answer's fields; at most 6 h, None while some is left.

    `RateLimit-Reset` counts seconds (draft-ietf-httpapi-ratelimit-headers-06) or is a time since the epoch, as GitHub
    (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api) and GitLab have it.
    """
    for prefix in ("ratelimit", "x-ratelimit"):
        if headers.get(f"{prefix}-remaining") != "0":
            continue
        reset = headers.get(f"{prefix}-reset", "").strip()
        if reset.isascii() and reset.isdigit():
            seconds = float(reset[:12])
            if seconds > _EPOCH_BEGINS_AT:
                said = _date(headers.get("date", "")) or now or datetime.now(UTC)
                seconds -= said.timestamp()
            return max(0.0, min(seconds, _LONGEST_WAIT_S))
    return None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
