"""From verified claims to the caller. Headers a client sends about itself are never looked at."""

from __future__ import annotations

from collections.abc import Mapping

from integrations_hub.caller import TENANT, Caller
from integrations_hub.errors import Extras, Forbidden, TenantInvalid, TenantRequired, Unauthenticated

__all__ = ["caller_of", "require_scope"]

_NAME_LENGTH = 256

# RFC 9068 §2.2.1: present only where a person took part in getting the token.
_PERSON = ("auth_time", "amr", "sid")


def require_scope(caller: Caller, scope: str) -> None:
    """Refuse a caller that lacks the scope.

    Raises:
        Forbidden: with the challenge of RFC 6750 §3.1.
    """
    if scope not in caller.scopes:
        challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
        extras = Extras(headers={"WWW-Authenticate": challenge})
        raise Forbidden(f"This call needs the scope {scope}. Ask for a token that carries it.", extras=extras)


def caller_of(claims: Mapping[str, object]) -> Caller:
    """Read the caller from verified claims.

    Raises:
        TenantRequired, TenantInvalid: `stellaops:tenant` (or the legacy `tid`) is missing or outside the grammar.
        Unauthenticated: the token names neither a subject nor a client.
    """
    client = _name(claims.get("client_id")) or _name(claims.get("azp"))
    subject = _name(claims.get("sub")) or client
    if subject is None:
        raise Unauthenticated("The token has no usable sub claim: it must be 1 to 256 printable characters.")
    return Caller(
        tenant=_tenant(claims),
        subject=subject,
        client_id=client,
        scopes=_scopes(claims.get("scope")) | _scopes(claims.get("scp")),
        interactive=any(claim in claims for claim in _PERSON),
    )


def _tenant(claims: Mapping[str, object]) -> str:
    tenant = claims["stellaops:tenant"] if "stellaops:tenant" in claims else claims.get("tid")
    if tenant is None or tenant == "":
        raise TenantRequired("The token names no tenant. Ask the Authority for one with the claim stellaops:tenant.")
    if not isinstance(tenant, str) or not TENANT.fullmatch(tenant):
        raise TenantInvalid(
            "The token's tenant must be 1 to 64 letters, digits, dots, underscores or hyphens, "
            "beginning with a letter or digit."
        )
    return tenant


def _scopes(claim: object) -> frozenset[str]:
    if isinstance(claim, str):
        # API Gateway hands an array claim on as the text `[a b]`:
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
        return frozenset(claim.removeprefix("[").removesuffix("]").split())
    if isinstance(claim, list):
        return frozenset(scope for scope in claim if isinstance(scope, str))
    return frozenset()


def _name(claim: object) -> str | None:
    usable = isinstance(claim, str) and claim.isprintable() and 0 < len(claim) <= _NAME_LENGTH
    return str(claim) if usable else None
