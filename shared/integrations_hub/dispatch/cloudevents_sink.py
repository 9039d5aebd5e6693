"""A Knative sink: each claim as one CloudEvent, posted to a Broker or a Channel.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md (binary content mode)
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http.client import HTTPException
from urllib.request import Request, urlopen

from integrations_hub.health.messages import body_of
from integrations_hub.health.model import Claim
from integrations_hub.observability.traces import current

__all__ = ["CHECK_DUE", "CloudEventsSink"]

CHECK_DUE = "dev.integrations-hub.check_due"
_log = logging.getLogger(__name__)
_THREADS = 8
_TIMEOUT_S = 10.0


class CloudEventsSink:
    """Posts to one address of the operator's; a Trigger per connector filters by the attribute `connectortype`."""

    look_ahead_s = 0.0  # a broker delivers at once

    def __init__(self, url: str, source: str) -> None:
        """Hold the address, and what events name as their source."""
        self._url = url
        self._source = source

    def send(self, claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
        """Post claims; return those that were not accepted."""
        with ThreadPoolExecutor(_THREADS) as threads:
            trace = {"Ce-Traceparent": current()} if current() else {}  # CloudEvents' distributed tracing extension
            accepted = list(threads.map(lambda claim: self._post(claim, now, trace), claims))
        unsent = [claim for claim, done in zip(claims, accepted, strict=True) if not done]
        if unsent:
            _log.error("%s checks could not be sent", len(unsent), extra={"action": "dispatch"})
        return unsent

    def _post(self, claim: Claim, now: datetime, trace: Mapping[str, str]) -> bool:
        """Post one event; its id is the lease, so that one sent twice is recognisable."""
        headers = {
            "Content-Type": "application/json",
            "Ce-Specversion": "1.0",
            "Ce-Id": str(claim.lease),
            "Ce-Source": self._source,
            "Ce-Type": CHECK_DUE,
            "Ce-Subject": str(claim.integration_id),
            "Ce-Time": now.isoformat(),
            "Ce-Connectortype": claim.type,
            **trace,
        }
        request = Request(self._url, json.dumps(body_of(claim)).encode(), headers, method="POST")  # noqa: S310 - the operator's own address, http or https by its setting
        try:
            with urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - as above
                return bool(200 <= answer.status < 300)  # noqa: PLR2004 - the 2xx
        except (OSError, HTTPException):
            return False
