"""The child's end of the line to the hub: a sender that has the hub send, with the interface of `http.Sender`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, cast

from integrations_hub.connector.answer import Answer, Headers, quota_rest_s
from integrations_hub.connector.from_child import HeaderField, Ready, Send
from integrations_hub.connector.from_hub import Grant, Job, Reply, from_hub
from integrations_hub.connector.messages import Message
from integrations_hub.connector.phases import Phase
from integrations_hub.connector.reasons import StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.request_fields import Authorization
from integrations_hub.connector.results import Endpoint
from integrations_hub.connector.wire import ProtocolBroken

if TYPE_CHECKING:
    from integrations_hub.connector.http import Sender

__all__ = ["HubLine", "RemoteSender"]


class HubLine:
    """The two pipes to the hub. Replies find the request they are for by its number."""

    def __init__(self, incoming: asyncio.StreamReader, output: int) -> None:
        """Hold both ends; nothing is read yet."""
        self._incoming = incoming
        self._output = output
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._listening: asyncio.Task[None] | None = None

    def say(self, message: Message) -> None:
        """Write one line, waiting until the pipe has taken all of it."""
        rest = memoryview(message.line())
        while rest:
            rest = rest[os.write(self._output, rest) :]

    async def job(self) -> Job:
        """Read what this child is for.

        Raises:
            ProtocolBroken: the hub says something else.
        """
        message = from_hub(await self._incoming.readline())
        if not isinstance(message, Job):
            raise ProtocolBroken("there is no job")
        return message

    async def secrets(self, endpoint: Endpoint) -> Grant:
        """Say where the integration points and return the secrets of the call; from then on requests can be sent.

        Raises:
            ProtocolBroken: the hub says something else.
        """
        self.say(Ready(endpoint=endpoint))
        message = from_hub(await self._incoming.readline())
        if not isinstance(message, Grant):
            raise ProtocolBroken("there are no secrets")
        self._listening = asyncio.create_task(self._listen())
        return message

    def sender(self) -> Sender:
        """Return what has the hub send the requests of the call."""
        # the same interface, as a test compares; the class itself would bring an HTTP client into the child
        return cast("Sender", RemoteSender(self))

    async def ask(
        self,
        method: str,
        path: str,
        *,
        beyond: tuple[str, ...],
        params: Mapping[str, str] | None,
        headers: Mapping[str, str | Secret] | None,
        auth: Authorization | None,
        content: bytes | None,
    ) -> Reply:
        """Have the hub send a request, and wait for what came of it."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self.say(
            Send(
                number=number,
                beyond=beyond,
                method=method,
                path=path,
                params=None if params is None else dict(params),
                headers=tuple(_field(name, value) for name, value in (headers or {}).items()),
                auth=tuple(one.reveal() for one in ((auth,) if isinstance(auth, Secret) else auth or ())),
                content=content,
            )
        )
        return await self._waiting[number]

    async def _listen(self) -> None:
        while line := await self._incoming.readline():
            message = from_hub(line)
            if isinstance(message, Reply):
                self._waiting.pop(message.number).set_result(message)


class RemoteSender:
    """Has the hub send the requests of one call: what it may reach, for how long and how much, is judged there."""

    certificate_ends_at: datetime | None
    quota_rest_s: float | None

    def __init__(self, line: HubLine, beyond: tuple[str, ...] = ()) -> None:
        """Bind to the line of a call."""
        self.certificate_ends_at = None
        self.quota_rest_s = None
        self._line = line
        self._beyond = beyond
        self._phases: list[Phase] = []

    def beyond(self, url: str, allowed: Iterable[str]) -> RemoteSender:  # noqa: ARG002 - the hub knows the list itself
        """Return a sender for another address; whether it may be reached is judged with the first request."""
        return RemoteSender(self._line, (*self._beyond, url))

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        auth: Authorization | None = None,
    ) -> Answer:
        """GET a path below the base (empty: the base itself), or an absolute URL inside it. See `http.Sender`."""
        return await self.request("GET", path, params=params, headers=headers, auth=auth)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        auth: Authorization | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send one request. See `http.Sender.request`.

        Raises:
            CheckFailed: as there.
        """
        reply = await self._line.ask(
            method, path, beyond=self._beyond, params=params, headers=headers, auth=auth, content=content
        )
        self._phases += [Phase(one.name, one.duration_ms, one.evidence) for one in reply.phases]
        self.certificate_ends_at = reply.certificate_ends_at or self.certificate_ends_at
        if reply.failure is not None:
            raise reply.failure.error()
        headers = Headers(reply.headers)
        self.quota_rest_s = quota_rest_s(headers) or self.quota_rest_s
        return Answer(reply.status, headers, reply.body, reply.excerpt)

    def take_phases(self) -> tuple[Phase, ...]:
        """Return the phases of connections opened since the last call; a reused connection has none."""
        phases, self._phases = tuple(self._phases), []
        return phases

    @property
    def step_under_way(self) -> StepName | None:
        """Return None: the phase under way is known to the hub, which says it in the request's failure."""
        return None


def _field(name: str, value: str | Secret) -> HeaderField:
    if isinstance(value, Secret):
        return HeaderField(name=name, value=value.reveal(), secret=True)
    return HeaderField(name=name, value=value, secret=False)
