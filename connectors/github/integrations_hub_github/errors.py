"""What GitHub means by an answer that is not the one hoped for, rate limits and clocks included. Pure.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api and
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from integrations_hub.connector.answer import Answer, judge_status, retry_after_s
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName

__all__ = ["NO_INSTALLATION", "Verdicts", "foreign", "judge", "message_of", "provider_time", "suspended"]

Verdicts = Mapping[int, tuple[Reason, str, str]]

NO_INSTALLATION = (
    Reason.INVALID_CONFIG,
    "the App has no installation of this ID",
    "Correct installationId, the number that ends its settings page's address; installed again, it has a new one.",
)
_NOTHING_SPECIAL: Verdicts = MappingProxyType({})
_SIGNS = ("rate limit", "abuse detection")  # the second is what older Enterprise Servers say
_SECONDARY_S = 60.0
_HOUR_S = 3600.0
_PATIENCE = "Wait; lengthen checkIntervalSeconds, or look for what else uses this App, when this is frequent."


def judge(answer: Answer, special: Verdicts = _NOTHING_SPECIAL) -> None:
    """Return when the status is 2xx; else raise what it means at GitHub, `special` telling what it means here.

    Raises:
        CheckFailed: `rate_limited` (403 and 429, by their signs), `suspended` (403 that says so), `clock_skew` (401
            that names a time), `wrong_product` for an error GitHub does not write so, and as `judge_status` has it.
    """
    message = message_of(answer)
    if answer.status in {403, 429}:
        _judge_rate_limit(answer, message or "")
    if 400 <= answer.status < 500 and message is None:  # noqa: PLR2004 - the 4xx
        raise foreign(f"answered {answer.status} otherwise than GitHub does")
    if answer.status == 401 and _is_about_time(message or ""):  # noqa: PLR2004 - HTTP
        raise _clock_skew()
    if answer.status == 403 and "suspended" in (message or "").lower():  # noqa: PLR2004 - HTTP
        raise suspended()
    if answer.status in special:
        reason, evidence, remedy = special[answer.status]
        raise CheckFailed(reason, evidence, remedy)
    judge_status(answer)


def message_of(answer: Answer) -> str | None:
    """Return the message of an error in GitHub's form (`message`, `documentation_url`), None for another's."""
    try:
        document = answer.json()
    except CheckFailed:
        return None
    if not isinstance(document, Mapping) or not isinstance(document.get("message"), str):
        return None
    # many products write a message; the request's number may be lost in a proxy
    ours = isinstance(document.get("documentation_url"), str) or "x-github-request-id" in answer.headers
    return str(document["message"]) if ours else None


def provider_time(answer: Answer) -> float | None:
    """Return the provider's time in seconds since the epoch, None when it is not told (RFC 9110 §6.6.1)."""
    try:
        said = parsedate_to_datetime(answer.headers.get("date", ""))
        return (said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def foreign(evidence: str) -> CheckFailed:
    """Return the verdict on an answer that is not GitHub's."""
    remedy = "Check the endpoint: it must be GitHub's address, and no login page or proxy may answer in its place."
    return CheckFailed(Reason.WRONG_PRODUCT, evidence, remedy)


def suspended() -> CheckFailed:
    """Return the verdict on a suspended installation."""
    return CheckFailed(
        Reason.SUSPENDED,
        "the installation is suspended",
        "An owner of the account lifts the suspension on the installation's settings page.",
        step=StepName.AUTHORIZE,
    )


def _judge_rate_limit(answer: Answer, message: str) -> None:
    used_up = answer.headers.get("x-ratelimit-remaining") == "0"
    asked = retry_after_s(answer)
    secondary = asked is not None or any(sign in message.lower() for sign in _SIGNS)
    if not (used_up or secondary or answer.status == 429):  # noqa: PLR2004 - HTTP
        return
    # GitHub's own order: Retry-After, else the reset of what is used up, else a minute
    wait = asked if asked is not None else _until_reset(answer) if used_up else _SECONDARY_S
    evidence = "the requests of this hour are used up" if used_up else "GitHub asks for fewer requests at once"
    raise CheckFailed(Reason.RATE_LIMITED, evidence, _PATIENCE, step=StepName.QUOTA, retry_after_s=wait)


def _until_reset(answer: Answer) -> float:
    reset, said = answer.headers.get("x-ratelimit-reset", ""), provider_time(answer)
    if said is None or not (reset.isascii() and reset.isdigit() and len(reset) <= 12):  # noqa: PLR2004 - sane
        return _SECONDARY_S
    return max(1.0, min(float(reset) - said, _HOUR_S))  # the window is an hour long


def _is_about_time(message: str) -> bool:
    return "('exp')" in message or "('iat')" in message


def _clock_skew() -> CheckFailed:
    return CheckFailed(
        Reason.CLOCK_SKEW,
        "GitHub refuses the time in the App's token: its clock and the hub's differ",
        "Synchronise the clock of the hub's machine, and the Enterprise Server's if it is one (NTP).",
        step=StepName.AUTHENTICATE,
    )
