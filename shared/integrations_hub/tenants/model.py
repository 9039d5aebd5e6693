"""What a tenant decides for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from integrations_hub.events.routes import AlertRoute

__all__ = ["TenantSettings"]


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """A tenant's settings; one that never wrote any has these, in version 0."""

    require_test_receipt: bool = False
    alert_routes: tuple[AlertRoute, ...] = ()
    version: int = 0
    updated_at: datetime | None = None
