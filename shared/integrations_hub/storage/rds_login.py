"""Log in to Amazon RDS, or to its proxy, by a token instead of a password: `postgresql+rds-iam://user@host:5432/name`.

A token is a signed request that is never sent; it lives 15 minutes and is needed while connecting only.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from hashlib import sha256
from typing import NamedTuple, Protocol
from urllib.parse import quote, unquote, urlencode, urlsplit

from pydantic import SecretStr

__all__ = ["Identity", "Keys", "keys_of", "login", "token"]

_SCHEME = "postgresql+rds-iam://"
_ALGORITHM = "AWS4-HMAC-SHA256"
_PORT = 5432
_LOCAL_S = 2.0


class Keys(NamedTuple):
    """AWS credentials."""

    access_key: str
    secret_key: str
    session_token: str | None


class Identity(Protocol):
    """What the runtime says of who the function is."""

    @property
    def region(self) -> str | None:
        """Return the region."""

    @property
    def access_key(self) -> str | None:
        """Return the access key, where keys are in the environment."""

    @property
    def secret_key(self) -> SecretStr | None:
        """Return its secret."""

    @property
    def session_token(self) -> SecretStr | None:
        """Return the session's token."""

    @property
    def credentials_url(self) -> str | None:
        """Return where keys are asked for instead: functions that start from a snapshot, containers."""

    @property
    def credentials_token(self) -> SecretStr | None:
        """Return what is sent there."""


def login(url: str, identity: Callable[[], Identity]) -> tuple[str, Callable[[], str] | None]:
    """Return a libpq URL, and what makes its password at each connect: None where the URL is libpq's own."""
    if not url.startswith(_SCHEME):
        return url, None
    dsn = "postgresql://" + url.removeprefix(_SCHEME)
    parts = urlsplit(dsn)
    server, user = f"{parts.hostname}:{parts.port or _PORT}", unquote(parts.username or "")

    def password() -> str:
        who = identity()
        return token(server, user, who.region or "", keys_of(who), datetime.now(UTC))

    return dsn, password


def keys_of(identity: Identity) -> Keys:
    """Return the keys as they are now.

    Raises:
        OSError: the runtime's own address, which has them, does not answer.
    """
    if identity.credentials_url:
        from urllib.request import Request, urlopen  # noqa: PLC0415 - few ask there

        headers = {"Authorization": identity.credentials_token.get_secret_value()} if identity.credentials_token else {}
        request = Request(identity.credentials_url, headers=headers)  # noqa: S310 - the runtime's own address
        with urlopen(request, timeout=_LOCAL_S) as answer:  # noqa: S310 - as above
            said = json.load(answer)
        return Keys(said["AccessKeyId"], said["SecretAccessKey"], said["Token"])
    secret, session = identity.secret_key, identity.session_token
    return Keys(
        identity.access_key or "",
        secret.get_secret_value() if secret else "",
        session.get_secret_value() if session else None,
    )


def token(server: str, user: str, region: str, keys: Keys, now: datetime) -> str:
    """Return the token for a server (`host:port`): a presigned `connect`, Signature Version 4 in the query."""
    scope = f"{now:%Y%m%d}/{region}/rds-db/aws4_request"
    query = {
        "Action": "connect",
        "DBUser": user,
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{keys.access_key}/{scope}",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Expires": "900",
        **({"X-Amz-Security-Token": keys.session_token} if keys.session_token else {}),
        "X-Amz-SignedHeaders": "host",
    }
    asked = urlencode(query, quote_via=quote, safe="-_.~")
    canonical = f"GET\n/\n{asked}\nhost:{server}\n\nhost\n{sha256(b'').hexdigest()}"
    to_sign = f"{_ALGORITHM}\n{query['X-Amz-Date']}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    key = reduce(_signed, scope.split("/"), b"AWS4" + keys.secret_key.encode())
    return f"{server}/?{asked}&X-Amz-Signature={_signed(key, to_sign).hex()}"


def _signed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
