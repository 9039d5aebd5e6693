"""From a deployment's settings to how what is due gets checked: in the sweep's own process, or behind a queue."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Event
from typing import Protocol

from integrations_hub.dispatch.cloudevents_sink import CloudEventsSink
from integrations_hub.dispatch.sqs import SqsQueue
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.messages import CheckMessages
from integrations_hub.health.ports import ConnectorHost, IncidentStore, SweepStore
from integrations_hub.health.sweep import Dispatch, InProcess, Queued, SweepService
from integrations_hub.health.worker import CheckWorker

__all__ = ["Checking", "Hosts", "QueueSettings", "WorkerSettings"]


class QueueSettings(Protocol):
    """Where claims are sent; where neither is set, they are checked in the sweep's own process."""

    @property
    def queue_url(self) -> str | None:
        """Return the URL of the SQS queues, with `{type}` where a connector's type belongs."""

    @property
    def sink_url(self) -> str | None:
        """Return the address of the Knative sink."""


class WorkerSettings(Protocol):
    """How much a worker does at once."""

    @property
    def concurrency(self) -> int:
        """Return how many checks run at once."""

    @property
    def sweep_batch(self) -> int:
        """Return how many are claimed at once."""


class Store(SweepStore, IncidentStore, Protocol):
    """Claims, results and incidents, across tenants."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Who runs connectors: for the sweep `anywhere`, for what a queue delivers `here`, where it was sent to.

    `carried` gives the types that run here.
    """

    anywhere: Callable[[], ConnectorHost]
    here: Callable[[], ConnectorHost]
    carried: Callable[[], Collection[str]]


class Checking:
    """Both sides of a dispatch: the sweep, and the worker that works off what it sends."""

    def __init__(
        self,
        queues: QueueSettings,
        work: WorkerSettings,
        store: Store,
        hosts: Hosts,
        *,
        source: str,
        now: Callable[[], datetime],
    ) -> None:
        """Hold the parts; set `stopping` to have checks end at once, and what they leave given back."""
        self.stopping = Event()
        self._queues, self._work, self._store, self._hosts = queues, work, store, hosts
        self._source, self._now = source, now

    @cached_property
    def sweep(self) -> SweepService:
        """Return the sweep over all tenants."""
        return SweepService(Incidents(self._store, self._hosts.anywhere()), self._way())

    @cached_property
    def messages(self) -> CheckMessages:
        """Return the checking of what a queue delivers."""
        return CheckMessages(self._store, self._worker(self._hosts.here()), self._hosts.carried)

    def _worker(self, host: ConnectorHost) -> CheckWorker:
        incidents, room = Incidents(self._store, host), self._work.concurrency
        return CheckWorker(self._store, host, incidents, room, self._now, self.stopping)

    def _way(self) -> Dispatch:
        if self._queues.queue_url:
            return Queued(self._store, SqsQueue(self._queues.queue_url), self._now, stopping=self.stopping)
        if self._queues.sink_url:
            sink = CloudEventsSink(self._queues.sink_url, self._source)
            return Queued(self._store, sink, self._now, stopping=self.stopping)
        return InProcess(self._store, self._worker(self._hosts.anywhere()), self._work.sweep_batch)
