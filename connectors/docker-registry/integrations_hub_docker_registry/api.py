"""All knowledge of a registry's documents, as pure functions over data. No request is sent here.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md, and for the catalogue, which that leaves out,
https://distribution.github.io/distribution/spec/api/#catalog.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub.connector.redaction import Secret
from integrations_hub_docker_registry.challenge import challenge_of
from integrations_hub_docker_registry.errors import codes_of, foreign, may_not, no_catalog, no_repository

__all__ = [
    "CATALOG",
    "CATALOG_SCOPE",
    "MANIFESTS",
    "Quota",
    "decode_base",
    "decode_catalog",
    "decode_quota",
    "decode_tags",
    "decode_token",
    "manifest_path",
    "pull_scope",
    "tags_path",
]

CATALOG, CATALOG_SCOPE = "v2/_catalog", "registry:catalog:*"
# every kind of manifest there is: a registry answers 404 for one it may not send
MANIFESTS = (
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json, */*"
)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_NAME = re.compile(r"[!-~]{1,255}")
_JWT = re.compile(r"[!-~]{1,32768}")  # opaque to a client, but it must fit into a header field
_QUOTA = re.compile(r"([0-9]{1,9})(?:;w=[0-9]{1,9})?")
_LOW = 10  # one part in ten


def tags_path(name: str) -> str:
    """Return the path of a repository's tags."""
    return f"v2/{name}/tags/list"


def manifest_path(name: str, tag: str) -> str:
    """Return the path of the manifest of a tag."""
    return f"v2/{name}/manifests/{tag}"


def pull_scope(name: str) -> str:
    """Return the scope that pulling from a repository takes."""
    return f"repository:{name}:pull"


def decode_base(answer: Answer) -> None:
    """Accept what a registry answers to `GET /v2/`: 200, or 401 with a challenge, and a sign that it is one.

    The sign is the header field `Docker-Distribution-Api-Version`, an error document of the registries' form, or an
    empty JSON object: the field is no longer part of the specification.

    Raises:
        CheckFailed: `wrong_product`, `permission_missing` (403), `rate_limited`, `server_error`.
    """
    if answer.status >= 500 or answer.status in {408, 429}:  # noqa: PLR2004 - HTTP
        judge_status(answer)
    version = answer.headers.get("docker-distribution-api-version", "")
    signed = "registry/2." in version or bool(codes_of(answer)) or (answer.status, answer.body.strip()) == (200, b"{}")
    if not signed:
        raise foreign(f"answered {answer.status} to /v2/ otherwise than a registry does")
    if answer.status != 401:  # noqa: PLR2004 - HTTP
        judge_status(answer)
    elif challenge_of(answer) is None:
        raise foreign("it wants a login and does not say of which kind (Basic or Bearer)")


def decode_token(answer: Answer) -> Secret:
    """Return the token a token service gives (`token`, or `access_token` as OAuth 2.0 names it).

    Raises:
        CheckFailed: `wrong_product` when there is none; and as `judge_status` has it.
    """
    judge_status(answer)
    document = _mapping(answer, "token")
    token = document.get("token") or document.get("access_token")
    if not isinstance(token, str) or not _JWT.fullmatch(token):
        raise foreign("its token service gave no token that can be sent")
    return Secret(token)


def decode_tags(answer: Answer, name: str, *, anonymous: bool) -> tuple[str, ...]:
    """Return the tags in one page of `GET /v2/<name>/tags/list`.

    Raises:
        CheckFailed: `permission_missing`, `credential_rejected` (401 without a word), `invalid_config` for a
            repository the registry does not have, `wrong_product`, `rate_limited`, `server_error`.
    """
    if answer.status in {401, 403}:
        raise may_not(name, answer, anonymous=anonymous)
    codes = codes_of(answer)
    if (answer.status == 404 and codes) or "NAME_INVALID" in codes:  # noqa: PLR2004 - HTTP
        raise no_repository(name, answer)
    judge_status(answer)
    return _names(answer, "tags", _TAG)


def decode_catalog(answer: Answer, *, anonymous: bool) -> tuple[str, ...]:
    """Return the repositories in one page of `GET /v2/_catalog`.

    Raises:
        CheckFailed: `permission_missing` where the list is not offered, `credential_rejected` (401 without a word),
            `wrong_product`, `rate_limited`, `server_error`.
    """
    if answer.status in {401, 403, 404, 405} or "UNSUPPORTED" in codes_of(answer):
        raise no_catalog(answer, anonymous=anonymous)
    judge_status(answer)
    return _names(answer, "repositories", _NAME)


@dataclass(frozen=True, slots=True)
class Quota:
    """How many pulls are left of how many, in the present period."""

    limit: int
    remaining: int

    @property
    def low(self) -> bool:
        """Tell whether less than 10 % is left."""
        return self.remaining * _LOW < self.limit


def decode_quota(answer: Answer) -> Quota | None:
    """Return what Docker Hub tells along with a manifest (`100;w=21600`: per 21,600 s); None when nothing.

    https://docs.docker.com/docker-hub/usage/pulls/#view-pull-rate-and-limit
    """
    limit, remaining = (
        _QUOTA.fullmatch(answer.headers.get(f"ratelimit-{name}", "")) for name in ("limit", "remaining")
    )
    return Quota(int(limit[1]), int(remaining[1])) if limit and remaining else None


def _names(answer: Answer, what: str, grammar: re.Pattern[str]) -> tuple[str, ...]:
    document = _mapping(answer, what)
    # Go writes an empty list as null
    names = [] if what in document and document[what] is None else document.get(what)
    if not isinstance(names, list) or not all(isinstance(name, str) and grammar.fullmatch(name) for name in names):
        raise foreign(f"its list of {what} is not a registry's")
    return tuple(names)


def _mapping(answer: Answer, what: str) -> Mapping[str, object]:
    document = answer.json()
    if not isinstance(document, Mapping):
        raise foreign(f"its {what} document is not a registry's")
    return document
