"""The side of a stranger's own function: one job of the hub's, with the secrets that came with it.

Before the stranger's code is loaded the function looks around itself: where it has been given anything of the hub's,
it does not run at all.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from integrations_hub.catalog.plugin import PluginCatalog
from integrations_hub.connector.contract import Connector, ConnectorConfig, Credential, Endpoint
from integrations_hub.connector.from_hub import Grant, Job, from_hub
from integrations_hub.connector.redaction import Secret, excerpt, redacting
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.connector.wire import ProtocolBroken
from integrations_hub.connector.worker import NotAConnector, perform
from integrations_hub.loop import BackgroundLoop

if TYPE_CHECKING:
    from integrations_hub.connector.http import Sender

__all__ = ["PluginJobs"]

_log = logging.getLogger(__name__)
_MOST_LOGGED = 4096  # characters of what a connector wrote


class _DirectLine:
    """The hub's line where there is none: the secrets are here already, and requests go out from here."""

    def __init__(self, grant: Grant | None, transport: Transport, seconds: float) -> None:
        self._grant, self._transport, self._seconds = grant, transport, seconds
        self._endpoint: Endpoint | None = None

    async def secrets(self, endpoint: Endpoint) -> Grant:
        if self._grant is None:
            raise ProtocolBroken("there are no secrets")
        self._endpoint = endpoint
        return self._grant

    def sender(self) -> Sender:
        from integrations_hub.connector.http import Sender  # noqa: PLC0415 - who only describes itself sends nothing

        assert self._endpoint
        return Sender(self._transport, self._endpoint, replace(Limits(), check_s=self._seconds))


@dataclass(frozen=True, slots=True)
class PluginJobs:
    """Does jobs with the one connector that is here; `exposed` names what of the hub's the function was given."""

    plugins: PluginCatalog
    transport: Transport
    loop: BackgroundLoop
    exposed: Callable[[], Sequence[str]]

    def run(self, event: Mapping[str, object]) -> dict[str, object]:
        """Do the job of an event, and say what came of it.

        Raises:
            ProtocolBroken: it is no job.
        """
        given = self.exposed()
        if given:
            _log.error("a stranger's connector does not run where the hub's settings are: %s", ", ".join(given))
            return {"pluginRefused": ", ".join(given)}
        job = from_hub(str(event["pluginJob"]).encode())
        granted = event.get("pluginGrant")
        grant = from_hub(str(granted).encode()) if granted else None
        if not isinstance(job, Job) or not (grant is None or isinstance(grant, Grant)):
            raise ProtocolBroken("there is no job")
        return {"pluginAnswer": self._done(job, grant)}

    def _done(self, job: Job, grant: Grant | None) -> str:
        secrets = [*(grant.fields.values() if grant else ()), *(grant.webhook_secrets if grant else ())]
        held = Credential({str(nth): Secret(text) for nth, text in enumerate(secrets)})
        written = io.StringIO()  # one job at a time: that is how Lambda calls
        with redacting(held), redirect_stdout(written), redirect_stderr(written):
            line = _DirectLine(grant, self.transport, job.seconds)
            answer = self.loop.submit(perform(job, self._connector, line)).result()
        if text := excerpt(written.getvalue(), secrets, _MOST_LOGGED):
            _log.warning("the connector wrote: %s", text)
        return answer.line().decode()

    def _connector(self) -> Connector[ConnectorConfig]:
        types = self.plugins.types()
        if len(types) != 1:
            raise NotAConnector
        return cast("Connector[ConnectorConfig]", self.plugins.get(types[0]))
