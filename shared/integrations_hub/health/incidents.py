"""Incidents: where many checks fail by one cause, one alert when it begins and one recovery when it is over.

A cause is text: `backend:vault`, `egress` when the hub itself reaches nobody, `connector:harbor` when that connector
crashes or may not run. Its integrations read `unknown` meanwhile and alert nobody; when it is over their checks are
brought forward, spread over a minute. A connector's is over when no check fails by it any more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from integrations_hub.events.model import NO_SUBJECT, Event, EventType, Severity
from integrations_hub.health.model import Look
from integrations_hub.health.ports import ConnectorHost, IncidentStore

__all__ = ["BACKEND", "CONNECTOR", "EGRESS", "Incidents"]

_log = logging.getLogger(__name__)
A = TypeVar("A")
B = TypeVar("B")
BACKEND = "backend:"
CONNECTOR = "connector:"
EGRESS = "egress"
_AFTER_S = 6.0  # other processes leave a backend alone for five seconds after it failed them
_SPREAD_S = 60.0
_LOOKS = 200
_ANSWER_S = 12.0  # of a sweep's minute: a secret backend has ten seconds
_REMEDY = (
    "Look at the secret backend and at what lies between it and the hub; GET /secret-backends tells when it answers."
)
_CONNECTOR_REMEDY = (
    "Look at the hub's log and at GET /plugins: the connector of this type fails by itself, or may not run here."
)
_EGRESS_REMEDY = "Look at the hub's own network: name service, NAT, firewall, proxy. Nothing reaches EGRESS_CANARY_URL."


@dataclass(frozen=True, slots=True)
class Incidents:
    """What a sweep does beside checking: open and close incidents, and look for secrets that were rotated.

    Who does not answer within `answer_s` seconds is asked again by the next sweep: checks wait for nobody.
    """

    store: IncidentStore
    host: ConnectorHost
    answer_s: float = _ANSWER_S

    def opened(self, causes: Iterable[str]) -> None:
        """Open the incidents of what checks have just failed by; one that is open stays one."""
        for cause in sorted(set(causes)):
            if self.store.open_incident(cause, _event(EventType.INCIDENT_OPENED, Severity.ALERT, cause)):
                _log.warning("incident: %s", cause, extra={"action": "open_incident"})

    def close_what_is_over(self) -> None:
        """Ask what each open incident is about for a sign of life; wake its integrations when it gives one."""
        causes = self.store.open_incidents()
        asked = {cause: self.host.is_over(cause) for cause in causes if not cause.startswith(CONNECTOR)}
        over = [cause for cause, alive in self._answers(asked.items()) if alive]
        over += [cause for cause in causes if cause.startswith(CONNECTOR) and not self.store.failing_by(cause)]
        for cause in over:
            self._close(cause)

    def wake_rotated(self) -> int:
        """Bring forward the checks of integrations whose secret was rotated while they rest; return how many."""
        looks = self.store.claim_looks(_LOOKS)
        found = self._answers([(look, self.host.look(look)) for look in looks])
        rotated = [look for look, facts in found if facts is not None and facts.replaces(look.known)]
        return self.store.wake([look.integration_id for look in rotated], None) if rotated else 0

    def _answers(self, asked: Iterable[tuple[A, Future[B]]]) -> Iterator[tuple[A, B]]:
        """Yield who has answered in time, with the answer."""
        ends = monotonic() + self.answer_s
        for about, answer in asked:
            try:
                yield about, answer.result(max(ends - monotonic(), 0.0))
            except TimeoutError:
                answer.cancel()
                _log.warning("a sweep goes on without an answer", extra={"action": "ask", "about": _named(about)})

    def _close(self, cause: str) -> None:
        if self.store.close_incident(cause, _event(EventType.INCIDENT_CLOSED, Severity.RECOVERY, cause)):
            woken = self.store.wake((), cause, _AFTER_S, _SPREAD_S)
            _log.info("incident over: %s, %s checks follow", cause, woken, extra={"action": "close_incident"})


def _event(type_: EventType, severity: Severity, cause: str) -> Event:
    """Return the event of an incident; its subject is set where it is opened."""
    remedy = _EGRESS_REMEDY if cause == EGRESS else _CONNECTOR_REMEDY if cause.startswith(CONNECTOR) else _REMEDY
    return Event(type_, NO_SUBJECT, {"cause": cause, "remedy": remedy}, severity)


def _named(about: object) -> str:
    return str(about.integration_id) if isinstance(about, Look) else str(about)
