"""Amazon SQS: one queue per connector, each message held back until its check is due.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol

from integrations_hub.health.messages import body_of
from integrations_hub.health.model import Claim
from integrations_hub.observability.traces import message_attributes

__all__ = ["SqsQueue", "sqs_client"]

_log = logging.getLogger(__name__)
_AT_ONCE = 10  # the API's own limit
_THREADS = 8  # of a client that is safe to share: a hundred thousand integrations are 2,000 calls a minute
_LOOK_AHEAD_S = 60.0


class SqsClient(Protocol):
    """The part of boto3's client that is used."""

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:  # noqa: N803 - AWS's own names
        """Send up to ten messages; `Failed` lists those that were not taken."""


def sqs_client() -> SqsClient:
    """Return boto3's client, as the environment configures it."""
    import boto3  # noqa: PLC0415 - for who really sends
    from botocore.config import Config  # noqa: PLC0415 - as above

    limits = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard"}, max_pool_connections=_THREADS)
    client: SqsClient = boto3.client("sqs", config=limits)
    return client


class SqsQueue:
    """Sends to the queue whose URL is the template with the connector's type in it (`…/hub-checks-{type}`)."""

    look_ahead_s = _LOOK_AHEAD_S

    def __init__(self, url: str, client: Callable[[], SqsClient] = sqs_client) -> None:
        """Hold the template; the client is made when first needed."""
        self._url = url
        self._make = client
        self._client: SqsClient | None = None

    def send(self, claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
        """Send claims, each held back until it is due; return those that could not be sent."""
        self._client = self._client or self._make()
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="hub-dispatch") as threads:
            batches = [
                threads.submit(copy_context().run, self._sent, self._client, url, batch, now)
                for url, batch in self._batches(claims)
            ]
        return [claim for batch in batches for claim in batch.result()]

    def _batches(self, claims: Sequence[Claim]) -> Iterator[tuple[str, Sequence[Claim]]]:
        """Yield each queue's claims, as many as one call takes."""
        for kind, group in groupby(sorted(claims, key=attrgetter("type")), attrgetter("type")):
            alike = list(group)
            for start in range(0, len(alike), _AT_ONCE):
                yield self._url.replace("{type}", kind), alike[start : start + _AT_ONCE]

    @staticmethod
    def _sent(client: SqsClient, url: str, claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
        """Send one batch; a queue that is not there keeps nobody else's from being sent."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - for who really sends

        entries = [{**_entry(nth, claim, now), **message_attributes()} for nth, claim in enumerate(claims)]
        try:
            answer = client.send_message_batch(QueueUrl=url, Entries=entries)
        except (BotoCoreError, ClientError) as refused:
            _log.error("checks could not be sent (%s)", type(refused).__name__, extra={"action": "dispatch"})
            return claims
        return [claims[int(failed["Id"])] for failed in answer.get("Failed", ())]


def _entry(nth: int, claim: Claim, now: datetime) -> Mapping[str, Any]:
    due = claim.standing.next_check_at
    delay = max((due - now).total_seconds(), 0.0) if due else 0.0
    return {
        "Id": str(nth),
        "MessageBody": json.dumps(body_of(claim)),
        "DelaySeconds": round(min(delay, _LOOK_AHEAD_S)),
    }
