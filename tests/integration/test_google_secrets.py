"""Google Secret Manager through the official client: versions, metadata as far as they may be read, and projects."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.errors import BackendUnavailable, SecretForbidden, SecretNotFound
from integrations_hub.credentials.names import tenant_place
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from tests.support.secret_manager import secret_manager

OLD, NEW = b"not-a-real-secret-old", b"not-a-real-secret-new"
TEMPLATE, SHARED = "hub-{tenant}", "hub-shared"
MINE = "projects/hub-acme/secrets/github--app"


@pytest.fixture
def google():
    with secret_manager() as running:
        for tenant in ("acme", "globex"):
            running.write(f"projects/hub-{tenant}/secrets/github--app", f"not-a-real-secret-{tenant}".encode())
        yield running


def settings(google, project=TEMPLATE, **more):
    return {"gcp-sm": {"project": project, "emulator": google.url, **more}}


def backend(google, project=TEMPLATE, **more):
    return build_backends(settings(google, project, **more))["gcp-sm"]


def fields(stored):
    return {name: secret.reveal() for name, secret in stored.values.fields.items()}


def test_each_tenant_has_a_project_of_its_own(google):
    reads = backend(google)
    for tenant in ("acme", "globex"):
        assert fields(reads.read(tenant, "github/app", None)) == {"token": f"not-a-real-secret-{tenant}"}


def test_tenants_of_one_project_are_told_apart_by_their_digest(google):
    for tenant in ("acme", "Acme", "a.cme"):
        project, name = tenant_place("gcp-sm", SHARED, tenant, "gitlab", 255)
        google.write(f"projects/{project}/secrets/{name}", f"not-a-real-secret-of-{tenant}".encode())
    reads = backend(google, SHARED)

    for tenant in ("acme", "Acme", "a.cme"):
        assert fields(reads.read(tenant, "gitlab", None)) == {"token": f"not-a-real-secret-of-{tenant}"}


def test_a_regional_secret_and_bytes(google):
    google.write("projects/hub-acme/locations/europe-west3/secrets/keystore", b"\x00\xff")

    assert fields(backend(google, location="europe-west3").read("acme", "keystore", None)) == {"binary": "AP8="}


def test_versions_dates_and_the_one_before(google):
    name = "projects/hub-acme/secrets/rotated"
    for value in (b"not-a-real-secret-older", OLD, NEW):
        google.write(name, value)
    google.expires[name] = ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
    reads = backend(google)
    current = reads.read("acme", "rotated", None)

    assert (fields(current), current.version, current.ends_at) == ({"token": NEW.decode()}, "3", ends)
    assert abs(current.rotated_at - datetime.now(UTC)) < timedelta(hours=1)
    assert fields(reads.previous("acme", "rotated", "3")) == {"token": OLD.decode()}
    found = asyncio.run(
        Secrets(Resolver(build_backends(settings(google)))).webhook_credentials("acme", "authref://gcp-sm/rotated")
    )
    assert [one.fields["webhook_secret"].reveal() for one in found] == [NEW.decode(), OLD.decode()]
    google.disabled.add(f"{name}/versions/2")
    with pytest.raises(SecretNotFound):
        reads.previous("acme", "rotated", "3")
    with pytest.raises(SecretNotFound):
        reads.previous("acme", "rotated", "1")


def test_metadata_are_a_right_the_hub_can_do_without(google):
    google.instead = {
        "GetSecret": grpc.StatusCode.PERMISSION_DENIED,
        "GetSecretVersion": grpc.StatusCode.PERMISSION_DENIED,
    }

    stored = backend(google).read("acme", "github/app", None)

    assert fields(stored) == {"token": "not-a-real-secret-acme"}
    assert (stored.version, stored.ends_at, stored.rotated_at) == ("1", None, None)


@pytest.mark.parametrize(("path", "version"), [("gone", None), ("github/app", "7"), ("x" * 256, None)])
def test_what_is_not_there_is_not_found(google, path, version):
    with pytest.raises(SecretNotFound) as missing:
        backend(google).read("acme", path, version)
    assert missing.value.__context__ is None
    assert "projects" not in str(missing.value) + missing.value.remedy


def test_a_tenant_whose_name_no_project_can_bear_has_none(google):
    for tenant in ("Acme", "a.b", "a_b", "a--b", "acme-"):
        with pytest.raises(SecretForbidden):
            backend(google).read(tenant, "gitlab", None)
    assert google.asked == []


@pytest.mark.parametrize(
    ("code", "error", "word"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, SecretForbidden, "refuses"),
        (grpc.StatusCode.UNAUTHENTICATED, BackendUnavailable, "Unauthenticated"),
        (grpc.StatusCode.UNAVAILABLE, BackendUnavailable, "ServiceUnavailable"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, BackendUnavailable, "ResourceExhausted"),
        (grpc.StatusCode.INTERNAL, BackendUnavailable, "InternalServerError"),
    ],
)
def test_what_google_refuses_is_told_apart(google, code, error, word):
    google.instead["AccessSecretVersion"] = code

    with pytest.raises(error, match=word) as failure:
        backend(google).read("acme", "github/app", None)

    assert "not-a-real" not in str(failure.value) + failure.value.remedy
    assert failure.value.__context__ is None


def test_a_server_that_is_gone_or_hangs_is_away(google):
    with pytest.raises(BackendUnavailable):
        build_backends({"gcp-sm": {"project": SHARED, "emulator": "http://127.0.0.1:9"}})["gcp-sm"].read(
            "acme", "x", None
        )
    google.delay_s = 4
    with pytest.raises(BackendUnavailable, match="Deadline"):
        backend(google).read("acme", "github/app", None)


def test_without_credentials_the_hub_is_the_one_who_is_refused(tmp_path):
    (tmp_path / "key.json").write_text('{"type": "service_account", "private_key": "not-a-real-secret-1"}')
    reads = build_backends({"gcp-sm": {"project": SHARED, "service_account_file": str(tmp_path / "key.json")}})[
        "gcp-sm"
    ]

    with pytest.raises(BackendUnavailable, match="login") as failure:
        reads.read("acme", "gitlab", None)
    assert "not-a-real" not in str(failure.value)


def test_a_probe_tells_that_it_answers(google):
    assert backend(google).probe().reachable
    google.instead["AccessSecretVersion"] = grpc.StatusCode.UNAUTHENTICATED
    assert not backend(google).probe().reachable


def test_a_hundred_who_ask_at_once_cost_one_read(google):
    resolver = Resolver(build_backends(settings(google)))

    async def crowd():
        asked = (resolver.resolve("acme", AuthRef("gcp-sm", "github/app"), host="h") for _ in range(100))
        return await asyncio.gather(*asked)

    assert {one.credential.fields["token"].reveal() for one in asyncio.run(crowd())} == {"not-a-real-secret-acme"}
    assert google.asked.count(f"AccessSecretVersion {MINE}/versions/latest") == 1
