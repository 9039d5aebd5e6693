"""Secrets pasted where none belong: found in a config before it is stored, and refused without repeating them.

It is a net for mistakes, not a wall against intent: it knows private keys, the prefixes of well-known tokens,
JSON Web Tokens and user names or passwords inside URLs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from pydantic import ValidationError

__all__ = ["MAX_DEPTH", "find_secrets", "pointer_to", "violations_of"]

MAX_DEPTH = 16
_MOST = 100  # complaints: a body of 256 KiB can earn thousands

_STORE_IT = "Store it in the vault and name it by a reference (authRefUri)."
# Each is searched in texts of up to 256 KiB: nothing before a match may be repeated without bound, or it takes minutes.
_PATTERNS = (
    (re.compile(r"BEGIN [A-Z0-9 ]{0,64}PRIVATE KEY|PuTTY-User-Key-File"), f"This holds a private key. {_STORE_IT}"),
    (
        re.compile(r"(?<=[A-Za-z0-9+.-]):[/\\]{2}[^/?#\s]{0,512}@"),
        f"This URL holds a user name or password. {_STORE_IT}",
    ),
    (
        re.compile(
            r"\b(?:gh[opusr]_|github_pat_|gl(?:pat|ptt|dt|rt|rtr|cbt|ft|imt|agent|soat|oas)-|xox[a-z]-|xapp-|hv[sbr]\.|"
            r"dckr_(?:pat|oat)_|npm_|pypi-|sk-(?:ant-|proj-)?|whsec_|dop_v1_|SG\.|shp(?:at|ss|ca|pa)_)"
            r"[A-Za-z0-9_./+=-]{12,}"
        ),
        f"This looks like a token. {_STORE_IT}",
    ),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{35}"), f"This looks like a cloud key. {_STORE_IT}"),
    (
        re.compile(r"\beyJ[A-Za-z0-9_-]{8,512}\.[A-Za-z0-9_-]{8,8192}\."),
        f"This looks like a JSON Web Token. {_STORE_IT}",
    ),
)
# as `web.parse` has it: a name a person would give a field, and nothing that looks like a token pasted as a name
_PLAIN_NAME = re.compile(r"(?=.{1,64}$)(?!.*[A-Z]{5})[A-Za-z_-]+[0-9]{0,3}[A-Za-z_-]*")


def find_secrets(config: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Return JSON pointer (RFC 6901) and sentence of the first things that must not be in a config, never a value."""
    return tuple(dict.fromkeys(islice(_walk((), config), _MOST)))


def violations_of(invalid: ValidationError, config: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Return a model's first complaints about a config as JSON pointer and sentence, without any of its values."""
    errors = invalid.errors(include_input=False, include_url=False)[:_MOST]
    return tuple(
        (pointer_to(_location(error["loc"], config)), _SENTENCES.get(error["type"]) or _sentence(error["msg"]))
        for error in errors
    )


def pointer_to(location: Iterable[object]) -> str:
    """Return the JSON pointer (RFC 6901) to a place in a config, without names that may be secrets pasted as names."""
    known = (part for part in location if isinstance(part, int) or _PLAIN_NAME.fullmatch(str(part)))
    return "".join(f"/{part}" for part in known)


# pydantic's own words for these would repeat the input
_SENTENCES = {
    "extra_forbidden": "There is no such field; look at the connector's configSchema.",
    "union_tag_invalid": "This is none of the known kinds; look at the connector's configSchema.",
    "missing": "This field is required.",
}


def _walk(at: tuple[object, ...], value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from ((pointer_to(at), sentence) for pattern, sentence in _PATTERNS if pattern.search(value))
        return
    if not isinstance(value, Mapping | list | tuple):
        return
    if len(at) >= MAX_DEPTH:
        yield pointer_to(at[:2]), f"The config is nested deeper than {MAX_DEPTH} levels."
        return
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, inner in pairs:
        # a secret pasted as a field's name is reported at its parent: the pointer must not repeat it
        yield from ((pointer_to(at), sentence) for pattern, sentence in _PATTERNS if pattern.search(str(key)))
        yield from _walk((*at, key), inner)


def _location(location: tuple[int | str, ...], value: object) -> Iterator[int | str]:
    """Yield of pydantic's location what is in the config, and a last name that is not: it puts union tags between."""
    for nth, part in enumerate(location, start=1):
        items = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if isinstance(items, Mapping) and part in items:
            value = items[part]
        elif nth < len(location):
            continue
        yield part


def _sentence(message: str) -> str:
    sentence = message.removeprefix("Value error, ").strip()
    return sentence if sentence.endswith((".", ")")) else f"{sentence}."
