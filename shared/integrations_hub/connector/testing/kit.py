"""All cases in one class, less those a connector is not made for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from integrations_hub.connector.testing.config_cases import ConfigCases
from integrations_hub.connector.testing.declaration_cases import DeclarationCases
from integrations_hub.connector.testing.health_cases import HealthCases
from integrations_hub.connector.testing.product_cases import ProductCases
from integrations_hub.connector.testing.resource_cases import ResourceCases
from integrations_hub.connector.testing.secret_cases import SecretCases
from integrations_hub.connector.testing.shape_cases import ShapeCases
from integrations_hub.connector.testing.status_cases import StatusCases
from integrations_hub.connector.testing.table import CASES, Need
from integrations_hub.connector.testing.task_cases import TaskCases
from integrations_hub.connector.testing.tls_cases import TlsCases
from integrations_hub.connector.testing.transport_cases import TransportCases
from integrations_hub.connector.testing.trespass_cases import TrespassCases
from integrations_hub.connector.testing.webhook_cases import WebhookCases

__all__ = ["ConformanceKit"]

_WHY = {
    Need.NETWORK: "the tests say `network = False`, which another case proves",
    Need.CREDENTIAL: "the connector takes no credential",
    Need.CA_BUNDLE: "the config has no caBundle",
    Need.RESOURCES: "the connector has no resource_kinds",
    Need.WEBHOOKS: "the connector has no webhooks",
    Need.SIGNED_BODY: "the provider proves its deliveries by a token, not by a signature of the body",
}


class ConformanceKit(
    DeclarationCases,
    ConfigCases,
    HealthCases,
    ProductCases,
    StatusCases,
    TransportCases,
    ShapeCases,
    TlsCases,
    TrespassCases,
    SecretCases,
    TaskCases,
    ResourceCases,
    WebhookCases,
):
    """The contract of connectors as tests; see the package for how to use it."""

    #: The cases that were left out, and why.
    left_out: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        """Leave out what a connector is not made for; pytest does not collect what is None."""
        super().__init_subclass__(**options)
        if not hasattr(cls, "connector"):
            return
        lacking = cls().lacking()
        reasons = {one.name: [_WHY[need] for need in one.needs if need in lacking] for one in CASES.values()}
        cls.left_out = {name: why[0] for name, why in reasons.items() if why}
        for name in cls.left_out:
            setattr(cls, name, None)

    def lacking(self) -> set[Need]:
        """Return what the connector does not have."""
        has = {
            Need.NETWORK: self.network,
            Need.CREDENTIAL: self.has_credential(),
            Need.CA_BUNDLE: self.has_ca_bundle(),
            Need.RESOURCES: bool(self.connector.resource_kinds),
            Need.WEBHOOKS: self.connector.webhooks,
            Need.SIGNED_BODY: self.connector.webhooks and self.signs_body(),
        }
        return {need for need, true in has.items() if not true}
