"""The hub's side of one call of a stranger's connector: the job, the secrets, and the requests it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from integrations_hub.connector.contract import Endpoint, Target
from integrations_hub.connector.endpoint import split_endpoint
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_child import FromChild, Ready, Send, from_child
from integrations_hub.connector.from_hub import Job, Reply, TimedPhase
from integrations_hub.connector.messages import Failure
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.request_fields import Authorization
from integrations_hub.connector.wire import ProtocolBroken
from integrations_hub.plugins.child import Child, broken
from integrations_hub.plugins.grants import Grants, Secrets

if TYPE_CHECKING:
    from integrations_hub.connector.answer import Answer
    from integrations_hub.connector.http import Sender

__all__ = ["Conversation", "stated"]

_AT_ONCE = 8  # requests of one call under way; the child is not listened to while there are more
# about the message, not the connection: the hub's sender sets them, and a stranger's would end a request early
_RESERVED = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"}


class Conversation:
    """One call: `granted` gives the secrets for where the integration points, `sender` what sends its requests."""

    def __init__(self, child: Child, granted: Grants, sender: Callable[[Endpoint, Secrets], Sender]) -> None:
        """Hold the child and what it may be given."""
        self._child = child
        self._granted = granted
        self._make_sender = sender
        self._endpoint: Endpoint | None = None
        self._secrets = Secrets()
        self._senders: dict[tuple[str, ...], Sender] = {}
        self._requests: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def run(self, job: Job) -> FromChild:
        """Have the job done, and return the child's answer.

        Raises:
            CheckFailed: the secrets cannot be had, or the child does not do its part.
        """
        await self._child.send(job.line())
        try:
            return await self._answer()
        except ProtocolBroken as lie:
            raise broken(f"does not keep to the protocol: {lie}") from None
        finally:
            for request in self._requests:
                request.cancel()
            await asyncio.gather(*self._requests, return_exceptions=True)

    async def _answer(self) -> FromChild:
        while True:
            message = from_child(await self._child.line())
            if isinstance(message, Ready):
                await self._grant(message.endpoint)
            elif isinstance(message, Send):
                await self._room.acquire()
                request = asyncio.create_task(self._fulfil(message))
                self._requests.add(request)
                request.add_done_callback(self._fulfilled)
            else:
                return message

    async def _grant(self, endpoint: Endpoint) -> None:
        if self._endpoint is not None:
            raise ProtocolBroken("it asks for the secrets twice")
        self._endpoint, target = stated(endpoint)
        secrets = self._secrets = await self._granted(self._endpoint, target)
        self._child.hide(secrets.all())
        await self._child.send(secrets.grant().line())

    def _fulfilled(self, request: asyncio.Task[None]) -> None:
        self._requests.discard(request)
        self._room.release()

    async def _fulfil(self, message: Send) -> None:
        sender = None
        try:
            sender = self._sender(message.beyond)
            reply = _reply(message.number, await _sent(sender, message), sender)
        except CheckFailed as failure:
            reply = Reply(number=message.number, failure=Failure.of(failure), phases=_phases(sender))
        except Exception as odd:  # noqa: BLE001 - what a stranger asks for may be no request at all
            wrong = broken(f"asks for what is no request ({type(odd).__name__})")
            reply = Reply(number=message.number, failure=Failure.of(wrong))
        await self._child.send(reply.line())

    def _sender(self, beyond: tuple[str, ...]) -> Sender:
        """Return the sender for the endpoint, or for an address reached from it step by step.

        Raises:
            CheckFailed: the credential may not go there.
            ProtocolBroken: the child has not said where the integration points.
        """
        if beyond not in self._senders:
            if self._endpoint is None:
                raise broken("sends a request before it is ready")
            if beyond:
                self._senders[beyond] = self._sender(beyond[:-1]).beyond(
                    beyond[-1], self._secrets.credential.allowed_hosts or ()
                )
            else:
                self._senders[beyond] = self._make_sender(self._endpoint, self._secrets)
        return self._senders[beyond]


def stated(endpoint: Endpoint) -> tuple[Endpoint, Target]:
    """Return an endpoint in the one form all readers of URLs agree on, and the host and port it points at.

    Raises:
        ProtocolBroken: it is no endpoint.
    """
    try:
        if endpoint.url.partition("://")[0].lower() in {"http", "https"}:
            parts = split_endpoint(endpoint.url)
            endpoint = replace(endpoint, url=parts.url(*parts.segments))
        return endpoint, Target.of_url(endpoint.url)
    except ValueError:
        raise ProtocolBroken("it names an endpoint that is none") from None


async def _sent(sender: Sender, message: Send) -> Answer:
    headers = {one.name: Secret(one.value) if one.secret else one.value for one in message.headers}
    if _RESERVED.intersection(name.lower() for name in headers):
        raise broken("asks for a header field that is the hub's to set")
    return await sender.request(
        message.method,
        message.path,
        params=message.params,
        headers=headers,
        auth=_authorization(message.auth),
        content=message.content,
    )


def _authorization(given: tuple[str, ...]) -> Authorization | None:
    match [Secret(text) for text in given]:
        case [bearer]:
            return bearer
        case [user, password]:
            return user, password
    return None


def _reply(number: int, answer: Answer, sender: Sender) -> Reply:
    return Reply(
        number=number,
        status=answer.status,
        headers=tuple(answer.headers.items()),
        body=answer.body,
        excerpt=answer.excerpt,
        phases=_phases(sender),
        certificate_ends_at=sender.certificate_ends_at,
    )


def _phases(sender: Sender | None) -> tuple[TimedPhase, ...]:
    phases = sender.take_phases() if sender else ()
    return tuple(TimedPhase(name=one.name, duration_ms=one.duration_ms, evidence=one.evidence) for one in phases)
