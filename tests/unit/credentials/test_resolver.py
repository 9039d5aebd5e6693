"""The resolver over a real file backend: what is kept, for how long, and that many who ask cost one read."""

import asyncio
import json
import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.cache import CacheLimits
from integrations_hub.credentials.errors import (
    BackendUnavailable,
    HostNotAllowed,
    SecretForbidden,
    SecretNotFound,
    SecretUnavailable,
    UnknownAlias,
)
from integrations_hub.credentials.files import FileBackend
from integrations_hub.credentials.ports import Reach, SecretValues, StoredSecret
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from integrations_hub.errors import Invalid

HOST = "gitlab.example:443"
REF = AuthRef.parse("authref://file/gitlab#token")


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Switchboard:
    """A backend in front of another: counts reads, and fails or waits when told to."""

    inner: FileBackend
    kind: str = "file"
    reads: int = 0
    fault: Exception | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    lease_s: float | None = None
    ends_at: datetime | None = None

    def __post_init__(self):
        self.gate.set()

    def read(self, tenant, path, version) -> StoredSecret:
        gate = self.gate
        try:
            if self.fault:
                raise self.fault
            stored = self.inner.read(tenant, path, None)
        finally:
            self.reads += 1
        assert gate.wait(5)
        return StoredSecret(stored.values, version or "1", self.lease_s, self.ends_at)

    def probe(self) -> Reach:
        if self.fault:
            raise self.fault
        return self.inner.probe()


@pytest.fixture
def backend(tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "globex").mkdir()
    return Switchboard(FileBackend("file", tmp_path))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def resolver(backend, clock):
    return Resolver({"file": backend}, clock=clock)


def store(backend, value="not-a-real-secret-1", tenant="acme", path="gitlab", **more):
    (backend.inner.root / tenant / path).write_text(json.dumps({"token": value, **more}))


def resolve(resolver, ref=REF, tenant="acme", host=HOST):
    return asyncio.run(resolver.resolve(tenant, ref, host=host))


def token(resolver, **more):
    return resolve(resolver, **more).credential.fields["token"].reveal()


def away():
    return BackendUnavailable("file", "away", "Wait.")


def test_a_secret_is_read_once_in_five_minutes(resolver, backend, clock):
    store(backend)
    assert token(resolver) == "not-a-real-secret-1"

    store(backend, "not-a-real-secret-2")
    clock.now += 299
    assert token(resolver) == "not-a-real-secret-1"
    clock.now += 1

    assert token(resolver) == "not-a-real-secret-2"
    assert backend.reads == 2


def test_two_fields_of_one_secret_cost_one_read(resolver, backend):
    store(backend, username="robot$x")

    resolve(resolver)
    resolve(resolver, AuthRef("file", "gitlab", key="username"))
    resolve(resolver, AuthRef("file", "gitlab"))

    assert backend.reads == 1


def test_nothing_is_shared_between_tenants_or_versions(resolver, backend):
    store(backend)
    store(backend, "not-a-real-secret-2", tenant="globex")

    assert token(resolver) != token(resolver, tenant="globex")
    assert resolve(resolver, AuthRef("file", "gitlab", "7")).version == "7"
    assert backend.reads == 3


@pytest.mark.parametrize("version", [None, "3"])
def test_a_pinned_version_is_read_again_too_lest_it_was_deleted(resolver, backend, clock, version):
    store(backend)
    ref = AuthRef("file", "gitlab", version)
    resolve(resolver, ref)
    (backend.inner.root / "acme" / "gitlab").unlink()
    clock.now += 300

    with pytest.raises(SecretNotFound):
        resolve(resolver, ref)


def test_a_hundred_who_ask_at_once_cost_one_read(resolver, backend):
    store(backend)
    backend.gate.clear()

    async def crowd():
        waiting = [asyncio.create_task(resolver.resolve("acme", REF, host=HOST)) for _ in range(100)]
        await asyncio.sleep(0)
        waiting[0].cancel()  # the one who began gives up: the others still get theirs
        backend.gate.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    first, *others = asyncio.run(crowd())

    assert isinstance(first, asyncio.CancelledError)
    assert {other.credential.fields["token"].reveal() for other in others} == {"not-a-real-secret-1"}
    assert backend.reads == 1


