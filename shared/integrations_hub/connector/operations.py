"""The operations of the contract as a child does them: the task in, the answer out.

Each gets the moment of the loop's clock at which the connector's time is up.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import (
    Access,
    Connector,
    ConnectorConfig,
    Credential,
    Delivery,
    EventRejected,
    Probe,
    WebhookOrder,
)
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_child import (
    Checked,
    Crashed,
    Described,
    Discovered,
    EventVerified,
    Failed,
    Late,
    Validated,
    WebhookStands,
)
from integrations_hub.connector.from_hub import Check, Describe, Discover, Grant, SetUpWebhook, Validate, VerifyEvent
from integrations_hub.connector.messages import Failure
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.results import Endpoint

if TYPE_CHECKING:
    from integrations_hub.connector.http import Sender

__all__ = ["Line", "check", "describe", "discover", "set_up_webhook", "validate", "verify_event"]

AnyConnector = Connector[ConnectorConfig]


class Line(Protocol):
    """What a call needs of the hub."""

    async def secrets(self, endpoint: Endpoint) -> Grant:
        """Return the secrets of the call, for where the integration points; from then on requests can be sent."""

    def sender(self) -> Sender:
        """Return what sends the requests of the call."""


async def describe(connector: AnyConnector, _task: Describe, _line: Line, _ends: float) -> Described:
    """Say what the connector is."""
    return Described(
        type=connector.type,
        category=str(connector.category),
        version=connector.version,
        capabilities=tuple(sorted(connector.capabilities)),
        credential=connector.credential,
        config_schema=connector.config_schema(),
    )


async def validate(connector: AnyConnector, task: Validate, _line: Line, _ends: float) -> Validated:
    """Judge a config.

    Raises:
        ConfigInvalid: where it is wrong.
    """
    config = connector.validate_config(task.config)
    written = config.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Validated(config=written, endpoint=connector.endpoint(config), references=dict(config.references()))


async def check(connector: AnyConnector, task: Check, line: Line, ends: float) -> Checked:
    """Check an integration; whatever ends the check, the steps before it are told."""
    config = connector.validate_config(task.config)
    grant = await line.secrets(connector.endpoint(config))
    probe = Probe(config, _credential(grant), line.sender(), task.sequence)
    end = await _ended(connector, probe, ends)
    found = probe.result()
    return Checked(
        steps=found.steps,
        latency_ms=found.latency_ms,
        credential_ends_at=found.credential_ends_at,
        certificate_ends_at=found.certificate_ends_at,
        retry_after_s=found.retry_after_s,
        end=end,
    )


async def _ended(connector: AnyConnector, probe: Probe[ConnectorConfig], ends: float) -> Failed | Late | Crashed | None:
    try:
        async with asyncio.timeout_at(ends):
            await connector.check_health(probe)
    except CheckFailed as failure:
        return Failed(failure=Failure.of(failure))
    except TimeoutError:
        return Late()
    except (Exception, SystemExit) as broken:  # noqa: BLE001 - whatever a connector raises is data
        traceback.print_exc()
        return Crashed(error=type(broken).__name__)
    return None


async def discover(connector: AnyConnector, task: Discover, line: Line, _ends: float) -> Discovered:
    """List one page of what there is.

    Raises:
        CheckFailed: why there is none.
    """
    access, _ = await _access(connector, task.config, line)
    page = await connector.discover(access, task.resource_kind, task.cursor)
    return Discovered(items=page.items, next_cursor=page.next_cursor)


async def set_up_webhook(connector: AnyConnector, task: SetUpWebhook, line: Line, _ends: float) -> WebhookStands:
    """Have the provider deliver its events.

    Raises:
        CheckFailed: why it does not.
    """
    access, grant = await _access(connector, task.config, line)
    order = WebhookOrder(task.url, Secret(grant.webhook_secrets[0]), task.resource, task.events)
    stands = await connector.setup_webhook(access, order)
    return WebhookStands(outcome=stands.outcome, id=stands.id, resource=stands.resource, events=stands.events)


async def verify_event(connector: AnyConnector, task: VerifyEvent, line: Line, _ends: float) -> EventVerified:
    """Tell what a delivery says.

    Raises:
        EventRejected: no secret of the grant proves it.
    """
    config = connector.validate_config(task.config)
    delivery = Delivery(Headers(task.headers), task.body, task.received_at)
    for secret in (await line.secrets(connector.endpoint(config))).webhook_secrets:
        try:
            event = connector.verify_event(config, delivery, Secret(secret))
        except EventRejected:
            continue
        except (Exception, SystemExit):  # noqa: BLE001 - who crashes has proven nothing
            traceback.print_exc()
            continue
        return EventVerified(
            event=event.kind, delivery_id=event.delivery_id, resource=event.resource, foreign=event.foreign
        )
    raise EventRejected("no secret of this integration proves it")


async def _access(
    connector: AnyConnector, given: Mapping[str, object], line: Line
) -> tuple[Access[ConnectorConfig], Grant]:
    config = connector.validate_config(given)
    grant = await line.secrets(connector.endpoint(config))
    return Access(config, _credential(grant), line.sender()), grant


def _credential(grant: Grant) -> Credential:
    return Credential({name: Secret(text) for name, text in grant.fields.items()}, grant.allowed_hosts)
