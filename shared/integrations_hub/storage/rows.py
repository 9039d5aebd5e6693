"""Rows to the slices' words, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from pydantic_core import to_json

from integrations_hub.catalog.model import Integration, MaintenanceWindow, name_key
from integrations_hub.connector.contract import Step
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.health.model import Claim, Look, Recorded, Standing
from integrations_hub.health.status import Status
from integrations_hub.storage.connections import Row

__all__ = [
    "claim_of",
    "integration_of",
    "integration_row",
    "jsonb",
    "look_of",
    "results_payload",
    "standing_of",
    "step_json",
]

_SAME = (
    "id",
    "tenant_id",
    "type",
    "category",
    "name",
    "auth_ref_uri",
    "target",
    "paused",
    "check_interval_seconds",
    "failure_threshold",
    "success_threshold",
    "version",
    "created_at",
    "updated_at",
    "credential_rotated_at",
)
_STATUSES = {str(status): status for status in Status}  # a look-up costs a fifth of calling the enum
_REASONS = {str(reason): reason for reason in Reason}
_STANDING = (
    "failures",
    "successes",
    "alert_open",
    "rests",
    "checks",
    "last_checked_at",
    "next_check_at",
    "stale_at",
    "retry_after_until",
    "credential_ends_at",
    "certificate_ends_at",
    "credential_rotated_at",
    "secret_revision",
    "endings_told",
)
_FOLLOWS = ("look_at", "cause")  # written with a standing, and not read back with it
_CLAIM = (
    "integration_id",
    "tenant_id",
    "lease",
    "claimed_at",
    "type",
    "name",
    "auth_ref_uri",
    "target",
    "check_interval_seconds",
    "failure_threshold",
    "success_threshold",
    "paused",
)


def jsonb(value: object) -> Jsonb:
    """Wrap a JSON value for a jsonb column."""
    return Jsonb(value, dumps=to_json)


def integration_of(row: Row) -> Integration:
    """Return the integration of a row of both its tables, whose columns bear its fields' names; the row is used up."""
    row["tags"] = tuple(row["tags"])
    row["maintenance"] = _windows(row["maintenance"]) if row["maintenance"] else ()
    row["status"] = _STATUSES[row["status"]]
    row["reason"] = _reason(row["reason"])
    return Integration(**row)


def integration_row(one: Integration) -> dict[str, Any]:
    """Return the parameters that write an integration."""
    return {
        **{name: getattr(one, name) for name in _SAME},
        "name_key": name_key(one.name),
        "config_json": jsonb(one.config),
        "tags": list(one.tags),
        "maintenance": jsonb(
            [{"from": w.starts_at, "until": w.ends_at, "reason": w.reason, "owner": w.owner} for w in one.maintenance]
        ),
    }


def claim_of(row: Row) -> Claim:
    """Return the claim of a row of `claim_due`."""
    return Claim(
        **{name: row[name] for name in _CLAIM},
        config=row["config_json"],
        maintenance=_windows(row["maintenance"]),
        standing=standing_of(row),
    )


def look_of(row: Row) -> Look:
    """Return the look of a row of `claim_looks`."""
    return Look(
        integration_id=row["integration_id"],
        tenant_id=row["tenant_id"],
        type=row["type"],
        config=row["config_json"],
        auth_ref_uri=row["auth_ref_uri"],
        known=CredentialFacts(row["secret_revision"], row["credential_rotated_at"]),
    )


def standing_of(row: Row) -> Standing:
    """Return what past checks add up to."""
    return Standing(
        **{name: row[name] for name in _STANDING}, status=_STATUSES[row["status"]], reason=_reason(row["reason"])
    )


def step_json(step: Step) -> dict[str, Any]:
    """Return a step as it is stored, in the names of the wire."""
    return {
        "name": str(step.name),
        "status": str(step.status),
        "durationMs": round(step.duration_ms, 1),
        "reason": str(step.reason),
        "evidence": step.evidence,
        "remedy": step.remedy,
    }


def results_payload(results: Sequence[Recorded]) -> Jsonb:
    """Return what `record_results` takes. Evidence is a stranger's text: what jsonb cannot hold is replaced.

    Words are told as plain text: to find out that a value is of an enum takes the encoder longer than all the rest.
    """
    rows = [_result_json(one) for one in results]
    try:
        text = to_json(rows)
    except ValueError:  # half a surrogate pair
        text = b"\\u0000"
    if b"\\u0000" in text:  # looked at as a whole first: going through every text takes longer than all the rest
        text = to_json(_storable(rows))
    return Jsonb(text, dumps=bytes)


def _result_json(one: Recorded) -> dict[str, Any]:
    standing = one.standing
    return {
        "integration_id": one.integration_id,
        "lease": one.lease,
        "checked_at": one.checked_at,
        "latency_ms": one.latency_ms,
        "check_status": str(one.check_status),
        "check_reason": str(one.check_reason),
        "error_message": one.error_message,
        "steps": [step_json(step) for step in one.steps],
        "keep_steps": one.keep_steps,
        "in_maintenance": one.in_maintenance,
        "status": str(standing.status),
        "reason": standing.reason and str(standing.reason),
        **{name: getattr(standing, name) for name in (*_STANDING, *_FOLLOWS)},
        "events": [
            {
                "id": event.id,
                "type": event.type,
                "severity": event.severity,
                "data": event.data,
                "traceparent": event.traceparent or None,
            }
            for event in one.events
        ],
    }


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, Mapping):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner) for inner in value]
    return value


def _windows(stored: Sequence[Mapping[str, str]]) -> tuple[MaintenanceWindow, ...]:
    return tuple(
        MaintenanceWindow(
            datetime.fromisoformat(w["from"]), datetime.fromisoformat(w["until"]), w["reason"], w.get("owner", "")
        )
        for w in stored
    )


def _reason(stored: str | None) -> Reason | None:
    return None if stored is None else _REASONS[stored]
