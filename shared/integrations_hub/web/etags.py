"""Entity tags `"<version>.<hash>"` and the preconditions on them (RFC 9110 §8.8.3, §13.1)."""

from __future__ import annotations

import re
from hashlib import sha256

from integrations_hub.errors import BadRequest, PreconditionFailed
from integrations_hub.web.messages import Request

__all__ = ["etag", "if_match_version", "if_none_match"]

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_LIST = re.compile(rf"{_TAG.pattern}(?:[ \t]*,[ \t]*{_TAG.pattern})*")
_OURS = re.compile(r'"(?P<version>[0-9]{1,18})(?:\.[0-9a-f]{8})?"')


def etag(version: int, body: bytes) -> str:
    """Return the strong tag of one answer: the row's version, and a hash of everything the answer says."""
    return f'"{version}.{sha256(body).hexdigest()[:8]}"'


def if_none_match(request: Request, tag: str) -> bool:
    """Tell whether the caller already has this answer: `*`, or a tag equal by weak comparison (RFC 9110 §13.1.2).

    A malformed header is ignored: the answer is then sent whole.
    """
    header = request.headers.get("if-none-match", "").strip()
    if header == "*":
        return True
    if not _LIST.fullmatch(header):
        return False
    return tag in {match.removeprefix("W/") for match in _TAG.findall(header)}


def if_match_version(request: Request) -> int | None:
    """Return the version the caller means to change, or None where `If-Match` is absent or `*`.

    Only the version part counts: a health result between reading and writing does not spoil the change. An empty
    header is refused: whoever sent it meant to send a version.

    Raises:
        BadRequest: the header is not one entity tag.
        PreconditionFailed: it is one, but weak or none of ours, so it can match nothing (RFC 9110 §13.1.1).
    """
    header = request.headers.get("if-match", "*").strip()
    if header == "*":
        return None
    if not _TAG.fullmatch(header):
        raise BadRequest("If-Match must be one entity tag in double quotes, as the ETag of a read answer gave it.")
    ours = _OURS.fullmatch(header)
    if ours is None:
        raise PreconditionFailed("If-Match names no version of this resource. Read it again and send its ETag.")
    return int(ours["version"])
