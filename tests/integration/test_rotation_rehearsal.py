"""A rehearsal of four days and more of rotations, in scaled time: all limits and leases are divided by one factor.

96 rotations of a secret on a real OpenBao, under continuous checks of a provider over HTTP: every other one revokes the
old secret at once, the others leave it a grace. Meanwhile the hub's own login is rotated and revoked, and the vault is
away twice: for less than the hub bridges, and for longer. Nothing may be called unhealthy by mistake, and nothing may
be used for longer than the limits say.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

from integrations_hub.connector.contract import CheckResult, Credential
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.transport import Transport
from integrations_hub.credentials.cache import CacheLimits
from integrations_hub.credentials.ports import Reach, StoredSecret
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from integrations_hub.credentials.vault import VaultBackend
from integrations_hub.credentials.vault_settings import VaultSettings
from integrations_hub.health.machine import check_status
from integrations_hub.health.ports import CheckJob
from integrations_hub.health.status import Status
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.in_process import InProcessHost
from integrations_hub.plugins.registry import Plugins
from integrations_hub.plugins.slots import Caps
from tests.support.greedy_provider import Answered, GreedyProvider, greedy_provider
from tests.support.openbao import OpenBao, open_bao
from tests.support.recording_proxy import RecordingProxy, recording_proxy

FACTOR = 130.0
ROTATIONS = 96
LIMITS = CacheLimits()
SCALED = CacheLimits(
    LIMITS.fresh_s / FACTOR, LIMITS.stale_s / FACTOR, LIMITS.missing_s / FACTOR, LIMITS.away_s / FACTOR
)
BETWEEN_ROTATIONS_S, GRACE_S = 150 / FACTOR, 100 / FACTOR
SHORT_OUTAGE_S, LONG_OUTAGE_S = 300 / FACTOR, 1500 / FACTOR
TOKEN_TTL_S, TOKEN_MAX_TTL_S = 1800 / FACTOR, 5400 / FACTOR
SHORT_OUTAGE_AT, LONG_OUTAGE_AT = 30, 60  # rotations
CHECKERS, BETWEEN_CHECKS_S = 4, 10 / FACTOR
OUTAGE = (503, {"Content-Type": "application/json"}, b'{"errors": ["Vault is sealed"]}')


@dataclass
class Watched:
    """The backend, with a note of each read: when it began and ended, and which rotation it saw."""

    inner: VaultBackend
    kind: str = "vault"
    reads: list[tuple[float, float, int]] = field(default_factory=list)

    def read(self, tenant: str, path: str, version: str | None) -> StoredSecret:
        began = time.time()
        stored = self.inner.read(tenant, path, version)
        self.reads.append((began, time.time(), number_of(stored.values.fields["password"].reveal())))
        return stored

    def previous(self, tenant: str, path: str, version: str) -> StoredSecret:
        return self.inner.previous(tenant, path, version)

    def probe(self) -> Reach:
        return self.inner.probe()


@dataclass(frozen=True)
class Noted(Secrets):
    """The hub's own secrets, with a note of each that was handed out: when, and which rotation."""

    uses: list[tuple[float, int]] = field(default_factory=list)

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        asked = time.time()
        found = await super().credential(tenant, auth_ref_uri, target)
        self.uses.append((asked, number_of(found.fields["password"].reveal())))
        return found


@dataclass
class Stage:
    """Everything the rehearsal needs, and what came of it."""

    bao: OpenBao
    proxy: RecordingProxy
    provider: GreedyProvider
    vault: VaultBackend
    secret_id: Path
    role: str
    accepted: set[int] = field(default_factory=set)
    results: list[tuple[float, CheckResult]] = field(default_factory=list)
    outages: list[tuple[float, float]] = field(default_factory=list)
    refused: int = 0
    ended: Event = field(default_factory=Event)

    def rotate(self, number: int) -> None:
        """Store the next secret as a rotator does: accepted first, stored second, the old one withdrawn last."""
        self.accepted.add(number)
        self.bao.write("tenants/acme/harbor", username="robot$hub", password=f"not-a-real-secret-{number}")
        if number % 2 == 0:
            self.ended.wait(GRACE_S)
        self.accepted &= {number}

    def rotate_login(self) -> None:
        """Give the hub another secret id, and revoke what it has."""
        given = self.bao.call("POST", f"auth/approle/role/{self.role}/secret-id", {})["data"]
        self.secret_id.write_text(given["secret_id"])
        lease = self.vault._session._lease
        self.bao.call("POST", "auth/token/revoke", {"token": lease.token.reveal()})

    def outage(self, seconds: float) -> None:
        """Have the vault be away for a while, once every check holds the secret of the day."""
        self.ended.wait(SCALED.fresh_s + GRACE_S)
        began, self.proxy.instead = time.time(), OUTAGE
        self.ended.wait(seconds)
        self.proxy.instead = None
        self.outages.append((began, time.time()))

    def play(self) -> None:
        """Go through all rotations."""
        for number in range(2, ROTATIONS + 1):
            self.ended.wait(BETWEEN_ROTATIONS_S)
            self.rotate(number)
            if number % 12 == 0:
                self.rotate_login()
            if number in {SHORT_OUTAGE_AT, LONG_OUTAGE_AT}:
                self.outage(SHORT_OUTAGE_S if number == SHORT_OUTAGE_AT else LONG_OUTAGE_S)
        self.ended.wait(SCALED.fresh_s + SCALED.stale_s)

    def answer(self, login: str, _header: str) -> Answered:
        """Be the provider: whoever brings an accepted secret is told the version, others are refused."""
        if number_of(login) not in self.accepted:
            self.refused += 1
            return 401, {}, b""
        return 200, {"Content-Type": "application/json"}, b'{"harbor_version": "v2.15.2"}'


