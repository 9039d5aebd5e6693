"""The side of `run_connector`: each question of the hub's other functions, put to the connectors carried here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any

from integrations_hub.catalog.plugin import Isolation, PluginCatalog
from integrations_hub.catalog.secret_backends import BackendStatus
from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import Delivery, EventRejected
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.messages import Failure
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import one_call
from integrations_hub.connector.wire import ProtocolBroken
from integrations_hub.errors import Invalid, Unavailable
from integrations_hub.health.model import Look
from integrations_hub.health.ports import CheckJob, ConnectorCall, ConnectorHost, WebhookRequest
from integrations_hub.plugins.outcomes import crashed
from integrations_hub.plugins.remote import messages as say

__all__ = ["Answering"]

_log = logging.getLogger(__name__)
_CALL_S = 25.0  # a call's own limit is 20 s; the rest is for starting and ending it
_BUSY = "The connector's function is busy with other calls. Repeat the request in a moment."
_ONE_RELEASE = "Deploy all functions from one release of the hub."


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers for the connectors of this process, and for no other type."""

    host: ConnectorHost
    plugins: PluginCatalog
    isolation: Callable[[], Isolation]
    probe: Callable[[], Mapping[str, BackendStatus]]

    def answer(self, text: bytes) -> bytes:
        """Answer one question, whatever it is; the answer is never an exception."""
        with one_call():
            reply = say.Reply(answer=self._judged(text)).model_dump_json().encode()
        if len(reply) > say.MAX_MESSAGE:
            too_much = CheckFailed(Reason.CONNECTOR_CRASHED, "the connector found too much to be told at once")
            reply = say.Reply(answer=_failed(too_much)).model_dump_json().encode()
        return reply

    def _judged(self, text: bytes) -> say.Answer:
        try:
            call = say.read_call(text)
            self._require_carried(call)
            return _ANSWERS[type(call.question)](self, call.type, call.question)
        except Exception as raised:  # noqa: BLE001 - the outermost wall: whatever happens has an answer
            return _told(raised)

    def _require_carried(self, call: say.Call) -> None:
        types = self.plugins.types()
        if isinstance(call.question, say.Describe | say.ProbeBackends | say.IsOver) or call.type in types:
            return
        carried = ", ".join(types) or "none"
        evidence = f"the function that was asked carries no connector for the type {call.type}; it carries: {carried}"
        remedy = "Look at CONNECTOR_FUNCTION or CONNECTOR_URL, and at the layer of run_connector for this type."
        raise CheckFailed(Reason.CONNECTOR_CRASHED, evidence, remedy)


def _told(raised: Exception) -> say.Answer:
    match raised:
        case ProtocolBroken():
            _log.warning("a call that is none: %s", raised)
            return _failed(CheckFailed(Reason.CONNECTOR_CRASHED, f"the call cannot be read: {raised}", _ONE_RELEASE))
        case CheckFailed():
            return _failed(raised)
        case EventRejected():
            return say.Unproven()
        case Unavailable():
            return say.Away(detail=raised.detail)
        case FutureTimeoutError():
            return say.Away(detail=_BUSY)
    _log.error("a call failed", exc_info=raised)
    return _failed(crashed(raised))


def _describe(here: Answering, _type: str, _: say.Describe) -> say.Answer:
    return say.Described(plugins=tuple(here.plugins.scan()), isolation=here.isolation())


def _probe_backends(here: Answering, _type: str, _: say.ProbeBackends) -> say.Answer:
    return say.Backends(found=dict(here.probe()))


def _validate(here: Answering, type_: str, asked: say.Validate) -> say.Answer:
    try:
        return say.Validated(valid=here.host.validate(type_, asked.config))
    except Invalid as invalid:
        violations = tuple((one.pointer, one.detail) for one in invalid.violations)
        return say.ConfigInvalid(detail=invalid.detail, violations=violations)


def _check(here: Answering, type_: str, asked: say.Check) -> say.Answer:
    about = asked.about
    job = CheckJob(
        tenant_id=about.tenant,
        type=type_,
        config=about.config,
        auth_ref_uri=about.auth_ref_uri,
        sequence=asked.sequence,
    )
    return say.Checked(result=here.host.submit(job).result(_CALL_S))


def _look(here: Answering, type_: str, asked: say.LookAt) -> say.Answer:
    about = asked.about
    look = Look(
        integration_id=asked.integration_id,
        tenant_id=about.tenant,
        type=type_,
        config=about.config,
        auth_ref_uri=about.auth_ref_uri or "",
        known=asked.known,
    )
    return say.Facts(facts=here.host.look(look).result(_CALL_S))


def _is_over(here: Answering, _type: str, asked: say.IsOver) -> say.Answer:
    return say.Alive(alive=here.host.is_over(asked.cause).result(_CALL_S))


def _discover(here: Answering, type_: str, asked: say.Discover) -> say.Answer:
    return say.Found(page=here.host.discover(_call(type_, asked.about), asked.resource_kind, asked.cursor))


def _set_up_webhook(here: Answering, type_: str, asked: say.SetUpWebhook) -> say.Answer:
    wanted = WebhookRequest(url=asked.url, secret_ref=asked.secret_ref, resource=asked.resource, events=asked.events)
    return say.WebhookStands(webhook=here.host.setup_webhook(_call(type_, asked.about), wanted))


def _verify_event(here: Answering, type_: str, asked: say.VerifyEvent) -> say.Answer:
    delivery = Delivery(Headers(asked.headers), asked.body, asked.received_at)
    return say.EventVerified(event=here.host.verify_event(_call(type_, asked.about), asked.secret_ref, delivery))


def _call(type_: str, about: say.About) -> ConnectorCall:
    return ConnectorCall(tenant_id=about.tenant, type=type_, config=about.config, auth_ref_uri=about.auth_ref_uri)


def _failed(failure: CheckFailed) -> say.Failed:
    return say.Failed(failure=Failure.of(failure), cause=failure.cause)


_ANSWERS: Mapping[type[say.Question], Callable[[Answering, str, Any], say.Answer]] = {
    say.Describe: _describe,
    say.ProbeBackends: _probe_backends,
    say.Validate: _validate,
    say.Check: _check,
    say.LookAt: _look,
    say.IsOver: _is_over,
    say.Discover: _discover,
    say.SetUpWebhook: _set_up_webhook,
    say.VerifyEvent: _verify_event,
}
