"""Post an event under the same guard and limits as every check: a webhook's address is a stranger's too."""

from __future__ import annotations

from dataclasses import dataclass

from integrations_hub.connector.answer import retry_after_s
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.results import Endpoint
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.events.channels import Posted
from integrations_hub.events.failures import DeliveryFailed
from integrations_hub.loop import BackgroundLoop

__all__ = ["GuardedPost"]

_LIMITS = Limits(check_s=10, request_s=10, redirects=0)


@dataclass(frozen=True, slots=True)
class GuardedPost:
    """Posts on the process's background loop."""

    transport: Transport
    loop: BackgroundLoop

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Posted:
        """Return the answer.

        Raises:
            DeliveryFailed: there was no answer; why.
        """
        return self.loop.submit(self.post(url, headers, body)).result()

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Posted:
        """Return the answer, on the loop itself.

        Raises:
            DeliveryFailed: as above.
        """
        from integrations_hub.connector.http import Sender  # noqa: PLC0415 - aiohttp is for who really sends

        try:
            answer = await Sender(self.transport, Endpoint(url), _LIMITS).request(
                "POST", url, headers=headers, content=body
            )
        except CheckFailed as failure:
            raise DeliveryFailed(f"{failure.reason}: {failure.evidence}") from None
        return Posted(answer.status, retry_after_s(answer) or 0.0)