def test_a_hundred_who_ask_in_vain_cost_one_read_and_each_gets_an_error_of_its_own(resolver, backend):
    async def crowd():
        return await asyncio.gather(
            *(resolver.resolve("acme", REF, host=HOST) for _ in range(100)), return_exceptions=True
        )

    failures = asyncio.run(crowd())

    assert {type(failure) for failure in failures} == {SecretNotFound}
    assert len(set(map(id, failures))) == 100
    assert backend.reads == 1


def test_a_missing_secret_is_remembered_for_fifteen_seconds(resolver, backend, clock):
    with pytest.raises(SecretNotFound):
        resolve(resolver)
    store(backend)
    clock.now += 14
    with pytest.raises(SecretNotFound):
        resolve(resolver)
    clock.now += 1

    assert token(resolver) == "not-a-real-secret-1"


def test_a_missing_field_is_remembered_for_fifteen_seconds_too_and_costs_one_read(resolver, backend, clock):
    # Given a secret whose field was left empty
    store(backend, value="")
    with pytest.raises(SecretNotFound):
        resolve(resolver)
    # When it is stored again
    store(backend)
    clock.now += 14
    with pytest.raises(SecretNotFound):
        resolve(resolver)
    assert backend.reads == 1
    clock.now += 1

    # Then all who ask are answered by one read
    async def many():
        return await asyncio.gather(*(resolver.resolve("acme", REF, host=HOST) for _ in range(50)))

    assert {one.credential.fields["token"].reveal() for one in asyncio.run(many())} == {"not-a-real-secret-1"}
    assert backend.reads == 2


def test_a_refusal_is_not_remembered_and_ends_what_was_kept(resolver, backend, clock):
    store(backend)
    resolve(resolver)
    clock.now += 300
    backend.fault = SecretForbidden("file", "refused", "Ask.")
    for reads in (2, 3):
        with pytest.raises(SecretForbidden):
            resolve(resolver)
        assert backend.reads == reads

    backend.fault = away()
    with pytest.raises(BackendUnavailable):
        resolve(resolver)


def test_an_outage_is_bridged_for_fifteen_minutes_beyond_freshness(resolver, backend, clock):
    store(backend)
    assert not resolve(resolver).stale
    backend.fault = away()

    clock.now += 300
    assert resolve(resolver).stale
    clock.now += 899
    assert resolve(resolver).stale
    clock.now += 1
    with pytest.raises(BackendUnavailable) as failure:
        resolve(resolver)
    assert failure.value.cause_key == "backend:file"

    backend.fault = None
    clock.now += 5
    assert not resolve(resolver).stale


def test_a_backend_that_is_away_is_asked_once_in_five_seconds(resolver, backend, clock):
    backend.fault = away()
    for path in ("a", "b", "c"):
        with pytest.raises(BackendUnavailable):
            resolve(resolver, AuthRef("file", path))
    assert backend.reads == 1

    clock.now += 5
    with pytest.raises(BackendUnavailable):
        resolve(resolver)
    assert backend.reads == 2


@pytest.mark.parametrize("limit", ["lease", "end"])
def test_nothing_is_kept_beyond_its_lease_or_end_not_even_in_an_outage(resolver, backend, clock, limit):
    store(backend)
    if limit == "lease":
        backend.lease_s = 60
    else:
        backend.ends_at = datetime.fromtimestamp(clock.now + 60, UTC)
    resolve(resolver)
    backend.fault = away()

    clock.now += 59
    assert not resolve(resolver).stale
    clock.now += 1
    with pytest.raises(BackendUnavailable):
        resolve(resolver)


def test_a_clock_set_back_makes_what_is_kept_old(resolver, backend, clock):
    store(backend)
    resolve(resolver)
    clock.now -= 1

    resolve(resolver)

    assert backend.reads == 2


def test_a_rejected_secret_is_read_again(resolver, backend):
    store(backend)
    before = resolve(resolver)
    store(backend, "not-a-real-secret-2")

    resolver.drop("acme", REF)
    after = resolve(resolver)

    assert after.credential.fields["token"].reveal() == "not-a-real-secret-2"
    assert after.credential != before.credential


