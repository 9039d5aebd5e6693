"""Where a tenant's secret lies, and where it may go.

The tenant is injected here and nowhere else. Each mapping is injective: two different pairs of tenant and path never
meet in one place, so no tenant can write down a reference to another's secret.
"""

from __future__ import annotations

from collections.abc import Iterable

from integrations_hub.caller import TENANT
from integrations_hub.connector.site import listed
from integrations_hub.credentials.authref import AuthRef, AuthRefInvalid
from integrations_hub.credentials.errors import HostNotAllowed, SecretForbidden, SecretNotFound

__all__ = ["DEPLOYMENT", "check_host", "environment_variable", "tenant_namespace", "tenant_path"]

DEPLOYMENT = "_hub"  # in a tenant's place, for the deployment's own secrets: no token's tenant begins with `_`
_PREFIX = "HUB_SECRET_"
# `_` begins an escape of exactly two characters, so a name can be read back in one way only.
_ESCAPES = str.maketrans({"/": "__", "_": "_u", "-": "_h", ".": "_d"})
# Not a child's name to Vault (`root` is the topmost): developer.hashicorp.com/vault/docs/enterprise/namespaces
_RESERVED_NAMESPACES = frozenset({"root", "sys", "audit", "auth", "cubbyhole", "identity"})


def tenant_path(alias: str, tenant: str, path: str) -> str:
    """Return `{tenant}/{path}`: a tenant holds no slash, so the first segment is the tenant, always.

    Raises:
        SecretForbidden: the tenant's name is outside the grammar.
        SecretNotFound: the path is: nothing can be stored there.
    """
    own = f"{_checked(alias, tenant)}/{path}"
    try:
        AuthRef(alias, path)  # again, whoever calls: HTTP clients fold `..` on the way
    except AuthRefInvalid:
        raise SecretNotFound(alias, "nothing can be stored under this path", "Correct authRefUri.") from None
    return own


def tenant_namespace(alias: str, parent: str | None, tenant: str) -> str:
    """Return the Vault namespace that is the tenant's alone.

    Raises:
        SecretForbidden: the tenant's name is outside the grammar, or Vault reserves it.
    """
    if tenant.lower() in _RESERVED_NAMESPACES:
        raise _unfit(alias)
    return "/".join(filter(None, [parent, _checked(alias, tenant)]))


def environment_variable(alias: str, tenant: str, path: str) -> str:
    """Return the variable's name: `HUB_SECRET_acme__github__app` for acme's `github/app`; `_`, `-` and `.` are escaped.

    Raises:
        SecretForbidden, SecretNotFound: as `tenant_path` does.
    """
    return _PREFIX + tenant_path(alias, tenant, path).translate(_ESCAPES)


def check_host(alias: str, allowed: Iterable[str] | None, host: str) -> None:
    """Return when the secret may go to `host` (`name` or `name:port`): it has no list, or one that names the host.

    An empty list allows nothing.

    Raises:
        HostNotAllowed: the list does not name it.
    """
    if allowed is None or listed(allowed, host):
        return
    raise HostNotAllowed(
        alias,
        "the secret's allowed_hosts does not list the host this integration points at",
        "Check the endpoint; if it is right, have the secret's owner add its host to allowed_hosts in the secret.",
    )


def _checked(alias: str, tenant: str) -> str:
    if tenant != DEPLOYMENT and not TENANT.fullmatch(tenant):
        raise _unfit(alias)
    return tenant


def _unfit(alias: str) -> SecretForbidden:
    return SecretForbidden(alias, "the tenant's name cannot be used here", "Ask the operator for a plain tenant id.")
