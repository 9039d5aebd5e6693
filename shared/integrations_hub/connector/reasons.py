"""The closed vocabulary of a check: its steps, the reasons it can end with, and what each reason does.

One table for every provider: a connector picks a reason, the hub decides the status.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

__all__ = ["EFFECTS", "Effect", "Reason", "StepName"]


class StepName(StrEnum):
    """The steps of a check, in the order they are taken."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    PRODUCT = "product"
    AUTHENTICATE = "authenticate"
    AUTHORIZE = "authorize"
    QUOTA = "quota"


class Effect(StrEnum):
    """What a failed or degraded step does to an integration's status."""

    SUCCESS = "success"
    FAILURE = "failure"
    FAILURE_AT_ONCE = "failure_at_once"
    UNKNOWN = "unknown"
    STATUS_KEPT = "status_kept"


class Reason(StrEnum):
    """Why a check ended as it did."""

    OK = "ok"
    CREDENTIAL_EXPIRING = "credential_expiring"
    QUOTA_LOW = "quota_low"
    READ_ONLY = "read_only"
    PERMISSION_MISSING = "permission_missing"
    COMPONENT_DOWN = "component_down"
    DNS_ERROR = "dns_error"
    CONNECT_ERROR = "connect_error"
    TLS_ERROR = "tls_error"
    TIMEOUT = "timeout"
    SERVER_ERROR = "server_error"
    WRONG_PRODUCT = "wrong_product"
    CLOCK_SKEW = "clock_skew"
    CREDENTIAL_REJECTED = "credential_rejected"
    SUSPENDED = "suspended"
    INVALID_CONFIG = "invalid_config"
    SECRET_UNAVAILABLE = "secret_unavailable"  # noqa: S105 - a reason, not a secret
    EGRESS_DOWN = "egress_down"
    EGRESS_DENIED = "egress_denied"
    CONNECTOR_CRASHED = "connector_crashed"
    CONNECTOR_UNCONFINED = "connector_unconfined"
    RATE_LIMITED = "rate_limited"


EFFECTS: Mapping[Reason, Effect] = MappingProxyType(
    {
        Reason.OK: Effect.SUCCESS,
        Reason.CREDENTIAL_EXPIRING: Effect.SUCCESS,
        Reason.QUOTA_LOW: Effect.SUCCESS,
        Reason.READ_ONLY: Effect.SUCCESS,
        Reason.PERMISSION_MISSING: Effect.SUCCESS,
        # of an essential part; an inessential one is a degraded step, and those always count as success
        Reason.COMPONENT_DOWN: Effect.FAILURE,
        Reason.DNS_ERROR: Effect.FAILURE,
        Reason.CONNECT_ERROR: Effect.FAILURE,
        Reason.TLS_ERROR: Effect.FAILURE,
        Reason.TIMEOUT: Effect.FAILURE,
        Reason.SERVER_ERROR: Effect.FAILURE,
        Reason.WRONG_PRODUCT: Effect.FAILURE,
        Reason.CLOCK_SKEW: Effect.FAILURE,
        Reason.CREDENTIAL_REJECTED: Effect.FAILURE_AT_ONCE,
        Reason.SUSPENDED: Effect.FAILURE_AT_ONCE,
        Reason.INVALID_CONFIG: Effect.FAILURE_AT_ONCE,
        Reason.SECRET_UNAVAILABLE: Effect.UNKNOWN,
        Reason.EGRESS_DOWN: Effect.UNKNOWN,
        Reason.EGRESS_DENIED: Effect.UNKNOWN,
        Reason.CONNECTOR_CRASHED: Effect.UNKNOWN,
        Reason.CONNECTOR_UNCONFINED: Effect.UNKNOWN,
        Reason.RATE_LIMITED: Effect.STATUS_KEPT,
    }
)