def test_a_read_begun_before_the_drop_is_neither_joined_nor_kept(resolver, backend):
    store(backend)
    backend.gate.clear()

    async def race():
        early = asyncio.create_task(resolver.resolve("acme", REF, host=HOST))
        while not backend.reads:
            await asyncio.sleep(0.001)
        held, backend.gate = backend.gate, threading.Event()
        backend.gate.set()
        store(backend, "not-a-real-secret-2")
        resolver.drop("acme", REF)
        late = await resolver.resolve("acme", REF, host=HOST)
        held.set()
        return await early, late, await resolver.resolve("acme", REF, host=HOST)

    early, late, kept = (one.credential.fields["token"].reveal() for one in asyncio.run(race()))
    assert early == "not-a-real-secret-1"
    assert late == kept == "not-a-real-secret-2"
    assert backend.reads == 2


def test_the_least_recently_used_leaves_first(backend, clock):
    resolver = Resolver({"file": backend}, limits=CacheLimits(entries=2), clock=clock)
    for path in "abc":
        store(backend, path=path)
    for path in "abac":
        resolve(resolver, AuthRef("file", path))
    reads = backend.reads

    resolve(resolver, AuthRef("file", "a"))
    assert backend.reads == reads
    resolve(resolver, AuthRef("file", "b"))
    assert backend.reads == reads + 1


def test_a_restored_process_starts_without_secrets(resolver, backend):
    store(backend)
    resolve(resolver)

    resolver.clear()
    resolve(resolver)

    assert backend.reads == 2


def test_a_secret_goes_only_to_the_hosts_it_lists_and_the_list_is_no_credential(resolver, backend):
    store(backend, allowed_hosts=["gitlab.example"])

    assert set(resolve(resolver, AuthRef("file", "gitlab")).credential.fields) == {"token"}
    for ref in (REF, AuthRef("file", "gitlab")):
        with pytest.raises(HostNotAllowed):
            resolve(resolver, ref, host="evil.example:443")
    with pytest.raises(SecretNotFound):
        resolve(resolver, AuthRef("file", "gitlab", key="allowed_hosts"))


def test_a_field_that_is_a_secret_of_its_own_goes_only_to_the_hosts_both_list(resolver, backend):
    inner = {"username": "robot", "password": "not-a-real-secret-1", "allowed_hosts": ["harbor.example:8443"]}
    ref = AuthRef("file", "gitlab", key="harbor")

    store(backend, harbor=inner)
    assert resolve(resolver, ref, host="harbor.example:8443").credential.allowed_hosts == ("harbor.example:8443",)
    with pytest.raises(HostNotAllowed):
        resolve(resolver, ref, host="evil.example:443")

    resolver.clear()
    store(backend, harbor=json.dumps(inner), allowed_hosts=["harbor.example", "evil.example"])
    assert resolve(resolver, ref, host="harbor.example:8443").credential.allowed_hosts == ("harbor.example:8443",)
    for host in ("evil.example:443", "harbor.example:443"):
        with pytest.raises(HostNotAllowed):
            resolve(resolver, ref, host=host)


def test_an_unknown_alias_is_answered_with_the_known_ones(resolver):
    with pytest.raises(UnknownAlias) as unknown:
        resolve(resolver, AuthRef("vault", "gitlab"))
    assert unknown.value.known == ("file",)
    assert "file" in unknown.value.remedy
    resolver.check_alias(REF)


def test_a_fault_in_a_backends_own_code_is_that_backend_being_away(resolver, backend, caplog):
    backend.fault = RuntimeError("not-a-real-secret-1")

    with pytest.raises(BackendUnavailable) as failure:
        resolve(resolver)

    assert "not-a-real-secret" not in repr(failure.value) + failure.value.evidence + caplog.text
    assert failure.value.__cause__ is None
    assert failure.value.__context__ is None


def test_each_read_leaves_a_line_without_path_or_value(resolver, backend, caplog):
    caplog.set_level(logging.INFO)
    store(backend)
    resolve(resolver)
    resolve(resolver)

    (line,) = [vars(record) for record in caplog.records if getattr(record, "action", "") == "read_secret"]
    assert (line["tenantId"], line["secretBackend"], line["version"]) == ("acme", "file", None)
    assert "gitlab" not in str(line)
    assert "not-a-real-secret" not in str(line)


def test_a_resolved_secret_shows_nothing(resolver, backend):
    store(backend)

    assert "not-a-real-secret" not in repr(resolve(resolver)) + repr(resolver) + repr(resolver._cache._entries)


