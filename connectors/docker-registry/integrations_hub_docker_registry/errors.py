"""What a registry or its token service means by an answer that is not the one hoped for. Pure.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes and
https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_docker_registry.challenge import challenge_of

__all__ = [
    "codes_of",
    "foreign",
    "is_denial",
    "login_missing",
    "login_rejected",
    "may_not",
    "no_catalog",
    "no_repository",
    "told",
    "untrusted",
]

# only these are shown: the rest of an error is a stranger's text
_KNOWN = ("DENIED", "NAME_INVALID", "NAME_UNKNOWN", "TOOMANYREQUESTS", "UNAUTHORIZED", "UNSUPPORTED")


def codes_of(answer: Answer) -> frozenset[str]:
    """Return the codes of an error in the registries' form `{"errors": [{"code": …}]}`; empty for any other body."""
    try:
        document = answer.json()
    except CheckFailed:
        return frozenset()
    errors = document.get("errors") if isinstance(document, Mapping) else None
    return frozenset(_codes(errors if isinstance(errors, list) else [errors]))


def told(answer: Answer) -> str:
    """Return status and known codes, as evidence."""
    codes = codes_of(answer)
    return " ".join([f"HTTP {answer.status}", *(code for code in _KNOWN if code in codes)])


def foreign(evidence: str) -> CheckFailed:
    """Return the verdict on what is no registry."""
    remedy = "Check the endpoint: it must be the address of the registry itself, as images are pulled from it."
    return CheckFailed(Reason.WRONG_PRODUCT, evidence, remedy)


def login_missing() -> CheckFailed:
    """Return the verdict on a registry that lets nobody in without a login, where no secret is named."""
    return CheckFailed(
        Reason.INVALID_CONFIG,
        "the registry wants a login, and the integration names no secret",
        "Name a secret with the fields username and password, or token, in authRefUri.",
        step=StepName.AUTHENTICATE,
    )


def login_rejected(answer: Answer) -> CheckFailed:
    """Return the verdict on a credential that is not known."""
    return CheckFailed(
        Reason.CREDENTIAL_REJECTED,
        f"the registry, or its token service, does not accept the credential: {told(answer)}",
        "Check user name and password (or token) in the secret with docker login, and whether they have expired.",
        step=StepName.AUTHENTICATE,
    )


def untrusted() -> CheckFailed:
    """Return the verdict on a registry that refuses a token its own token service has just given."""
    return CheckFailed(
        Reason.SERVER_ERROR,
        "the registry does not accept the token its own token service has just given",
        "Compare the registry's token issuer, service, certificate bundle and clock with those of the token service.",
        step=StepName.AUTHENTICATE,
    )


def is_denial(answer: Answer) -> bool:
    """Tell whether a refusal is about what was asked for, not about who asks: 403, or a 401 that says so.

    A registry whose token lacks a scope answers 401 too, and names the scope, or the error (RFC 6750 §3.1).
    """
    challenge = challenge_of(answer)
    told_so = challenge is not None and not {"scope", "error"}.isdisjoint(challenge.parameters)
    return answer.status == 403 or "DENIED" in codes_of(answer) or told_so  # noqa: PLR2004 - HTTP


def may_not(name: str, answer: Answer, *, anonymous: bool) -> CheckFailed:
    """Return the verdict on a repository that may not be pulled."""
    if not anonymous and not is_denial(answer):
        return login_rejected(answer)
    who = "nobody without a login" if anonymous else "the credential"
    grant = "Name a secret in authRefUri" if anonymous else "Grant the credential pull permission on it"
    return CheckFailed(
        Reason.PERMISSION_MISSING,
        f"{who} may {'' if anonymous else 'not '}pull {name}: {told(answer)}",
        f"{grant}, or correct the name: many registries answer so for a repository that does not exist.",
        step=StepName.AUTHORIZE,
    )


def no_repository(name: str, answer: Answer) -> CheckFailed:
    """Return the verdict on a repository the registry says it does not have."""
    return CheckFailed(
        Reason.INVALID_CONFIG,
        f"the registry has no repository {name}: {told(answer)}",
        "Correct the field repository, without host and tag; or push the image that is missing.",
        step=StepName.AUTHORIZE,
    )


def no_catalog(answer: Answer, *, anonymous: bool) -> CheckFailed:
    """Return the verdict on a registry that does not list its repositories."""
    if answer.status == 401 and not anonymous and not is_denial(answer):  # noqa: PLR2004 - HTTP
        return login_rejected(answer)
    return CheckFailed(
        Reason.PERMISSION_MISSING,
        f"the registry does not list its repositories to this integration: {told(answer)}",
        "Some registries, Docker Hub among them, offer no such list; others give it to administrators only.",
        step=StepName.AUTHORIZE,
    )


def _codes(errors: list[object]) -> Iterator[str]:
    for error in errors:
        code = error.get("code") if isinstance(error, Mapping) else None
        if isinstance(code, str) and code:
            yield code.upper()
