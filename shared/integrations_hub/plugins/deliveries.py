"""Which secret proves an inbound delivery."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress

from integrations_hub.connector.contract import Credential, Delivery, EventRejected, ReceivedEvent
from integrations_hub.connector.redaction import redacting
from integrations_hub.connector.webhooks import webhook_secret
from integrations_hub.plugins.subjects import Subject

__all__ = ["proven"]

_log = logging.getLogger(__name__)


def proven(subject: Subject, delivery: Delivery, credentials: Sequence[Credential]) -> ReceivedEvent:
    """Return what a delivery says by the first secret that proves it.

    A connector that crashes has proven nothing: its sender, who may have meant it to, learns no more than that.

    Raises:
        EventRejected: none does.
        CheckFailed: `invalid_config` when a secret does not say which of its fields it is.
    """
    for credential in credentials:
        secret = webhook_secret(credential)
        with redacting(credential), suppress(EventRejected):
            try:
                return subject.connector.verify_event(subject.config, delivery, secret)
            except EventRejected:
                raise
            except (Exception, SystemExit):  # noqa: BLE001 - whatever a connector raises is data
                _log.exception("the connector crashed", extra={"providerType": subject.connector.type})
    raise EventRejected("no secret of this integration proves it")
