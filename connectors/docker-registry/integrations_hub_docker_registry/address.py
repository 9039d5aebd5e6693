"""Where a registry is, and how it names its repositories, for what people write.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints and, for Docker Hub's names,
https://github.com/distribution/reference/blob/v0.6.0/normalize.go.
"""

from __future__ import annotations

from integrations_hub.connector.endpoint import EndpointParts, split_endpoint

__all__ = ["HUB", "REPOSITORY", "repository_name", "root_of"]

HUB = "https://registry-1.docker.io"

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
REPOSITORY = rf"^{_COMPONENT}(?:/{_COMPONENT})*$"

_HUB_HOSTS = frozenset(
    {"docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com", "registry.hub.docker.com"}
)
_HUB_PATHS = frozenset({(), ("v1",), ("v2",)})  # `docker login` still writes https://index.docker.io/v1/


def root_of(endpoint: str) -> str:
    """Return the root of a registry, `/v2/` left out; idempotent. Without a scheme, https is meant.

    A path before `/v2/` is kept: a registry may stand behind a proxy's sub-path. All of Docker Hub's names are one.

    Raises:
        ValueError: a sentence that says what to change and repeats nothing of the input.
    """
    parts = split_endpoint(endpoint if "://" in endpoint else f"https://{endpoint}")
    lower = tuple(segment.lower() for segment in parts.segments)
    if parts.host in _HUB_HOSTS:
        return _hub(parts, lower)
    before = parts.segments[:-1] if lower[-1:] == ("v2",) else parts.segments
    if "v2" in lower[: len(before)]:
        raise ValueError("Give the registry's own address; what follows /v2/ belongs into the field repository.")
    if lower[-1:] == ("v1",):
        raise ValueError("This is the registry API of version 1; give the address of a registry of version 2.")
    return parts.url(*before)


def repository_name(root: str, name: str) -> str:
    """Return a repository's name as its registry has it: at Docker Hub, one without a slash is in `library/`."""
    return f"library/{name}" if root == HUB and "/" not in name else name


def _hub(parts: EndpointParts, lower: tuple[str, ...]) -> str:
    if (parts.scheme, parts.port) != ("https", None) or lower not in _HUB_PATHS:
        raise ValueError(
            "Docker Hub is reached by https and host alone: leave out port and path; a repository has its own field."
        )
    return HUB
