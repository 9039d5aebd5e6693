"""Calls over HTTP are signed, question and answer, with a key the hub's functions share.

HMAC-SHA256 over what it is, the call's id, its time and the body. A question is believed for a minute, and once in
each process; an answer only by whoever asked. What is signed is not hidden: put TLS or a mesh underneath.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from uuid import uuid4

from integrations_hub.connector.webhooks import equal_in_constant_time

__all__ = ["ID", "SIGNATURE", "TIME", "CallKey", "Unsigned"]

ID, TIME, SIGNATURE = "hub-call-id", "hub-call-time", "hub-call-signature"
_BELIEVED_S = 60


class Unsigned(Exception):
    """A call or an answer is not proven; the sentence says why, to an operator."""


@dataclass(slots=True)
class CallKey:
    """Keys that are believed, each alone; the first one signs. To change it, put the new one behind, then in front."""

    keys: Sequence[str] = field(repr=False)
    now: Callable[[], datetime]
    _seen: dict[str, float] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def question(self, body: bytes) -> dict[str, str]:
        """Return the header fields that prove a question."""
        return self._signed("call", str(uuid4()), body)

    def answer(self, call_id: str, body: bytes) -> dict[str, str]:
        """Return the header fields that prove the answer to a question."""
        return self._signed("answer", call_id, body)

    def proven_question(self, headers: Mapping[str, str], body: bytes) -> str:
        """Return the id of a question that is proven, fresh, and was not received before.

        Raises:
            Unsigned: it is not; names of `headers` are in lower case.
        """
        call_id = self._proven("call", headers, body)
        with self._lock:
            now = self.now().timestamp()
            if call_id in self._seen:
                raise Unsigned("it was received before")
            self._seen = {one: at for one, at in self._seen.items() if at > now}
            self._seen[call_id] = now + 2 * _BELIEVED_S  # its time may lie ahead as far as behind
        return call_id

    def proven_answer(self, call_id: str, headers: Mapping[str, str], body: bytes) -> None:
        """Return when an answer is proven to be that of a question.

        Raises:
            Unsigned: it is not.
        """
        if self._proven("answer", headers, body) != call_id:
            raise Unsigned("it answers another question")

    def _signed(self, what: str, call_id: str, body: bytes) -> dict[str, str]:
        time = str(int(self.now().timestamp()))
        return {ID: call_id, TIME: time, SIGNATURE: _signature(self.keys[0], what, call_id, time, body)}

    def _proven(self, what: str, headers: Mapping[str, str], body: bytes) -> str:
        call_id, time, given = (headers.get(name, "") for name in (ID, TIME, SIGNATURE))
        if not (call_id and time and given):
            raise Unsigned("it carries no signature")
        signatures = (_signature(key, what, call_id, time, body) for key in self.keys)
        if not any(equal_in_constant_time(given, one) for one in signatures):
            raise Unsigned("its signature is not of a key known here")
        if not time.isdecimal() or abs(self.now().timestamp() - int(time)) > _BELIEVED_S:
            raise Unsigned("its time is over; compare the clocks")
        return call_id


def _signature(key: str, what: str, call_id: str, time: str, body: bytes) -> str:
    signed = f"{what}\n{call_id}\n{time}\n".encode("utf-8", "surrogatepass") + body
    return f"v1={hmac.new(key.encode(), signed, 'sha256').hexdigest()}"
