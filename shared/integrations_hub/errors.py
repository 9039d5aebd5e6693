"""The one error tree: every refusal the hub can answer, as RFC 9457 would name it.

    HubError                       500  internal
    ├── BadRequest                 400  bad_request
    ├── Unauthenticated            401  unauthenticated
    ├── Forbidden                  403  forbidden
    │   ├── TenantRequired         403  TENANT_REQUIRED
    │   └── TenantInvalid          403  TENANT_INVALID
    ├── NotFound                   404  not_found
    ├── MethodNotAllowed           405  method_not_allowed
    ├── Conflict                   409  conflict
    │   ├── AlreadyReceived        409  already_received
    │   ├── NameTaken              409  name_taken
    │   ├── InUse                  409  in_use
    │   └── IdempotencyInProgress  409  IDEMPOTENCY_IN_PROGRESS
    ├── PreconditionFailed         412  precondition_failed
    ├── PayloadTooLarge            413  payload_too_large
    ├── Invalid                    422  invalid
    ├── TooManyRequests            429  too_many_requests
    ├── ProviderFailed             502  provider_failed
    └── Unavailable                503  unavailable
        └── StorageUnavailable     503  storage_unavailable

A message is one or two sentences a caller can act on. It never holds input that could be a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

__all__ = [
    "AlreadyReceived",
    "BadRequest",
    "Conflict",
    "Forbidden",
    "HubError",
    "IdempotencyInProgress",
    "InUse",
    "Invalid",
    "MethodNotAllowed",
    "NameTaken",
    "NotFound",
    "PayloadTooLarge",
    "PreconditionFailed",
    "ProviderFailed",
    "StorageUnavailable",
    "TenantInvalid",
    "TenantRequired",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "Violation",
]


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a body: a JSON pointer (RFC 6901) and a sentence, never the value."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Extras:
    """What an answer carries beside its sentence: headers and problem extension members."""

    headers: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, object] = field(default_factory=dict)


class HubError(Exception):
    """Something the hub refuses or cannot do; `detail` is safe to show to the caller."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, extras: Extras | None = None) -> None:
        """Keep the caller's sentence and what else the answer carries."""
        super().__init__(detail)
        self.detail = detail
        self.extras = extras or Extras()


class BadRequest(HubError):
    """The request could not be read."""

    status, code, title = 400, "bad_request", "Bad request"


class Unauthenticated(HubError):
    """No bearer token, or one that does not verify (RFC 6750 §3.1)."""

    status, code, title = 401, "unauthenticated", "Authentication required"


class Forbidden(HubError):
    """The token verifies but lacks what this call needs."""

    status, code, title = 403, "forbidden", "Forbidden"


class TenantRequired(Forbidden):
    """The token names no tenant."""

    code, title = "TENANT_REQUIRED", "Tenant required"


class TenantInvalid(Forbidden):
    """The token's tenant is outside the grammar."""

    code, title = "TENANT_INVALID", "Tenant invalid"


class NotFound(HubError):
    """Nothing here, or nothing of this tenant's."""

    status, code, title = 404, "not_found", "Not found"


class MethodNotAllowed(HubError):
    """The path exists and does not answer this method."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"


class Conflict(HubError):
    """The request contradicts what is stored."""

    status, code, title = 409, "conflict", "Conflict"


class AlreadyReceived(Conflict):
    """This delivery was received before."""

    code, title = "already_received", "Already received"


class NameTaken(Conflict):
    """Another integration of the tenant bears this name."""

    code, title = "name_taken", "Name already taken"


class InUse(Conflict):
    """Other programs read this integration lately."""

    code, title = "in_use", "Integration in use"


class IdempotencyInProgress(Conflict):
    """The same Idempotency-Key is being worked on."""

    code, title = "IDEMPOTENCY_IN_PROGRESS", "Request in progress"


class PreconditionFailed(HubError):
    """If-Match names another version."""

    status, code, title = 412, "precondition_failed", "Precondition failed"


class PayloadTooLarge(HubError):
    """The body is over its limit."""

    status, code, title = 413, "payload_too_large", "Payload too large"


class Invalid(HubError):
    """The input was read and is wrong; `violations` say where."""

    status, code, title = 422, "invalid", "Invalid input"

    def __init__(self, detail: str, violations: Sequence[Violation] = ()) -> None:
        """Keep the sentence and the places it is about."""
        super().__init__(detail)
        self.violations = tuple(violations)


class TooManyRequests(HubError):
    """A limit is spent; `Retry-After` says when it refills."""

    status, code, title = 429, "too_many_requests", "Too many requests"


class ProviderFailed(HubError):
    """The provider, or its connector, did not do what was asked; `reason` and `remedy` say more."""

    status, code, title = 502, "provider_failed", "Provider failed"


class Unavailable(HubError):
    """A part the answer needs is away; `Retry-After` says when to come back."""

    status, code, title = 503, "unavailable", "Temporarily unavailable"


class StorageUnavailable(Unavailable):
    """PostgreSQL did not answer, or the commit's fate is unknown."""

    code, title = "storage_unavailable", "Storage unavailable"
