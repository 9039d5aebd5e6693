"""The discovery document (RFC 8414 §2, OpenID Connect Discovery 1.0 §3): what is not offered is not listed."""

from __future__ import annotations

from collections.abc import Mapping

from local.authority.scopes import AUDIENCES, OFFLINE, SCOPES
from local.authority.token_endpoint import GRANT_TYPES

__all__ = ["PATHS", "discovery"]

PATHS: Mapping[str, str] = {
    "jwks_uri": "/.well-known/jwks.json",
    "authorization_endpoint": "/oauth/authorize",
    "device_authorization_endpoint": "/oauth/device_authorization",
    "token_endpoint": "/oauth/token",
    "revocation_endpoint": "/oauth/revoke",
}
_PROOFS = ["none", "client_secret_basic", "client_secret_post"]


def discovery(issuer: str) -> Mapping[str, object]:
    """Describe the issuer."""
    return {
        "issuer": issuer,
        **{name: issuer + path for name, path in PATHS.items()},
        "grant_types_supported": list(GRANT_TYPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": _PROOFS,
        "revocation_endpoint_auth_methods_supported": _PROOFS,
        "scopes_supported": [*SCOPES, OFFLINE],
        "audiences_supported": list(AUDIENCES),
    }
