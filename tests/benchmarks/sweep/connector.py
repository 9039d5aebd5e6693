"""A connector of two requests, the second with a credential: as plain as a real one can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrations_hub.connector.answer import judge_status
from integrations_hub.connector.contract import Category, Connector, ConnectorConfig, Endpoint, Probe
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName

__all__ = ["OneConnector", "TwoRequests"]


class Config(ConnectorConfig):
    """Where it is."""

    endpoint: str


class TwoRequests(Connector[Config]):
    """Asks what product it is, then who the credential is."""

    type, category, version = "two-requests", Category.TEST, "1"
    config_model = Config

    def endpoint(self, config: Config) -> Endpoint:
        return Endpoint(config.endpoint)

    async def check_health(self, probe: Probe[Config]) -> None:
        async with probe.step(StepName.PRODUCT) as step:
            answer = await probe.http.get("version")
            judge_status(answer)
            document = answer.json()
            if not isinstance(document, Mapping) or document.get("product") != "fast":
                raise CheckFailed(Reason.WRONG_PRODUCT, "another product answers", "Check the endpoint.")
            step.evidence = "the expected product answers"
        async with probe.step(StepName.AUTHENTICATE) as step:
            (token,) = probe.credential.require("token")
            judge_status(await probe.http.get("user", auth=token))
            step.evidence = "the credential is accepted"


class OneConnector:
    """A `PluginCatalog` of this connector alone."""

    def __init__(self) -> None:
        self._connector = TwoRequests()

    def get(self, type_: str) -> TwoRequests | None:
        return self._connector if type_ == self._connector.type else None

    def types(self) -> Sequence[str]:
        return [self._connector.type]

    def scan(self) -> Sequence[object]:
        return []
