"""Where GitHub's API is, for an address as people write it.

Sources: https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api,
https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency and
https://docs.github.com/en/enterprise-server@3.19/rest/quickstart (`/api/v3`).
"""

from __future__ import annotations

from integrations_hub.connector.endpoint import EndpointParts, split_endpoint

__all__ = ["api_root", "is_server"]

_API = ("api", "v3")
_PUBLIC = frozenset({"github.com", "www.github.com", "api.github.com"})
_RESIDENCY = ".ghe.com"
_PAGES = frozenset({"apps", "enterprises", "login", "organizations", "orgs", "settings", "setup"})


def api_root(endpoint: str) -> str:
    """Return the root of the API for GitHub's address; idempotent. Without a scheme, https is meant.

    Raises:
        ValueError: a sentence that says what to change and repeats nothing of the input.
    """
    parts = split_endpoint(endpoint if "://" in endpoint else f"https://{endpoint}")
    if parts.host in _PUBLIC:
        return _cloud(parts, "github.com")
    if parts.host.endswith(".github.com"):
        raise ValueError("This host is not GitHub's API; give https://github.com, or your own server's address.")
    if parts.host == _RESIDENCY[1:] or parts.host.endswith(_RESIDENCY):
        return _cloud(parts, _tenant(parts.host))
    return _server(parts)


def is_server(root: str) -> bool:
    """Tell whether an API root is an Enterprise Server's, not GitHub's own cloud."""
    return root.endswith("/" + "/".join(_API))


def _cloud(parts: EndpointParts, host: str) -> str:
    if (parts.scheme, parts.port, parts.segments) != ("https", None, ()):
        raise ValueError("GitHub's own cloud is reached by https and host alone: leave out port and path.")
    return f"https://api.{host}"


def _tenant(host: str) -> str:
    """Return `SUB.ghe.com` for itself or for its API's host."""
    *before, name = host.removesuffix(_RESIDENCY).split(".")
    if host == _RESIDENCY[1:] or before not in ([], ["api"]) or name in {"api", "www"}:
        raise ValueError("Give your enterprise's own address, such as https://octocorp.ghe.com.")
    return name + _RESIDENCY


def _server(parts: EndpointParts) -> str:
    lower = tuple(segment.lower() for segment in parts.segments)
    given = lower[-len(_API) :] == _API
    before, lower = (parts.segments[: -len(_API)], lower[: -len(_API)]) if given else (parts.segments, lower)
    if "api" in lower:
        raise ValueError("Give the server's own address, or the one that ends in /api/v3; other API paths are not it.")
    if _PAGES.intersection(lower):
        raise ValueError("This is a page of GitHub's; give the server's address without the page's path.")
    return parts.url(*before, *_API)
