"""Device authorization (RFC 8628): a program without a browser shows a code, a person enters it elsewhere."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from local.authority.grant import Grant
from local.authority.refused import Refused
from local.authority.short_lived import ShortLived

__all__ = ["DEVICE_S", "Device", "Devices"]

DEVICE_S = 600
_SLOWER_S = 5  # RFC 8628 §3.5
_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; RFC 8628 §6.1
_LETTERS = 8
_GUESSES, _GUESSES_S = 20, 60.0


@dataclass(slots=True)
class Device:
    """One program that waits, and what the person gave it; nothing, once decided, is a refusal."""

    grant: Grant
    user_code: str
    interval: float
    next_poll_at: float = 0.0
    decided: bool = False
    given: Grant | None = None

    def decide(self, given: Grant | None) -> None:
        """Keep the first decision."""
        if not self.decided:
            self.decided, self.given = True, given


class Devices:
    """The programs that wait, in memory."""

    def __init__(self, clock: Callable[[], float], interval: float) -> None:
        """Have programs ask again no sooner than every `interval` seconds."""
        self._clock, self.interval = clock, interval
        self._by_code: ShortLived[Device] = ShortLived(DEVICE_S, clock)
        self._by_user_code: ShortLived[Device] = ShortLived(DEVICE_S, clock)
        self._wrong: ShortLived[bool] = ShortLived(_GUESSES_S, clock)
        self._lock = threading.Lock()

    def begin(self, grant: Grant) -> tuple[str, Device]:
        """Return the device code, and the device with its user code."""
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
        device = Device(grant, f"{letters[:4]}-{letters[4:]}", self.interval)
        self._by_user_code.put(device, letters)
        return self._by_code.put(device), device

    def entered(self, user_code: str) -> Device:
        """Return the device of a code as a person types it: any case, with or without the hyphen.

        Raises:
            Refused: no device waits under it, or too many wrong codes were entered (RFC 8628 §5.1).
        """
        if len(self._wrong) >= _GUESSES:
            raise Refused("slow_down", "Too many wrong codes were entered. Wait a minute and try again.", 429)
        device = self._by_user_code.get("".join(filter(str.isalnum, user_code.upper())))
        if device is None or device.decided:
            self._wrong.put(thing=True)
            raise Refused("invalid_request", "No device waits under this code. Compare it with the one you were shown.")
        return device

    def poll(self, device_code: str, client_id: str) -> Grant:
        """Return what the person gave, once.

        Raises:
            Refused: `authorization_pending`, `slow_down`, `access_denied`, `expired_token` or `invalid_grant`.
        """
        with self._lock:
            device = self._by_code.get(device_code)
            if device is None:
                raise Refused("expired_token", "The device code is unknown, used or expired. Begin again.")
            if device.grant.client_id != client_id:
                raise Refused("invalid_grant", "The device code is not this client's.")
            self._pace(device)
            if not device.decided:
                raise Refused("authorization_pending", "The person has not decided yet.")
            self._by_code.take(device_code)
        if device.given is None:
            raise Refused("access_denied", "The person refused.")
        return device.given

    def _pace(self, device: Device) -> None:
        now = self._clock()
        early = now < device.next_poll_at
        device.interval += _SLOWER_S if early else 0
        device.next_poll_at = now + device.interval
        if early:
            raise Refused("slow_down", f"Ask every {device.interval:g} seconds.")