def number_of(text: str) -> int:
    return int(text.rpartition("-")[2])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        bao = stack.enter_context(open_bao())
        proxy, provider = stack.enter_context(recording_proxy(bao.url)), stack.enter_context(greedy_provider())
        bao.policy("hub", 'path "secret/data/tenants/*" { capabilities = ["read"] }')
        leases = {"token_ttl": f"{TOKEN_TTL_S:.0f}s", "token_max_ttl": f"{TOKEN_MAX_TTL_S:.0f}s"}
        login = bao.app_role("rehearsal", token_policies="hub", **leases)
        secret_id = tmp_path / "secret-id"
        secret_id.write_text(login.pop("secret_id"))
        settings = {"url": proxy.url, "login": {**login, "secret_id_file": str(secret_id)}}
        vault = VaultBackend("vault", VaultSettings.model_validate(settings))
        built = Stage(bao, proxy, provider, vault, secret_id, "rehearsal")
        provider.answer = built.answer
        built.rotate(1)
        yield built


def check_on(host: InProcessHost, stage: Stage, tag: str) -> None:
    """Check again and again, as one integration of the tenant."""
    config = {"endpoint": f"{stage.provider.url}/{tag}"}
    job = CheckJob(tenant_id="acme", type="harbor", config=config, auth_ref_uri="authref://vault/harbor")
    while not stage.ended.wait(BETWEEN_CHECKS_S):
        began = time.time()
        stage.results.append((began, host.submit(job).result(60)))


async def measured_lag(loop_ended: Event) -> float:
    """Return the longest time the loop was late: the machine may be busy with other tests."""
    most = 0.0
    while not loop_ended.is_set():
        before = time.time()
        await asyncio.sleep(0.02)
        most = max(most, time.time() - before - 0.02)
    return most


@pytest.mark.timeout(900)  # three minutes of waiting, on a machine that may be busy
def test_ninety_six_rotations_under_continuous_checks(stage: Stage) -> None:
    # Given the hub's own parts, with every limit divided by the factor
    watched = Watched(stage.vault)
    secrets = Noted(Resolver({"vault": watched}, SCALED), clock=lambda: time.monotonic() * FACTOR)
    loop, transport = BackgroundLoop(), Transport(EgressPolicy(parse_allow_list("127.0.0.0/8")))
    host = InProcessHost(Plugins([], frozenset()), secrets, transport, loop, caps=Caps(CHECKERS, CHECKERS, CHECKERS))
    checkers = [Thread(target=check_on, args=(host, stage, f"team-{nth}")) for nth in range(CHECKERS)]
    lag = loop.submit(measured_lag(stage.ended))
    # When secrets, logins and the vault itself come and go under their checks
    for checker in checkers:
        checker.start()
    try:
        stage.play()
    finally:
        stage.ended.set()
        for checker in checkers:
            checker.join()
    loop.submit(transport.close()).result(10)
    # Then nothing was called unhealthy, and unknown only while the vault was away for longer than is bridged
    slow = lag.result(10) + max(end - began for began, end, _ in watched.reads)
    assert {result.reason for _, result in stage.results} == {Reason.OK, Reason.SECRET_UNAVAILABLE}
    assert not [result for _, result in stage.results if check_status(result) in {Status.UNHEALTHY, Status.DEGRADED}]
    long_began, long_ended = stage.outages[1]
    unknown = [began for began, result in stage.results if result.reason is Reason.SECRET_UNAVAILABLE]
    assert unknown
    assert not [
        (began - long_began, slow)
        for began in unknown
        if not long_began + SCALED.stale_s < began < long_ended + SCALED.away_s + slow
    ]
    assert stage.results[-1][1].reason is Reason.OK
    # and no secret was used for longer than fresh, or than fresh and stale while the vault was away
    for asked, number in secrets.uses:
        bridged = any(began <= asked <= ended + SCALED.away_s + slow for began, ended in stage.outages)
        limit = SCALED.fresh_s + (SCALED.stale_s if bridged else 0) + slow
        assert any(seen == number and asked - began <= limit for began, _, seen in watched.reads)
    # and the rehearsal was one: rotations were seen, revoked secrets were met, logins were renewed and made anew
    assert secrets.uses[-1][1] == ROTATIONS
    assert len({number for _, number in secrets.uses}) > ROTATIONS / 2
    assert stage.refused > 0
    assert stage.proxy.count("auth/token/renew-self") > 0
    assert stage.proxy.count("auth/approle/login") > ROTATIONS / 12
