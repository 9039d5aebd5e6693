"""The forms in which a secret comes back in a text: as it is, encoded, escaped, or cut by line breaks."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from typing import NamedTuple
from urllib.parse import quote, quote_plus, unquote, unquote_plus

__all__ = ["forms_of", "spans_in"]

_SHORTEST = 4  # a shorter value would blank out ordinary words, and protects nothing
_SHORTEST_LINE = 16  # of a value of several lines: shorter ones are braces and the like
_MOST_PAIRED = 16  # pairs grow with the square; a secret with more fields than this holds no login
_SHELL_SPECIAL = re.compile(r"([^\w@%+=:,./-])")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
# A line break, also as JSON and repr write it, with the indentation and the quoting sign of the line that follows.
# It begins where its blanks begin: tried at each blank of a long run, a stranger's text would cost its square.
_BREAK = re.compile(r"(?<![ \t])[ \t]*+(?:\r\n|\r|\n|(?:\\r)?\\n|\\r)[ \t]*(?:[>|][ \t]*)?")
_EATEN = re.compile(r"[ \t>|]+")  # what a break takes along, where the value itself has it there


class _Layer(NamedTuple):
    """What may lie over a value: runs of it, and how one reads."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], str]


_BROKEN = _Layer(_BREAK, lambda _: "")
_DENSE = _Layer(_EATEN, lambda _: "")
# Which characters are escaped differs from library to library; that an escape reads as its character does not.
_ESCAPED = (
    _Layer(re.compile(r"(?:%[0-9A-Fa-f]{2})+"), lambda found: unquote(found[0])),
    _Layer(re.compile(r"(?:%[0-9A-Fa-f]{2}|\+)+"), lambda found: unquote_plus(found[0])),  # of a form
    _Layer(re.compile(r"(?:\\(?:u[0-9A-Fa-f]{4}|[\"\\/bfnrt]))+"), lambda found: json.loads(f'"{found[0]}"')),
    _Layer(re.compile(r"\\(\W)"), lambda found: found[1]),  # of a shell
    _Layer(re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"), lambda found: unescape(found[0])),
)


class _Below(NamedTuple):
    """A layer that may be on top, and what may be on top when it is gone."""

    layer: _Layer
    beneath: tuple[_Below, ...] = ()


_TWICE = tuple(_Below(layer, (_Below(layer),)) for layer in _ESCAPED)
_ANY = (*_TWICE, _Below(_BROKEN, (*_TWICE, _Below(_DENSE, _TWICE))))
_SIGN_OF_A_LAYER = re.compile(r"[%+\\&\r\n]")  # whatever the topmost layers match holds one of these


def forms_of(values: Iterable[str]) -> frozenset[str]:
    """Return the forms of a call's secrets: of each, of each of its lines, and of each `a:b` as HTTP Basic has it.

    Each also as a break leaves it that stands in its middle.
    """
    known = sorted(set(values))
    pairs = [f"{one}:{other}" for one in known for other in known] if len(known) <= _MOST_PAIRED else []
    forms = {form for value in known if len(value) >= _SHORTEST for form in _forms(value)}
    forms |= {line for value in known for line in _lines(value)}
    forms |= {form for pair in pairs if len(pair) > _SHORTEST for form in _base64(pair)}
    unbroken = {_BREAK.sub("", form) for form in forms}
    dense = {_EATEN.sub("", form) for form in unbroken}
    return frozenset(forms | {form for form in unbroken | dense if len(form) >= _SHORTEST})


def spans_in(text: str, forms: frozenset[str]) -> list[tuple[int, int]]:
    """Return where a form stands in a text, whole, cut by line breaks or escaped by somebody, as start and end."""
    if _SIGN_OF_A_LAYER.search(text):
        return list(_spans_below(text, forms, _ANY))
    return [span for form in forms if form in text for span in _occurrences(text, form)]


def _spans_below(text: str, forms: frozenset[str], on_top: tuple[_Below, ...]) -> Iterator[tuple[int, int]]:
    for form in forms:
        if form in text:  # most texts hold none, and asking is quicker than beginning to look
            yield from _occurrences(text, form)
    for layer, beneath in on_top:
        if layer.pattern.search(text):
            found = list(_spans_below(layer.pattern.sub(layer.read, text), forms, beneath))
            places = _places(text, layer) if found else []
            yield from ((places[start][0], places[end - 1][1]) for start, end in found)


def _places(text: str, layer: _Layer) -> list[tuple[int, int]]:
    """Return for each character of the text without a layer where it comes from."""
    places: list[tuple[int, int]] = []
    at = 0
    for found in layer.pattern.finditer(text):
        places += ((place, place + 1) for place in range(at, found.start()))
        places += [found.span()] * len(layer.read(found))
        at = found.end()
    return [*places, *((place, place + 1) for place in range(at, len(text)))]


def _occurrences(text: str, form: str) -> Iterator[tuple[int, int]]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + 1)


def _lines(value: str) -> Iterator[str]:
    """Yield the lines of a value of several, but for what frames a PEM."""
    lines = value.splitlines()
    if len(lines) > 1:
        yield from (one for line in lines if len(one := line.strip()) >= _SHORTEST_LINE and one[:5] != "-----")


def _forms(secret: str) -> tuple[str, ...]:
    quoted = (
        quote(secret, safe="", errors="surrogatepass"),
        quote(secret, errors="surrogatepass"),
        quote_plus(secret, errors="surrogatepass"),
    )
    escaped = json.dumps(secret)[1:-1]
    return (
        secret,
        *_base64(secret),
        *_hex(secret),
        *quoted,
        *(_ESCAPE.sub(lambda escape: escape[0].lower(), one) for one in quoted),
        escaped,
        json.dumps(escaped)[1:-1],  # an error body within an error body
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        secret.replace("'", "'\"'\"'"),  # shlex.quote
        secret.replace("'", "'\\''"),  # POSIX shells
        _SHELL_SPECIAL.sub(r"\\\1", secret),  # printf %q
    )


def _hex(secret: str) -> tuple[str, str]:
    encoded = secret.encode("utf-8", "surrogatepass").hex()
    return encoded, encoded.upper()


def _base64(secret: str) -> tuple[str, ...]:
    """Return the base64 and base64url forms (RFC 4648 §4, §5), with and without padding."""
    encoded = b64encode(secret.encode("utf-8", "surrogatepass")).decode()
    urlsafe = encoded.translate(str.maketrans("+/", "-_"))
    return encoded, encoded.rstrip("="), urlsafe, urlsafe.rstrip("=")