def test_a_probe_reports_every_backend(tmp_path, backend):
    resolver = Resolver({"file": backend, "other": FileBackend("other", tmp_path / "gone")})

    found = asyncio.run(resolver.probe())
    assert (found["file"].kind, found["file"].reachable, found["other"].reachable) == ("file", True, False)

    backend.fault = away()
    assert not asyncio.run(resolver.probe())["file"].reachable


@pytest.mark.parametrize("error", [away(), SecretForbidden("file", "x", "y"), SecretNotFound("file", "x", "y")])
def test_only_a_backend_away_is_a_cause_that_many_share(error):
    assert (error.cause_key is not None) == isinstance(error, BackendUnavailable)


def test_registration_stores_the_canonical_form_and_refuses_the_rest(resolver):
    secrets = Secrets(resolver)

    assert secrets.canonical("authref://file/a/b?version=3#token") == "authref://file/a/b?version=3#token"
    for uri, word in (
        ("not-a-real-secret-1", "authref://"),
        ("authref://vault/a", "known are: file"),
        ("authref://file/../b", "segments"),
    ):
        with pytest.raises(Invalid) as refusal:
            secrets.canonical(uri)
        (violation,) = refusal.value.violations
        assert violation.pointer == "/authRefUri"
        assert word in violation.detail
        assert uri not in violation.detail


def test_a_check_gets_its_credential_or_a_reason(resolver, backend):
    store(backend)
    secrets = Secrets(resolver)
    credential = asyncio.run(secrets.credential("acme", str(REF), HOST))
    assert credential.fields["token"].reveal() == "not-a-real-secret-1"

    for uri in ("authref://file/gone", "authref://gone/gitlab", "no reference"):
        with pytest.raises(CheckFailed) as failure:
            asyncio.run(secrets.credential("acme", uri, HOST))
        assert failure.value.reason is Reason.SECRET_UNAVAILABLE
        assert failure.value.remedy


def test_a_rejected_secret_is_read_again_at_most_once_a_minute(resolver, backend, clock):
    # Given a secret that was kept, and rotated since
    store(backend)
    secrets = Secrets(resolver, clock=clock)
    asyncio.run(secrets.credential("acme", str(REF), HOST))
    store(backend, "not-a-real-secret-2")
    # When a provider rejected it
    fresh = asyncio.run(secrets.reread("acme", str(REF), HOST))
    # Then it is read anew, and not again within the minute, but another tenant's is
    assert fresh.fields["token"].reveal() == "not-a-real-secret-2"
    reads = backend.reads
    assert asyncio.run(secrets.reread("acme", str(REF), HOST)) == fresh
    assert backend.reads == reads
    store(backend, "not-a-real-secret-3", tenant="globex")
    other = asyncio.run(secrets.reread("globex", str(REF), HOST))
    assert other.fields["token"].reveal() == "not-a-real-secret-3"
    clock.now += 60
    store(backend, "not-a-real-secret-4")
    assert asyncio.run(secrets.reread("acme", str(REF), HOST)) != fresh


def test_checks_that_are_rejected_at_once_all_get_what_the_first_read_anew(resolver, backend, clock):
    """One secret of several integrations: only one of them may ask the backend, and none may be called unhealthy."""
    store(backend)
    secrets = Secrets(resolver, clock=clock)
    asyncio.run(secrets.credential("acme", str(REF), HOST))
    store(backend, "not-a-real-secret-2")

    async def rejected():
        return await asyncio.gather(*(secrets.reread("acme", str(REF), HOST) for _ in range(10)))

    assert {one.fields["token"].reveal() for one in asyncio.run(rejected())} == {"not-a-real-secret-2"}
    assert backend.reads == 2


def test_a_secret_is_as_old_as_the_question_was(resolver, backend, clock):
    store(backend)
    backend.gate.clear()

    async def slow():
        flight = asyncio.create_task(resolver.resolve("acme", REF, host=HOST))
        while not backend.reads:
            await asyncio.sleep(0.001)
        store(backend, "not-a-real-secret-2")
        clock.now += 299
        backend.gate.set()
        await flight
        clock.now += 1
        return await resolver.resolve("acme", REF, host=HOST)

    assert asyncio.run(slow()).credential.fields["token"].reveal() == "not-a-real-secret-2"


def test_every_error_is_a_secret_unavailable():
    assert all(
        issubclass(kind, SecretUnavailable)
        for kind in (BackendUnavailable, HostNotAllowed, SecretForbidden, SecretNotFound, UnknownAlias)
    )
    assert SecretValues({}).allowed_hosts is None
