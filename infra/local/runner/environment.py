"""What the functions are given as their environment, as a deployment would."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from types import MappingProxyType

from local.runner.data_folder import DataFolder

__all__ = ["LOGINS", "environment"]

LOGINS = MappingProxyType(
    {
        "DATABASE_URL": "hub_api",
        "WORKER_DATABASE_URL": "hub_worker",
        "MAINTENANCE_DATABASE_URL": "hub_maintenance",
    }
)


def environment(data: DataFolder, url: str, issuer: str, database: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables; those a developer set beside them, such as EVENT_WEBHOOK_URL, stay as they are."""
    data.secrets.mkdir(mode=0o700, exist_ok=True)
    return {
        **database,
        "ISSUER_URL": issuer,
        "AUDIENCE": "integrations-hub",
        "EGRESS_ALLOW": "127.0.0.0/8,::1/128",
        "MINIMUM_CHECK_INTERVAL": "5",
        "RECEIPT_KEY": data.receipt_key(),
        "PUBLIC_URL": url,
        "METRICS": os.environ.get("METRICS") or "prometheus",
        "DEVELOPMENT_SECRETS": "1",
        "SECRET_BACKENDS": json.dumps({"file": {"kind": "file", "root": str(data.secrets)}}),
    }
