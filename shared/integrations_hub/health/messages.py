"""Messages of checks: which integration, by which lease, claimed when. Nothing in them is worth stealing.

Whoever holds one may check once: taking the claim exchanges the lease, so that a message that comes again, or late,
finds its own stale and is dropped before anything is asked of a provider.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from integrations_hub.health.model import Claim
from integrations_hub.health.ports import SweepStore
from integrations_hub.health.service import LEASE_S
from integrations_hub.health.worker import CheckWorker

__all__ = ["NO_TRACES", "CheckMessages", "body_of"]

_log = logging.getLogger(__name__)
NO_TRACES: Mapping[str, str] = MappingProxyType({})


def body_of(claim: Claim) -> dict[str, str]:
    """Return the body of a claim's message."""
    return {
        "integrationId": str(claim.integration_id),
        "lease": str(claim.lease),
        "claimedAt": claim.claimed_at.isoformat(),
        "type": claim.type,
    }


@dataclass(frozen=True, slots=True)
class CheckMessages:
    """The worker's side of a queue; `carried` gives the types whose connectors are here, None stands for all."""

    store: SweepStore
    worker: CheckWorker
    carried: Callable[[], Collection[str]] | None = None

    def run_connector(
        self, bodies: Mapping[str, Any], seconds: float | None = None, traceparents: Mapping[str, str] = NO_TRACES
    ) -> list[str]:
        """Check what messages (body by message id) ask for; return the ids of those to be delivered again.

        Each check belongs to the trace its message brought. One that cannot be read, or is for a connector that is
        elsewhere, is delivered again too, until the queue puts it where a person looks; what it asks for is due again
        when its lease ends.

        Raises:
            StorageUnavailable: nothing was begun; all of them are to be delivered again.
        """
        leases = {message: _lease(body) if self._is_mine(body) else None for message, body in bodies.items()}
        unreadable = [message for message, lease in leases.items() if lease is None]
        if unreadable:
            sentence = "messages that are none of the sweep's, or for another connector: %s"
            _log.error(sentence, len(unreadable), extra={"action": "run_connector"})
        known = sorted({lease for lease in leases.values() if lease})
        if known:
            traces = {lease[0]: traceparents.get(message, "") for message, lease in leases.items() if lease}
            claims = [one._replace(traceparent=traces[one.integration_id]) for one in self.store.take(known, LEASE_S)]
            taken = iter((claims,))
            self.worker.run(lambda _: next(taken, ()), LEASE_S if seconds is None else min(seconds, LEASE_S))
        return unreadable

    def _is_mine(self, body: Any) -> bool:
        return self.carried is None or (isinstance(body, dict) and body.get("type") in self.carried())


def _lease(body: Any) -> tuple[UUID, UUID] | None:
    """Return the integration and the lease of a message."""
    try:
        return UUID(body["integrationId"]), UUID(body["lease"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
