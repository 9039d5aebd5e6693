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
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Generic, cast

from pydantic import ValidationError

from integrations_hub.connector.config import ConfigT, ConnectorConfig
from integrations_hub.connector.config_safety import find_secrets, violations_of
from integrations_hub.connector.errors import ConfigInvalid
from integrations_hub.connector.probe import Credential, Probe, StepNote
from integrations_hub.connector.results import CheckResult, Endpoint, Step, StepStatus, Target

__all__ = [
    "Capability",
    "Category",
    "CheckResult",
    "Connector",
    "ConnectorConfig",
    "Credential",
    "CredentialNeed",
    "Endpoint",
    "Probe",
    "Step",
    "StepNote",
    "StepStatus",
    "Target",
]


class Category(StrEnum):
    """What kind of tool a provider is; open: a new kind is a new string here and nowhere else."""

    SCM = "scm"
    REGISTRY = "registry"
    CI = "ci"
    TEST = "test"


class Capability(StrEnum):
    """What a connector can do beyond the check every connector has."""

    DISCOVER = "discover"
    WEBHOOK = "webhook"


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
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
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
