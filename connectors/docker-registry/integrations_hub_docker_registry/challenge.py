"""How a registry asks for a login: the challenges in `WWW-Authenticate`. Pure.

https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 and https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason

__all__ = ["Challenge", "TokenService", "challenge_of", "read_challenges", "token_service"]

_LONGEST = 8192  # characters of the whole field
_TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"  # noqa: S105 - RFC 9110 §5.6.2
_END = r"(?=[ \t]*(?:,|\Z))"
_PARAMETER = re.compile(
    rf'[ \t,]*(?P<name>{_TOKEN})[ \t]*=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s,"]+)){_END}'
)
_SCHEME = re.compile(rf"[ \t,]*(?P<scheme>{_TOKEN})(?:[ \t]+[A-Za-z0-9._~+/-]+=*{_END}|(?=[ \t,]|\Z))")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to log in: scheme and parameter names in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def read_challenges(text: str) -> tuple[Challenge, ...]:
    """Return the challenges up to the first thing that cannot be read; of a repeated parameter the first."""
    found: list[tuple[str, dict[str, str]]] = []
    for match in _parts(text[:_LONGEST]):
        parts = match.groupdict()
        if "scheme" in parts:
            found.append((parts["scheme"].lower(), {}))
        elif found:
            quoted = parts["quoted"]
            value = parts["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            found[-1][1].setdefault(parts["name"].lower(), value)
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)


def challenge_of(answer: Answer) -> Challenge | None:
    """Return the challenge of an answer that this connector can best meet: Bearer with a realm, Basic, bare Bearer."""
    challenges = read_challenges(answer.headers.get("www-authenticate", ""))
    bearers = [one for one in challenges if one.scheme == "bearer"]
    served = [one for one in bearers if one.parameters.get("realm")]
    basic = [one for one in challenges if one.scheme == "basic"]
    return next(iter([*served, *basic, *bearers]), None)


@dataclass(frozen=True, slots=True)
class TokenService:
    """Where tokens are given: its origin, the path below it, and what is always asked along."""

    origin: str
    path: str
    params: Mapping[str, str]


def token_service(challenge: Challenge) -> TokenService:
    """Return the service a Bearer challenge names by `realm` and `service`; its `scope` is not believed.

    Raises:
        CheckFailed: `wrong_product` when the realm is no address.
    """
    realm, service = challenge.parameters.get("realm", ""), challenge.parameters.get("service")
    try:
        parts = urlsplit(realm if realm.isascii() and realm.isprintable() else "")
    except ValueError:
        parts = urlsplit("")
    if not parts.scheme or not parts.netloc:
        raise CheckFailed(
            Reason.WRONG_PRODUCT,
            "it asks for a token and names no address to get one at",
            "Set the registry's token realm to the full address of its token service.",
        )
    params = dict(parse_qsl(parts.query, keep_blank_values=True))
    return TokenService(
        f"{parts.scheme}://{parts.netloc}", parts.path, params | ({"service": service} if service else {})
    )


def _parts(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while match := _PARAMETER.match(text, at) or _SCHEME.match(text, at):
        yield match
        at = match.end()
