"""Refresh tokens: each is good once and brings the next; an old one used again ends them all (RFC 9700 §4.14.2).

They are kept in the state folder, so that an IDE is still signed in after a restart; as hashes, so that the file signs
nobody in.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from local.authority import state
from local.authority.grant import Grant
from local.authority.refused import Refused

__all__ = ["RefreshTokens"]

_FAMILY_S = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Family:
    """One sign-in: what it was given, the hash of the token that is good now, when it ends whatever happens."""

    grant: Grant
    current: str
    ends_at: float


class RefreshTokens:
    """The sign-ins that live on. A token is `<family>.<secret>`."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Read those of the last run."""
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._ended: set[str] = set()
        self._families = {
            name: _Family(Grant(**kept["grant"]), kept["current"], kept["ends_at"])
            for name, kept in (state.load(path) or {}).items()
        }

    def begin(self, family: str, grant: Grant) -> str:
        """Return the first token of a sign-in.

        Raises:
            Refused: it was ended before it began: its code came twice at the same moment.
        """
        with self._lock:
            if family in self._ended:
                raise Refused("invalid_grant", "The code was used twice. Sign in again.")
            return self._next(family, _Family(grant, "", self._clock() + _FAMILY_S))

    def grant(self, token: str, client_id: str) -> Grant:
        """Return what the sign-in of a token was given, without using the token.

        Raises:
            Refused: `invalid_grant`.
        """
        family = self._find(token)
        if family is None or family.grant.client_id != client_id:
            raise Refused("invalid_grant", "The refresh token is unknown, ended, or not this client's. Sign in again.")
        return family.grant

    def rotate(self, token: str, client_id: str) -> str:
        """Use a token and return the next one.

        Raises:
            Refused: `invalid_grant`; where the token had been used before, its sign-in has ended with this.
        """
        self.grant(token, client_id)
        name = token.partition(".")[0]
        with self._lock:
            family = self._families.get(name)
            if family is None or not hmac.compare_digest(_hash(token), family.current):
                self._drop(name)
                raise Refused(
                    "invalid_grant", "The refresh token was used before: this sign-in has ended. Sign in again."
                )
            return self._next(name, family)

    def revoke(self, token: str, client_id: str) -> None:
        """End the sign-in a token belongs to; nothing happens where there is none (RFC 7009 §2.2).

        Raises:
            Refused: the token is another client's.
        """
        family = self._find(token)
        if family is not None and family.grant.client_id != client_id:
            raise Refused("invalid_grant", "The token was not given to this client.")
        with self._lock:
            self._drop(token.partition(".")[0])

    def end(self, family: str) -> None:
        """End a sign-in, or see to it that it never begins."""
        with self._lock:
            self._ended.add(family)
            self._drop(family)

    def _find(self, token: str) -> _Family | None:
        family = self._families.get(token.partition(".")[0])
        return family if family and self._clock() < family.ends_at else None

    def _next(self, name: str, family: _Family) -> str:
        token = f"{name}.{secrets.token_urlsafe(32)}"
        self._families[name] = replace(family, current=_hash(token))
        self._save()
        return token

    def _drop(self, name: str) -> None:
        if self._families.pop(name, None):
            self._save()

    def _save(self) -> None:
        now = self._clock()
        self._families = {name: family for name, family in self._families.items() if now < family.ends_at}
        state.save(self._path, {name: asdict(family) for name, family in self._families.items()})


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
