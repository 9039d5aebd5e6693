"""The hub's session with one Vault or OpenBao server: one login at a time, renewed in time, and plain replies."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from integrations_hub.connector.redaction import Secret
from integrations_hub.credentials.errors import BackendUnavailable
from integrations_hub.credentials.vault_aws_login import LoginImpossible
from integrations_hub.credentials.vault_settings import VaultSettings

if TYPE_CHECKING:
    import hvac
    import requests

__all__ = ["FORBIDDEN", "OK", "Reply", "VaultSession"]

OK, FORBIDDEN = 200, 403
_REFUSALS = range(400, 500)
_TIMEOUT_S = (2.0, 5.0)  # to connect, to read
_RENEW_AT = 2 / 3  # of the lease
_REFUSED_REST_S = 60.0  # Vault locks a role out that keeps failing to log in

Question = Callable[["hvac.Client"], Any]  # hvac is untyped; `_reply` looks at what it gives


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a JSON object; without one, what went wrong on the way."""

    status: int
    body: Mapping[str, Any]
    fault: str = ""

    def section(self, name: str) -> Mapping[str, Any]:
        """Return an object of the body; empty when there is none."""
        section = self.body.get(name)
        return section if isinstance(section, dict) else {}


@dataclass(frozen=True, slots=True)
class _Lease:
    token: Secret
    renewable: bool
    since: float
    seconds: float  # 0 is for ever

    def renews(self, now: float) -> bool:
        return self.renewable and self.seconds > 0 and now >= self.since + self.seconds * _RENEW_AT

    def over(self, now: float) -> bool:
        return now < self.since or (self.seconds > 0 and now >= self.since + self.seconds)


class VaultSession:
    """Asks questions with a token that lives. Used by several threads; nothing is opened before the first question."""

    def __init__(self, alias: str, settings: VaultSettings, clock: Callable[[], float] = time.time) -> None:
        """Hold the settings."""
        self._alias = alias
        self._settings = settings
        self._clock = clock
        self._lock = Lock()
        self._http: requests.Session | None = None
        self._lease: _Lease | None = None
        self._refused: tuple[float, str] | None = None

    def ask(self, question: Question, namespace: str | None = None) -> Reply:
        """Ask with the session's token; when that token has died meanwhile, log in once more and ask again.

        Raises:
            BackendUnavailable: the server is away, or refuses the hub's login.
        """
        lease = self._living()
        reply = self._send(question, lease.token, namespace)
        if reply.status == FORBIDDEN and not self._lives(lease):
            reply = self._send(question, self._living(dead=lease).token, namespace)
        if reply.fault:
            raise self.unavailable(reply)
        return reply

    def unavailable(self, reply: Reply) -> BackendUnavailable:
        """Return what an unusable reply means."""
        evidence = reply.fault or f"the secret backend answered HTTP {reply.status}"
        if reply.status == 503:  # noqa: PLR2004 - RFC 9110 §15.6.4
            evidence = "the secret backend is sealed or in maintenance (HTTP 503)"
        if 300 <= reply.status < 400:  # noqa: PLR2004 - the 3xx
            evidence += ": a redirect, which would take the hub's token elsewhere"
        return BackendUnavailable(self._alias, evidence, "Have the operator look at the secret backend.")

    def _living(self, dead: _Lease | None = None) -> _Lease:
        """Return a lease that lives: the one held, renewed at two thirds, or a new one. One thread at a time.

        Raises:
            BackendUnavailable: no token can be had.
        """
        with self._lock:
            lease, now = self._lease, self._clock()
            if lease is None or lease is dead or lease.over(now):
                self._lease = self._logged_in()
            elif lease.renews(now):
                reply = self._send(lambda client: client.auth.token.renew_self(), lease.token)
                if reply.status == OK:
                    self._lease = self._leased(reply, lease.token)
                elif reply.status in _REFUSALS:
                    self._lease = self._logged_in()
            assert self._lease is not None
            return self._lease

    def _lives(self, lease: _Lease) -> bool:
        """Tell a token that died from a policy that refuses: only the first is worth a login."""
        return self._send(lambda client: client.auth.token.lookup_self(), lease.token).status != FORBIDDEN

    def _logged_in(self) -> _Lease:
        if self._refused and 0 <= self._clock() - self._refused[0] < _REFUSED_REST_S:
            raise self._no_login(self._refused[1])
        try:
            reply = self._send(self._settings.login.log_in, Secret(""))
        except OSError:
            reply = Reply(0, {}, "the file the hub logs in with cannot be read")
        except LoginImpossible as impossible:
            reply = Reply(0, {}, str(impossible))
        if reply.status == OK:
            self._refused = None
            given = reply.section("auth").get("client_token") or reply.section("data").get("id")
            return self._leased(reply, Secret(str(given)))
        if reply.status not in _REFUSALS:
            raise self.unavailable(reply)
        self._refused = (self._clock(), f"the secret backend refused the hub's login (HTTP {reply.status})")
        raise self._no_login(self._refused[1])

    def _no_login(self, evidence: str) -> BackendUnavailable:
        return BackendUnavailable(
            self._alias, evidence, "Have the operator renew the hub's login to the secret backend."
        )

    def _leased(self, reply: Reply, token: Secret) -> _Lease:
        auth, data = reply.section("auth"), reply.section("data")
        seconds = float(auth.get("lease_duration") or data.get("ttl") or 0)
        return _Lease(token, bool(auth.get("renewable") or data.get("renewable")), self._clock(), seconds)

    def _send(self, question: Question, token: Secret, namespace: str | None = None) -> Reply:
        """Ask once. Faults become words here: the library's exceptions hold the request, and that the token."""
        import requests  # noqa: PLC0415 - imported by who really reads a secret

        try:
            return _reply(question(self._client(token, namespace)))
        except requests.exceptions.SSLError:
            return Reply(0, {}, "the secret backend's TLS certificate does not verify")
        except requests.Timeout:
            return Reply(0, {}, "the secret backend did not answer in time")
        except (requests.RequestException, ValueError):
            return Reply(0, {}, "the secret backend cannot be reached")

    def _client(self, token: Secret, namespace: str | None) -> hvac.Client:
        import hvac  # noqa: PLC0415 - as above

        return hvac.Client(
            url=self._settings.url,
            token=token.reveal(),
            session=self._session(),
            timeout=_TIMEOUT_S,
            allow_redirects=False,  # requests would send the token along
            namespace=namespace or self._settings.namespace,
            ignore_exceptions=True,  # answers, not exceptions: those hold what was asked and answered
        )

    def _session(self) -> requests.Session:
        import requests  # noqa: PLC0415 - as above
        from requests.adapters import HTTPAdapter  # noqa: PLC0415 - as above

        if self._http is None:
            session = requests.Session()
            session.trust_env = False  # no proxy, netrc or CA bundle from the environment
            session.verify = str(self._settings.ca_file) if self._settings.ca_file else True
            session.mount("https://", HTTPAdapter(pool_connections=1, pool_maxsize=8))
            self._http = session
        return self._http


def _reply(answer: Any) -> Reply:
    if isinstance(answer, dict):
        return Reply(OK, answer)
    status = getattr(answer, "status_code", OK)
    if status == OK:
        return Reply(0, {}, "what answers at the secret backend's address is no Vault")
    return Reply(status, {})
