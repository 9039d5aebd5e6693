"""From what a backend stores to named fields.

A JSON object, or a backend's own set of keys, is its fields. A text is read by its form: a JSON object is its fields,
a PEM private key is `private_key`, one line `username:password` is those two, and anything else is `token`. Bytes are
a text where they are UTF-8; others are read as their base64 (RFC 4648 §4), in the field `binary` or that of their key.
Each value bears one name only; there is no field for the whole text beside its parts.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping

from integrations_hub.connector.contract import Credential
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.site import listed
from integrations_hub.credentials.ports import SecretValues

__all__ = ["as_text", "read_bytes", "read_document", "read_text", "select"]

_ALLOWED_HOSTS = "allowed_hosts"
_TAKEN = frozenset({"username", "password", "token", "private_key", "webhook_secret"})  # the names connectors ask for
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")
_LOGIN = re.compile(r"(?P<username>[^\s:{][^\s:]*):(?P<password>(?!//)[^\r\n]+)")  # neither a URL nor broken JSON


def read_document(document: Mapping[str, object]) -> SecretValues:
    """Return a document's fields; a value that is no text becomes its JSON. `allowed_hosts` is a rule, not a field."""
    hosts = _hosts(document[_ALLOWED_HOSTS]) if _ALLOWED_HOSTS in document else None
    fields = {
        name: Secret(value if isinstance(value, str) else json.dumps(value))
        for name, value in document.items()
        if name != _ALLOWED_HOSTS and value is not None
    }
    return SecretValues(fields, hosts)


def read_text(text: str) -> SecretValues:
    """Return a text's fields by its form; the line break at its end, which editors add, is not part of it."""
    text = text.rstrip("\r\n")
    document = _object(text)
    if document is not None:
        return read_document(document)
    if _PRIVATE_KEY.search(text):
        return SecretValues({"private_key": Secret(text)})
    login = _LOGIN.fullmatch(text)
    if login:
        return SecretValues({name: Secret(value) for name, value in login.groupdict().items()})
    return SecretValues({"token": Secret(text)} if text else {})


def read_bytes(content: bytes) -> SecretValues:
    """Return the fields of bytes: those of their text, or `binary`, their base64."""
    text, is_text = as_text(content)
    return read_text(text) if is_text else SecretValues({"binary": Secret(text)})


def as_text(content: bytes) -> tuple[str, bool]:
    """Return bytes as UTF-8 and True, or as their base64 and False."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    # no text holds NUL, and many a binary that happens to decode does
    return (text, True) if "\0" not in text else (b64encode(content).decode(), False)


def select(values: SecretValues, key: str | None) -> Credential | None:
    """Return the credential: all fields, or with a key that one; None when there is nothing under the key.

    A field whose name no connector asks for (`#harbor-robot`) is read by its form too: the key says which, not what.
    Where a field has `allowed_hosts` of its own, the credential may go where both lists allow it.
    """
    if key is None:
        return Credential(dict(values.fields), values.allowed_hosts) if values.fields else None
    secret = values.fields.get(key)
    if secret is None or not secret.reveal():
        return None
    inner = read_text(secret.reveal())
    fields = {key: secret} if key in _TAKEN else {key: secret, **inner.fields}
    return Credential(fields, _both(values.allowed_hosts, inner.allowed_hosts))


def _both(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the hosts that both lists allow; a list that is not there allows all."""
    if one is None or other is None:
        return other if one is None else one
    common = [host for host in one if listed(other, host)] + [host for host in other if listed(one, host)]
    return tuple(dict.fromkeys(common))


def _object(text: str) -> Mapping[str, object] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _hosts(value: object) -> tuple[str, ...]:
    """Return the hosts in a list, a JSON list or a text separated by commas; anything else allows none."""
    if isinstance(value, str):
        value = _listed(value)
    items = value if isinstance(value, list) else []
    return tuple(item.strip() for item in items if isinstance(item, str) and item.strip())


def _listed(text: str) -> object:
    if not text.lstrip().startswith("["):
        return text.split(",")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return []
