"""Names of secrets where a name holds no slash and knows no capitals: Azure Key Vault, Google Secret Manager.

A path becomes a name that can be read back in one way only. Joining with a hyphen would not do: `a-b/c` and `a/b-c`
would meet. Tenants are told apart by a vault or project of their own, or by a digest of fixed length.
"""

from __future__ import annotations

import re
from hashlib import sha256

from integrations_hub.credentials.errors import SecretForbidden, SecretNotFound
from integrations_hub.credentials.policy import tenant_path

__all__ = ["TENANT", "flat_name", "tenant_place"]

TENANT = "{tenant}"  # in a template
_PLAIN_TENANT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # host names and project ids know nothing else
_DIGEST = 32  # hex digits: 128 bits
# A hyphen between two of a-z and 0-9 stands for itself; a run of two is a slash, and one of three begins an escape.
_NOT_PLAIN = re.compile(r"(?<![a-z0-9])-|-(?![a-z0-9])|[^a-z0-9-]")
_ESCAPES = {"/": "--", "-": "---h", "_": "---u", ".": "---d"}


def flat_name(alias: str, path: str, longest: int) -> str:
    """Return the name: `github--app` for `github/app`; `_`, `.`, capitals and other hyphens are escaped.

    Raises:
        SecretNotFound: the name is longer than the backend has any.
    """
    name = _NOT_PLAIN.sub(lambda found: _ESCAPES.get(found[0]) or f"---c{found[0].lower()}", path)
    if len(name) > longest:
        evidence = f"this backend's names hold at most {longest} characters, and the path needs more"
        raise SecretNotFound(alias, evidence, "Store the secret under a shorter path.")
    return name


def tenant_place(alias: str, template: str, tenant: str, path: str, longest: int) -> tuple[str, str]:
    """Return the vault or project and the name in it.

    With `{tenant}` in the template each tenant has its own; without it all share one, and the name begins with the
    first 32 hexadecimal digits of the tenant's SHA-256.

    Raises:
        SecretForbidden: the tenant's name is outside the grammar, or cannot stand in the template.
        SecretNotFound: nothing can be stored under this path.
    """
    tenant_path(alias, tenant, path)  # the same walls as everywhere
    if TENANT not in template:
        digest = sha256(tenant.encode()).hexdigest()[:_DIGEST]
        return template, f"{digest}-{flat_name(alias, path, longest - _DIGEST - 1)}"
    if not _PLAIN_TENANT.fullmatch(tenant):
        evidence = "the tenant's name cannot be part of a vault's or project's"
        raise SecretForbidden(alias, evidence, "Ask the operator for a backend that tenants share.")
    return template.replace(TENANT, tenant), flat_name(alias, path, longest)
