"""Dispatches to the attacks; what one returns becomes evidence, so that whoever asked sees it."""

from __future__ import annotations

from typing import Any

from integrations_hub.connector.contract import (
    Connector,
    ConnectorConfig,
    CredentialNeed,
    Delivery,
    Endpoint,
    Probe,
    ReceivedEvent,
)
from integrations_hub.connector.reasons import StepName
from integrations_hub.connector.redaction import Secret

from . import exhausting, leaving, lying, network, processes, reading, writing

MODULES = (exhausting, leaving, lying, network, processes, reading, writing)


class Config(ConnectorConfig):
    attack: str = ""
    marks: dict[str, Any] = {}
    endpoint: str = "https://hostile.example"
    certificate: str = ""  # a secret no config names, written as the next
    backwards: str = ""  # an endpoint no config may hold, written so that nobody sees it


class Hostile(Connector[Config]):
    type, category, version = "hostile", "test", "1.0.0"
    credential = CredentialNeed.OPTIONAL
    config_model = Config
    webhooks = True

    def endpoint(self, config: Config) -> Endpoint:
        return Endpoint(config.backwards[::-1] or config.endpoint, None, config.certificate[::-1] or None)

    async def check_health(self, probe: Probe[Config]) -> None:
        attack = next(vars(module)[probe.config.attack] for module in MODULES if probe.config.attack in vars(module))
        async with probe.step(StepName.PRODUCT) as step:
            step.evidence = str(await attack(probe, **probe.config.marks))

    def verify_event(self, config: Config, delivery: Delivery, secret: Secret) -> ReceivedEvent:
        raise RuntimeError(f"a delivery of {len(delivery.body)} bytes, and {secret.reveal()}")
