"""How this server answers: the shapes a client has to take, and the faults it has to bear. Set at the start only."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["LISTINGS", "Behaviour", "Quota"]

LISTINGS = ("releases", "environments", "promotions")


@dataclass(slots=True)
class Quota:
    """So many requests a minute, and no more; none without a number."""

    per_minute: int | None = None
    _begun: float = 0.0
    _seen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> int:
        """Count one request; return how many seconds it has to wait, 0 where it may go on."""
        if self.per_minute is None:
            return 0
        with self._lock:
            now = time.monotonic()
            if now - self._begun >= 60:  # noqa: PLR2004 - a minute
                self._begun, self._seen = now, 0
            self._seen += 1
            return 0 if self._seen <= self.per_minute else max(1, round(60 - (now - self._begun)))


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to behave. The usual one is `{data, meta}`, `{error: …}`, everything offered, at once and whole."""

    answers: Literal["bare", "data", "full"] = "data"
    errors: Literal["envelope", "problem"] = "envelope"
    not_offered: frozenset[str] = frozenset()
    not_offered_status: Literal[404, 501] = 404
    delay_s: float = 0.0
    half_written: bool = False
    quota: Quota = field(default_factory=Quota)

    def body(self, document: object) -> str:
        """Write an answer in the shape that is set."""
        meta = {"total": len(document)} if isinstance(document, list) else {}
        if self.answers == "bare":
            shaped = document
        elif self.answers == "data":
            shaped = {"data": document, "meta": meta}
        else:
            shaped = {"success": True, "data": document, "meta": meta}
        return self.whole_or_half(json.dumps(shaped))

    def error(self, status: int, code: str, sentence: str, trace_id: str) -> tuple[str, str]:
        """Write an error in the shape that is set; return its media type too."""
        if self.errors == "problem":
            problem = {"type": "about:blank", "title": code, "status": status, "detail": sentence}
            document: object = {**problem, "code": code, "traceId": trace_id}
            return self.whole_or_half(json.dumps(document)), "application/problem+json"
        document = {"error": {"code": code, "message": sentence, "traceId": trace_id}}
        return self.whole_or_half(json.dumps(document)), "application/json"

    def whole_or_half(self, text: str) -> str:
        """Leave out the second half where that is set."""
        return text[: len(text) // 2] if self.half_written else text
