"""What a token may allow, in the words a person reads before allowing it, and whom tokens are for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["AUDIENCES", "IDE_SCOPES", "MEANING", "OFFLINE", "READ_SCOPES", "SCOPES"]

AUDIENCES = ("integrations-hub", "stella-platform")
OFFLINE = "offline_access"  # OpenID Connect Core §11: asks for a refresh token

MEANING: Mapping[str, str] = MappingProxyType(
    {
        OFFLINE: "stay signed in without asking again",
        "integration:read": "see integrations and their health",
        "integration:write": "register, change and remove integrations",
        "integration:operate": "check an integration now",
        "integration:admin": "change the tenant's settings",
        "integration:audit": "read the audit trail",
        "integration:platform": "find and load connectors for every tenant",
        "release:read": "see releases and environments",
        "promotion:read": "see promotions and deployments",
        "promotion:write": "promote a release",
        "promotion:approve": "approve or reject a promotion",
    }
)
SCOPES = tuple(scope for scope in MEANING if scope != OFFLINE)
READ_SCOPES = (OFFLINE, *(scope for scope in SCOPES if scope.endswith(":read")))
IDE_SCOPES = (*READ_SCOPES, "promotion:write", "promotion:approve", "integration:operate")
