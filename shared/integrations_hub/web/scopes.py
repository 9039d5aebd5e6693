"""The scopes a token can carry, one per kind of call."""

from __future__ import annotations

__all__ = ["ADMIN", "AUDIT", "OPERATE", "PLATFORM", "READ", "SCOPES", "WRITE"]

READ = "integration:read"
WRITE = "integration:write"
OPERATE = "integration:operate"
ADMIN = "integration:admin"
AUDIT = "integration:audit"
PLATFORM = "integration:platform"

SCOPES = {
    READ: "Read integrations, their health and the installed connectors.",
    WRITE: "Register, change, test and retire integrations.",
    OPERATE: "Check integrations now, enumerate their resources, set up webhooks.",
    ADMIN: "Change the tenant's settings and see its secret backends.",
    AUDIT: "Read and export the audit trail.",
    PLATFORM: "Change what every tenant sees: the installed connectors, and events that were given up.",
}
