"""The reference to a secret: `authref://<alias>/<path>[?version=<v>][#<key>]`, with one spelling per secret.

The grammar has no escapes, no dot segments and no empty segments, so no backend, proxy or file system can read a
reference in two ways; the tenant is not in it, so another tenant's secret cannot be written down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

__all__ = ["AuthRef", "AuthRefInvalid"]

_LONGEST = 512
_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*"  # single dots, never last; read in one way only
_FORM = re.compile(
    r"authref://(?P<alias>[a-z][a-z0-9-]{0,31})"
    rf"/(?P<path>{_SEGMENT}(?:/{_SEGMENT}){{0,11}})"
    r"(?:\?version=(?P<version>[A-Za-z0-9-]{1,64}))?"
    r"(?:#(?P<key>[A-Za-z0-9._-]{1,128}))?"
)
_SHAPE = "write authref://<alias>/<path>[?version=<v>][#<key>]"
# What people get wrong, most telling first; each sentence says what to change.
_HINTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?!authref://)", re.DOTALL), f"must begin with authref:// in lower case: {_SHAPE}"),
    (re.compile(r".*%", re.DOTALL), "must not be percent-encoded: use letters, digits and . _ - only"),
    (re.compile(r".*[\x00-\x20\x7f\\]", re.DOTALL), "must not hold spaces, control characters or backslashes"),
    (
        re.compile(r"authref://[^/?#]*[@:]"),
        "must name a backend's alias, not a host: leave out user, password and port",
    ),
    (
        re.compile(r"authref://(?![a-z][a-z0-9-]{0,31}(?:[/?#]|$))"),
        "must name a backend's alias: a lower-case letter, then at most 31 lower-case letters, digits and -",
    ),
    (re.compile(r"[^?]*#.*\?"), "must give ?version= before #key"),
    (re.compile(r"[^?#]*\?(?!version=)"), "may have one parameter only, version"),
    (
        re.compile(r"[^?#]*\?version=(?![A-Za-z0-9-]{1,64}(?:#|$))"),
        "must give a version of 1 to 64 letters, digits and -",
    ),
    (re.compile(r"[^#]*#(?![A-Za-z0-9._-]{1,128}$)"), "must give a key of 1 to 128 letters, digits and . _ -"),
    (re.compile(r"authref://[^/]+(?:/?(?:[?#]|$))"), f"must name a path after the alias: {_SHAPE}"),
    (
        re.compile(r"authref://[^/]+/(?:[^?#]*/)?(?:[/?#]|$)"),
        "must not hold empty segments: write single slashes, none at the end",
    ),
    (
        re.compile(r"authref://[^?#]*(?:\.\.|/\.|\.(?:[/?#]|$))"),
        "must not hold . or .. segments, nor dots at a segment's start or end",
    ),
    (re.compile(rf"authref://[a-z0-9-]+(?:/{_SEGMENT}){{13,}}"), "must have at most 12 path segments"),
)


class AuthRefInvalid(ValueError):
    """The text is no AuthRef; the message says what to change and never repeats the text, which may be a secret."""


@dataclass(frozen=True, slots=True)
class AuthRef:
    """A reference: the backend's alias, the path below the tenant, and perhaps one version and one field."""

    alias: str
    path: str
    version: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        """Refuse what the grammar refuses, however the reference was made.

        Raises:
            AuthRefInvalid: saying what to change.
        """
        parts = {"alias": self.alias, "path": self.path, "version": self.version, "key": self.key}
        if _match(str(self)).groupdict() != parts:
            raise AuthRefInvalid(f"must keep alias, path, version and key apart: {_SHAPE}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference; `str()` of what it returns is the text again.

        Raises:
            AuthRefInvalid: saying what to change.
        """
        return cls(**_match(text).groupdict())

    def __str__(self) -> str:
        """Write the one canonical spelling."""
        version = "" if self.version is None else f"?version={self.version}"
        return f"authref://{self.alias}/{self.path}{version}" + ("" if self.key is None else f"#{self.key}")


def _match(text: str) -> re.Match[str]:
    if len(text) > _LONGEST:
        raise AuthRefInvalid(f"must be at most {_LONGEST} characters")
    if not text.isascii():
        raise AuthRefInvalid("must be ASCII: letters that only look like Latin ones are refused")
    match = _FORM.fullmatch(text)
    if match is None:
        sentence = next((sentence for hint, sentence in _HINTS if hint.match(text)), None)
        raise AuthRefInvalid(sentence or f"must use letters, digits and . _ - only: {_SHAPE}")
    return match
