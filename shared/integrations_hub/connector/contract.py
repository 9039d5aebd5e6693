"""What a connector is: the contract between the hub and a plugin that knows one provider.

A connector declares what it is (type, category, capabilities, a pydantic model of its config) and answers
questions about one integration at a time. A check is a list of steps, stopped at the first that fails:

    class MyConnector(Connector[MyConfig]):
        type, category, version = "mine", Category.REGISTRY, "1.0.0"
        config_model = MyConfig

        def endpoint(self, config): return Endpoint(config.endpoint)

        async def check_health(self, probe):
            async with probe.step(StepName.PRODUCT) as step:
                answer = await probe.http.get("version")
                step.evidence = judge(answer)      # or raise CheckFailed(Reason.WRONG_PRODUCT, …)

Unhealthy is data: a connector raises `CheckFailed` for it and the probe writes the step down. Anything else it
raises is the connector's own bug and is reported as `connector_crashed`.

What it can do beyond the check it says by `resource_kinds` and `webhooks`; `discover`, `setup_webhook` and
`verify_event` are then asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Generic, cast

from pydantic import ValidationError

from integrations_hub.connector.config import ConfigT, ConnectorConfig, HttpConfig
from integrations_hub.connector.config_safety import find_secrets, violations_of
from integrations_hub.connector.errors import ConfigInvalid
from integrations_hub.connector.probe import Access, Credential, Probe, StepNote
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.resources import Resource, ResourcePage
from integrations_hub.connector.results import CheckResult, Endpoint, Step, StepStatus, Target
from integrations_hub.connector.webhooks import (
    Delivery,
    EventRejected,
    ReceivedEvent,
    Webhook,
    WebhookOrder,
    WebhookOutcome,
)

__all__ = [
    "Access",
    "Category",
    "CheckResult",
    "Connector",
    "ConnectorConfig",
    "Credential",
    "CredentialNeed",
    "Delivery",
    "Endpoint",
    "EventRejected",
    "HttpConfig",
    "Probe",
    "ReceivedEvent",
    "Resource",
    "ResourcePage",
    "Step",
    "StepNote",
    "StepStatus",
    "Target",
    "Webhook",
    "WebhookOrder",
    "WebhookOutcome",
]


class Category(StrEnum):
    """What kind of tool a provider is; open: a new kind is a new string here and nowhere else."""

    SCM = "scm"
    REGISTRY = "registry"
    CI = "ci"
    TEST = "test"


class CredentialNeed(StrEnum):
    """Whether an integration of this type must name a secret."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


ConfigModel = type[ConnectorConfig]  # named here because a connector's `type` is its provider's


class Connector(ABC, Generic[ConfigT]):
    """A plugin that knows one provider. Stateless: one instance serves every tenant and many calls at once."""

    type: ClassVar[str]
    category: ClassVar[str]
    version: ClassVar[str]
    resource_kinds: ClassVar[tuple[str, ...]] = ()
    webhooks: ClassVar[bool] = False
    credential: ClassVar[CredentialNeed] = CredentialNeed.REQUIRED
    config_model: ClassVar[ConfigModel]

    @abstractmethod
    def endpoint(self, config: ConfigT) -> Endpoint:
        """Return the API root this config points at, without any I/O."""

    @abstractmethod
    async def check_health(self, probe: Probe[ConfigT]) -> None:
        """Check one integration step by step; return when all is well.

        Raises:
            CheckFailed: when a step failed; the reason says how.
        """

    async def discover(self, access: Access[ConfigT], kind: str, cursor: str | None) -> ResourcePage:
        """Return one page of what the credential sees of a kind (one of `resource_kinds`), from `cursor` on.

        Raises:
            CheckFailed: as a check would; `invalid_config` for a cursor that is none of the connector's.
        """
        raise NotImplementedError

    async def setup_webhook(self, access: Access[ConfigT], order: WebhookOrder) -> Webhook:
        """Have the provider deliver its events as ordered; asked again, change only what differs.

        Raises:
            CheckFailed: as a check would; `invalid_config` for a resource or event the provider does not have.
        """
        raise NotImplementedError

    def verify_event(self, config: ConfigT, delivery: Delivery, secret: Secret) -> ReceivedEvent:
        """Return what a delivery says once the secret proves it: compared in constant time, and before it is parsed.

        Raises:
            EventRejected: it does not.
        """
        raise NotImplementedError

    @property
    def capabilities(self) -> tuple[str, ...]:
        """Return what it can do beyond the check: `discover:<kind>` for each kind, and `webhook`."""
        return (*(f"discover:{kind}" for kind in sorted(self.resource_kinds)), *(["webhook"] if self.webhooks else []))

    def target(self, config: ConfigT) -> Target:
        """Return the host and port this config points at, without any I/O."""
        return Target.of_url(self.endpoint(config).url)

    def validate_config(self, config: Mapping[str, object]) -> ConfigT:
        """Return the config as the connector's model, in normal form.

        Raises:
            ConfigInvalid: with every place that is wrong; a pasted secret is refused before anything else looks at it.
        """
        found = find_secrets(config)
        if found:
            raise ConfigInvalid(found)
        violations: tuple[tuple[str, str], ...]
        try:
            return cast("ConfigT", self.config_model.model_validate(config))
        except ValidationError as invalid:
            violations = violations_of(invalid, config)
        # raised here: pydantic's error holds the input
        raise ConfigInvalid(violations)

    def config_schema(self) -> dict[str, object]:
        """Return the config's JSON Schema (2020-12), which drives forms."""
        return self.config_model.model_json_schema()
