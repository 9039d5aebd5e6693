"""The line over HTTP: one signed POST to the Knative Service of the type, inside the operator's own network."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from integrations_hub.plugins.remote.call_key import ID, CallKey, Unsigned
from integrations_hub.plugins.remote.host import LineBroken
from integrations_hub.plugins.remote.messages import MAX_MESSAGE

__all__ = ["HttpLine"]

_CALL_TYPE = "application/vnd.integrations-hub.call+json"
_TIMEOUT_S = 27.0  # the function's own limit is 25 s, the API's gateway waits 30
_LOOK = "Look at the Service run_connector of this type, and at CONNECTOR_URL."
_COMPARE = "Give all functions the same CONNECTOR_CALL_KEY, and compare their clocks."


class HttpLine:
    """Posts to the address that a template makes of a type (`http://run-connector-{type}.hub.svc.cluster.local`)."""

    def __init__(self, url: str, key: CallKey) -> None:
        """Hold the template and the key; nothing is opened. The environment's proxies are for others."""
        self._url = url
        self._key = key

    def ask(self, type_: str, call: bytes) -> bytes:
        """Return the answer.

        Raises:
            LineBroken: there was none, or it is not proven to be the one to this question.
        """
        proof = self._key.question(call)
        text, headers = self._posted(type_, call, proof)
        try:
            self._key.proven_answer(proof[ID], headers, text)
        except Unsigned as unsigned:
            raise LineBroken(f"the answer of the connector's function is not proven: {unsigned}", _COMPARE) from None
        return text

    def _posted(self, type_: str, call: bytes, proof: Mapping[str, str]) -> tuple[bytes, Mapping[str, str]]:
        parts = urlsplit(self._url.replace("{type}", type_))
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        try:
            with closing(kind(parts.netloc, timeout=_TIMEOUT_S)) as connection:
                connection.request("POST", parts.path or "/", call, {"Content-Type": _CALL_TYPE, **proof})
                answer = connection.getresponse()
                headers = {name.lower(): value for name, value in answer.getheaders()}
                text = answer.read(MAX_MESSAGE + 1)
        except TimeoutError:
            raise LineBroken("the connector's function did not answer in time", _LOOK) from None
        except (OSError, HTTPException):
            raise LineBroken("the connector's function cannot be reached", _LOOK) from None
        if answer.status != HTTPStatus.OK:
            remedy = _COMPARE if answer.status == HTTPStatus.FORBIDDEN else _LOOK
            raise LineBroken(f"the connector's function answered {answer.status}", remedy)
        return text, headers
