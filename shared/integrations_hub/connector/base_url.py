"""One base URL and what lies inside it: same scheme, host and port, and below its path. Nothing else is ever asked."""

from __future__ import annotations

from collections.abc import Mapping

from yarl import URL

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason

__all__ = ["BaseUrl"]

_FOLLOWED = {301, 302, 303, 307, 308}


class BaseUrl:
    """The root of a provider's API. Joined as `base + "/" + relative`: `urljoin` would drop the base's own path."""

    def __init__(self, text: str) -> None:
        """Keep the root without a trailing slash."""
        self._root = URL(text.rstrip("/"))

    @property
    def host(self) -> str:
        """Return the host, for people."""
        return self._root.host or ""

    def join(self, relative: str, params: Mapping[str, str] | None = None) -> URL:
        """Return the URL of a relative path; an absolute URL is taken if it lies inside the base.

        Raises:
            CheckFailed: `wrong_product` when it lies outside.
        """
        absolute = relative.startswith(("http://", "https://"))
        url = URL(relative) if absolute else URL(f"{self._root}/{relative.lstrip('/')}")
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

    def _holds(self, url: URL) -> bool:
        root = self._root.path.rstrip("/")
        return (
            (url.scheme, url.host, url.port) == (self._root.scheme, self._root.host, self._root.port)
            and url.raw_user is None
            and url.raw_password is None
            and (url.path == root or url.path.startswith(f"{root}/"))
            and not {".", ".."}.intersection(url.path.split("/"))
            and "\\" not in url.path
        )


def _outside(url: URL) -> CheckFailed:
    where = f"{url.scheme}://{url.host}"[:128] if url.scheme and url.host else "an address that cannot be read"
    return CheckFailed(
        Reason.WRONG_PRODUCT,
        f"it sends the hub outside the endpoint, to {where}; not followed",
        "Set the endpoint to the address the provider itself uses, path included.",
    )
