"""Post an event under the same guard and limits as every check: a webhook's address is a stranger's too."""

from __future__ import annotations

from dataclasses import dataclass

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.results import Endpoint
from integrations_hub.connector.transport import Limits, Transport
from integrations_hub.events.channels import DeliveryFailed
from integrations_hub.loop import BackgroundLoop

__all__ = ["GuardedPost"]

_LIMITS = Limits(check_s=10, request_s=10, redirects=0)


@dataclass(frozen=True, slots=True)
class GuardedPost:
    """Posts on the process's background loop."""

    transport: Transport
    loop: BackgroundLoop

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """Return the status.

        Raises:
            DeliveryFailed: there was no answer; why.
        """
        return self.loop.submit(self._post(url, headers, body)).result()

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        from integrations_hub.connector.http import Sender  # noqa: PLC0415 - aiohttp is for who really sends

        try:
            answer = await Sender(self.transport, Endpoint(url), _LIMITS).request(
                "POST", url, headers=headers, content=body
            )
        except CheckFailed as failure:
            raise DeliveryFailed(f"{failure.reason}: {failure.evidence}") from None
        return answer.status
