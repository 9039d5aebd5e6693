"""What GitLab means by an answer that is not the one hoped for, rate limits included. Pure.

https://docs.gitlab.com/api/rest/troubleshooting/ (status codes) and
https://docs.gitlab.com/security/rate_limits/ and https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from integrations_hub.connector.answer import Answer, Headers, judge_status, retry_after_s
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName

__all__ = ["asks_for_token", "foreign", "judge", "lacks_scope", "message_of", "permission_missing", "rejected"]

_TOO_MANY = 429


def judge(answer: Answer) -> None:
    """Return when the status is 2xx; else raise what it means at GitLab.

    Raises:
        CheckFailed: `rate_limited` (429), `credential_rejected` (401), `permission_missing` (403), `wrong_product` for
            an error GitLab does not write so, and as `judge_status` has it.
    """
    if answer.status == _TOO_MANY:
        # the body is text an administrator may have changed: it is not looked at
        evidence, remedy = (
            "GitLab asks for fewer requests",
            "Wait; lengthen checkIntervalSeconds when this is frequent.",
        )
        raise CheckFailed(Reason.RATE_LIMITED, evidence, remedy, step=StepName.QUOTA, retry_after_s=_wait_s(answer))
    if asks_for_token(answer):
        raise rejected(_why(message_of(answer) or ""))
    if lacks_scope(answer):
        raise permission_missing()
    if 400 <= answer.status < 500 and message_of(answer) is None:  # noqa: PLR2004 - the 4xx
        raise foreign(f"answered {answer.status} otherwise than GitLab does")
    judge_status(answer)


def asks_for_token(answer: Answer) -> bool:
    """Tell whether GitLab knows no valid token in the request: 401 in one of its two forms."""
    return answer.status == 401 and (message_of(answer) or "").startswith(("401", "invalid_token"))  # noqa: PLR2004 - HTTP


def lacks_scope(answer: Answer) -> bool:
    """Tell whether GitLab knows the token, and its scopes do not allow this: 403 `insufficient_scope`."""
    return answer.status == 403 and (message_of(answer) or "").startswith("insufficient_scope")  # noqa: PLR2004 - HTTP


def message_of(answer: Answer) -> str | None:
    """Return the message of an error in one of GitLab's forms, None for another's; to judge by, not to show.

    They are `message` as text, `message` as an object of lists (validation), and `error` with `error_description`.
    """
    try:
        document = answer.json()
    except CheckFailed:
        return None
    if not isinstance(document, Mapping):
        return None
    message, error, description = (document.get(name) for name in ("message", "error", "error_description"))
    if isinstance(message, str):
        return message
    if isinstance(message, Mapping):
        return "; ".join(f"{name} {_joined(sentences)}" for name, sentences in message.items())
    if isinstance(error, str):
        return f"{error}: {description}" if isinstance(description, str) else error
    return None


def foreign(evidence: str) -> CheckFailed:
    """Return the verdict on an answer that is not GitLab's."""
    remedy = "Check the endpoint: it must be GitLab's own address, without the path of a group, project or page."
    return CheckFailed(Reason.WRONG_PRODUCT, evidence, remedy)


def rejected(evidence: str) -> CheckFailed:
    """Return the verdict on a token that does not work."""
    remedy = "Make a new access token with the scope read_api, and store it as the field token of the secret."
    return CheckFailed(Reason.CREDENTIAL_REJECTED, evidence, remedy, step=StepName.AUTHENTICATE)


def permission_missing() -> CheckFailed:
    """Return the verdict on a token that works, but not for what the hub needs."""
    return CheckFailed(
        Reason.PERMISSION_MISSING,
        "the token has neither the scope read_api nor api",
        "Make a new access token with the scope read_api: a token's scopes cannot be changed.",
        step=StepName.AUTHORIZE,
    )


def _why(message: str) -> str:
    # in our own words: the answer's might hold what was sent
    known = {"revoked": "the token has been revoked", "expired": "the token has expired"}
    return next((why for word, why in known.items() if word in message), "GitLab does not know the token")


def _wait_s(answer: Answer) -> float | None:
    wait = retry_after_s(answer)
    if wait is not None:
        return wait
    # a date like the one Retry-After may hold
    fields = {"Retry-After": answer.headers.get("ratelimit-resettime", ""), "Date": answer.headers.get("date", "")}
    return retry_after_s(replace(answer, headers=Headers(fields.items())))


def _joined(sentences: object) -> str:
    return ", ".join(map(str, sentences)) if isinstance(sentences, list) else str(sentences)
