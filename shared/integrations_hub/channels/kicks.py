"""The kick to `deliver_events` over SQS and as a CloudEvent. What goes wrong is logged: the schedule is the net."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from threading import Lock
from time import monotonic
from typing import Any
from uuid import uuid4

from pydantic_core import to_json

from integrations_hub.events.channels import posted
from integrations_hub.events.failures import DeliveryFailed
from integrations_hub.events.post import GuardedPost
from integrations_hub.observability.traces import current, message_attributes

__all__ = ["SinkKick", "SqsKick"]

_log = logging.getLogger(__name__)
_HELD_BACK_S = 1  # a kick arrives that much later and covers what is committed until then
_COVERED_S = 0.8
_TIMEOUT_S = 1.0


class SqsKick:
    """Sends one message for all kicks of a second: it is held back that long, so it comes after all of them."""

    def __init__(self, queue_url: str) -> None:
        """Hold the queue's address; boto3 is imported with the first kick."""
        self._queue_url = queue_url
        self._lock = Lock()
        self._covered_until = 0.0
        self._client: Any = None

    def __call__(self) -> None:
        """Kick; on Lambda nothing runs after the answer, so it is sent now, within two seconds or not at all."""
        with self._lock:
            now = monotonic()
            if now < self._covered_until:
                return
            try:
                kick = {"MessageBody": "kick", "DelaySeconds": _HELD_BACK_S, **message_attributes()}
                self._sqs().send_message(QueueUrl=self._queue_url, **kick)
            except Exception as fault:  # noqa: BLE001 - a kick never fails a request
                _unheard(fault)
            else:
                self._covered_until = now + _COVERED_S

    def _sqs(self) -> Any:
        import boto3  # noqa: PLC0415 - for who really writes
        from botocore.config import Config  # noqa: PLC0415 - as above

        if self._client is None:
            config = Config(connect_timeout=_TIMEOUT_S, read_timeout=_TIMEOUT_S, retries={"total_max_attempts": 1})
            self._client = boto3.client("sqs", config=config)
        return self._client


class SinkKick:
    """Posts one CloudEvent without data; kicks until it leaves are one. Nobody waits for it."""

    def __init__(self, url: str, source: str, post: GuardedPost) -> None:
        """Hold where to."""
        self._url, self._source, self._post = url, source, post
        self._lock = Lock()
        self._pending = False

    def __call__(self) -> None:
        """Kick."""
        with self._lock:
            if self._pending:
                return
            self._pending = True
        self._post.loop.submit(self._sent()).add_done_callback(_look)

    async def _sent(self) -> None:
        with self._lock:
            self._pending = False  # before it leaves: who commits from here on kicks again
        event = {"specversion": "1.0", "id": str(uuid4()), "source": self._source, "type": "hub.events_waiting"}
        event |= {"traceparent": current()} if current() else {}
        headers = {"Content-Type": "application/cloudevents+json"}
        posted(await self._post.post(self._url, headers, to_json(event)), "kick's sink")


def _look(done: Future[None]) -> None:
    if fault := done.exception():
        _unheard(fault)


def _unheard(fault: BaseException) -> None:
    why = str(fault) if isinstance(fault, DeliveryFailed) else type(fault).__name__
    _log.warning("a kick was not heard, the schedule will deliver: %s", why, extra={"action": "kick"})
