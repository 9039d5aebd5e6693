"""One base URL and what lies inside it: same scheme, host and port, and below its path. Nothing else is ever asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from yarl import URL

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.endpoint import split_endpoint
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.results import Target
from integrations_hub.connector.site import listed, same_site

__all__ = ["BaseUrl"]

_FOLLOWED = {301, 302, 303, 307, 308}


class BaseUrl:
    """The root of a provider's API. Joined as `base + "/" + relative`: `urljoin` would drop the base's own path."""

    def __init__(self, text: str) -> None:
        """Keep the root without a trailing slash.

        Raises:
            CheckFailed: `invalid_config` when it is no URL at all; connectors' own endpoints are in normal form.
        """
        try:
            self._root = root = URL(text.rstrip("/"))
            self._origin = (root.scheme, root.host, root.port)
            self._path = root.path.rstrip("/")
        except ValueError:
            raise CheckFailed(
                Reason.INVALID_CONFIG, "the address is not a valid URL", "Correct the endpoint."
            ) from None

    @property
    def host(self) -> str:
        """Return the host, for people."""
        return self._root.host or ""

    def join(self, relative: str, params: Mapping[str, str] | None = None) -> URL:
        """Return the URL of a relative path; an absolute URL is taken if it lies inside the base.

        Raises:
            CheckFailed: `wrong_product` when it lies outside, or cannot be read.
        """
        absolute = relative.startswith(("http://", "https://"))
        try:
            url = URL(relative) if absolute else self._below(relative.lstrip("/"))
        except ValueError:
            url = URL()
        if not self._holds(url):
            raise _outside(url)
        return url.update_query(params) if params else url

    def redirection(self, at: URL, answer: Answer) -> URL | None:
        """Return where an answer redirects to, None when it does not (RFC 9110 §15.4).

        Raises:
            CheckFailed: `wrong_product` when that lies outside the base; the evidence names scheme and host only.
        """
        location = answer.headers.get("location")
        if answer.status not in _FOLLOWED or not location:
            return None
        try:
            url = at.join(URL(location))
        except ValueError:
            url = URL()
        if not self._holds(url):
            raise _outside(url)
        return url

    def beyond(self, address: str, allowed: Iterable[str]) -> str:
        """Return another address in normal form: on this base's own site, or one of the allowed hosts.

        Raises:
            CheckFailed: `wrong_product` for any other, and for http where this base is https.
        """
        try:
            parts = split_endpoint(address)
        except ValueError:
            raise _untrusted(URL()) from None
        url = parts.url(*parts.segments)
        trusted = same_site(parts.host, self.host) or listed(allowed, str(Target.of_url(url)))
        if not trusted or (parts.scheme, self._root.scheme) == ("http", "https"):
            raise _untrusted(URL(url))
        return url

    def _below(self, relative: str) -> URL:
        return URL(f"{self._root}/{relative}") if relative else self._root

    def _holds(self, url: URL) -> bool:
        path = url.path
        return (
            (url.scheme, url.host, url.port) == self._origin
            and url.raw_user is None
            and url.raw_password is None
            and (path == self._path or path.startswith(f"{self._path}/"))
            and not {".", ".."}.intersection(path.split("/"))
            and "\\" not in path
        )


def _untrusted(url: URL) -> CheckFailed:
    return CheckFailed(
        Reason.WRONG_PRODUCT,
        f"it asks for the credential outside the endpoint's site, at {_shown(url)}; nothing was sent there",
        "If that host is the provider's own, list it in the secret's allowed_hosts; where the endpoint is https, it "
        "must be too.",
    )


def _shown(url: URL) -> str:
    return f"{url.scheme}://{url.host}"[:128] if url.scheme and url.host else "an address that cannot be read"


def _outside(url: URL) -> CheckFailed:
    return CheckFailed(
        Reason.WRONG_PRODUCT,
        f"it sends the hub outside the endpoint, to {_shown(url)}; not followed",
        "Set the endpoint to the address the provider itself uses, path included.",
    )
