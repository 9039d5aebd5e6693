"""Azure Key Vaults and Microsoft Entra for the official client: TLS on loopback, reached through a CONNECT proxy.

The client is told nothing of this: it looks for `https://<vault>.vault.azure.net` and `login.microsoftonline.com`,
the proxy of its environment brings every host here, and the certificate authority is in REQUESTS_CA_BUNDLE.
"""

from __future__ import annotations

import json
import select
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_connection
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

__all__ = ["KeyVaults", "key_vaults"]

_TENANT = "00000000-0000-4000-8000-000000000001"


@dataclass
class KeyVaults:
    """What the vaults hold by host and name, newest version last, and what was asked of them."""

    proxy: str = ""
    ca_file: str = ""
    client_secret: str = "not-a-real-client-secret"
    held: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    instead: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    delay_s: float = 0.0

    def login(self) -> dict[str, str]:
        """Return the backend's login settings."""
        return {
            "method": "client_secret",
            "tenant_id": _TENANT,
            "client_id": "00000000-0000-4000-8000-000000000002",
            "client_secret": self.client_secret,
        }

    def write(self, vault: str, name: str, value: str, **attributes: object) -> str:
        """Store a version and return its id."""
        versions = self.held.setdefault((f"{vault}.vault.azure.net", name), [])
        version = f"{len(versions) + 1:032x}"
        now = int(time.time())
        stored = {"enabled": True, "created": now, "updated": now, **attributes}
        versions.append({"version": version, "value": value, "attributes": stored})
        return version

    def answer(self, host: str, method: str, target: str, headers: Any, body: str) -> tuple[int, dict[str, str], bytes]:
        """Answer one request, as Entra or as a vault."""
        self.asked.append(f"{method} https://{host}{target}")
        if host in self.instead:
            return self.instead[host]
        path = urlsplit(target).path
        if host == "login.microsoftonline.com":
            return self._entra(path, parse_qs(body))
        time.sleep(self.delay_s)
        if headers.get("Authorization") != "Bearer not-a-real-access-token":
            self.asked[-1] += " without a token"
            challenge = f'Bearer authorization="https://login.microsoftonline.com/{_TENANT}", resource="https://vault.azure.net"'
            return 401, {"WWW-Authenticate": challenge}, b"{}"
        return self._vault(host, path.strip("/").split("/"))

    def _entra(self, path: str, form: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        base = f"https://login.microsoftonline.com/{_TENANT}"
        if path.endswith("openid-configuration"):
            found = {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "tenant_discovery_endpoint": f"{base}/v2.0/.well-known/openid-configuration",
            }
            return _json(200, found)
        if form.get("client_secret") != [self.client_secret] or form["scope"] != ["https://vault.azure.net/.default"]:
            return _json(401, {"error": "invalid_client", "error_description": "AADSTS7000215: not-a-real-secret-1"})
        return _json(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": "not-a-real-access-token"})

    def _vault(self, host: str, path: list[str]) -> tuple[int, dict[str, str], bytes]:
        versions = self.held.get((host, path[1]), [])
        if path[2:] == ["versions"]:
            found = [{"id": _id(host, path[1], one), "attributes": one["attributes"]} for one in versions]
            return _json(200, {"value": found, "nextLink": None})
        wanted = path[2] if path[2:] and path[2] else versions[-1]["version"] if versions else ""
        one = next((one for one in versions if one["version"] == wanted), None)
        if one is None:
            return _json(404, {"error": {"code": "SecretNotFound", "message": "not here"}})
        if not one["attributes"]["enabled"]:
            return _json(403, {"error": {"code": "Forbidden", "innererror": {"code": "SecretDisabled"}}})
        return _json(200, {"value": one["value"], "id": _id(host, path[1], one), "attributes": one["attributes"]})


@contextmanager
def key_vaults(folder: Path) -> Iterator[KeyVaults]:
    """Run the vaults, Entra and the proxy that leads to them."""
    vaults = KeyVaults()
    authority = trustme.CA()
    vaults.ca_file = str(folder / "azure-ca.pem")
    authority.cert_pem.write_to_path(vaults.ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("login.microsoftonline.com", "*.vault.azure.net").configure_cert(context)

    class Vault(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            host = self.headers["Host"]
            status, headers, content = vaults.answer(host, self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the base class's name

        def handle(self) -> None:
            """Serve a connection; one that the client drops ends quietly."""
            with suppress(OSError):
                super().handle()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Proxy(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            with create_connection(inner.server_address[:2]) as other, suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _relay(self.connection, other)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    inner, outer = (ThreadingHTTPServer(("127.0.0.1", 0), handler) for handler in (Vault, Proxy))
    inner.socket = context.wrap_socket(inner.socket, server_side=True, do_handshake_on_connect=False)
    threads = [Thread(target=server.serve_forever, args=(0.02,), daemon=True) for server in (inner, outer)]
    for server, thread in zip((inner, outer), threads, strict=True):
        server.daemon_threads = True
        thread.start()
    vaults.proxy = f"http://127.0.0.1:{outer.server_address[1]}"
    try:
        yield vaults
    finally:
        for server, thread in zip((outer, inner), reversed(threads), strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


def _relay(one: Any, other: Any) -> None:
    while True:
        ready, _, _ = select.select([one, other], [], [], 30)
        for source in ready:
            data = source.recv(65_536)
            if not data:
                return
            (other if source is one else one).sendall(data)


def _id(host: str, name: str, one: dict[str, Any]) -> str:
    return f"https://{host}/secrets/{name}/{one['version']}"


def _json(status: int, document: object) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()
