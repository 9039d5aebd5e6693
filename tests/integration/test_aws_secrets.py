"""AWS Secrets Manager and Parameter Store against moto, through the real boto3."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.errors import BackendUnavailable, SecretForbidden, SecretNotFound
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from tests.support.aws import REGION, aws_at, client, moto_server
from tests.support.recording_proxy import recording_proxy

OLD, NEW = "not-a-real-secret-old", "not-a-real-secret-new"


@pytest.fixture(scope="module")
def moto():
    with moto_server() as url:
        yield url


@pytest.fixture(scope="module", autouse=True)
def aws(moto):
    with aws_at(moto):
        manager, store = client("secretsmanager"), client("ssm")
        for tenant in ("acme", "globex"):
            manager.create_secret(
                Name=f"hub/{tenant}/gitlab", SecretString=f'{{"token": "not-a-real-secret-{tenant}"}}'
            )
            store.put_parameter(Name=f"/hub/{tenant}/gitlab", Value=f"not-a-real-secret-{tenant}", Type="SecureString")
        manager.create_secret(Name="hub/acme/keystore", SecretBinary=b"\x00\xff")
        manager.create_secret(Name="hub/acme/text", SecretBinary=b"robot$x:not-a-real-password")
        rotated = manager.create_secret(Name="hub/acme/rotated", SecretString=OLD)
        manager.put_secret_value(SecretId=rotated["ARN"], SecretString=NEW)
        manager.create_secret(Name="hub/acme/leaving", SecretString=OLD)
        manager.delete_secret(SecretId="hub/acme/leaving", RecoveryWindowInDays=7)
        for value in (OLD, NEW):
            store.put_parameter(Name="/hub/acme/rotated", Value=value, Type="SecureString", Overwrite=True)
        store.label_parameter_version(Name="/hub/acme/rotated", ParameterVersion=1, Labels=["before"])
        yield


@pytest.fixture(params=["aws-sm", "aws-ssm"])
def kind(request):
    return request.param


def backend(kind, **settings):
    return build_backends({kind: settings})[kind]


def fields(stored):
    return {name: secret.reveal() for name, secret in stored.values.fields.items()}


def test_each_tenant_reads_its_own(kind):
    for tenant in ("acme", "globex"):
        stored = backend(kind).read(tenant, "gitlab", None)
        assert fields(stored) == {"token": f"not-a-real-secret-{tenant}"}
        assert abs(stored.rotated_at - datetime.now(UTC)) < timedelta(hours=1)
        assert stored.version


def test_bytes_are_read_as_text_or_base64():
    assert fields(backend("aws-sm").read("acme", "keystore", None)) == {"binary": "AP8="}
    assert fields(backend("aws-sm").read("acme", "text", None)) == {
        "username": "robot$x",
        "password": "not-a-real-password",
    }


def test_versions_are_ids_and_labels_and_the_one_before_is_known(kind):
    reads = backend(kind)
    current = reads.read("acme", "rotated", None)
    before = reads.previous("acme", "rotated", current.version)

    assert (fields(current), fields(before)) == ({"token": NEW}, {"token": OLD})
    assert fields(reads.read("acme", "rotated", before.version)) == {"token": OLD}
    label = {"aws-sm": "AWSPREVIOUS", "aws-ssm": "before"}[kind]
    assert fields(reads.read("acme", "rotated", label)) == {"token": OLD}


def test_events_signed_with_either_version_verify(kind):
    secrets = Secrets(Resolver(build_backends({kind: {}})))

    found = asyncio.run(secrets.webhook_credentials("acme", f"authref://{kind}/rotated"))

    assert [one.fields["webhook_secret"].reveal() for one in found] == [NEW, OLD]


@pytest.mark.parametrize(
    ("path", "version"), [("gone", None), ("leaving", None), ("gitlab", "7"), ("gitlab", "x" * 40)]
)
def test_what_is_not_there_is_not_found(kind, path, version):
    with pytest.raises(SecretNotFound) as missing:
        backend(kind).read("acme", path, version)
    assert missing.value.__context__ is None
    assert "hub/" not in str(missing.value) + missing.value.remedy


def test_another_prefix_and_region_are_other_places(kind):
    for settings in ({"prefix": "other/place"}, {"region": "us-east-1"}):
        with pytest.raises(SecretNotFound):
            backend(kind, **settings).read("acme", "gitlab", None)
    assert fields(backend(kind, region=REGION).read("acme", "gitlab", None)) == {"token": "not-a-real-secret-acme"}


def test_a_probe_tells_that_it_answers(kind, monkeypatch):
    assert backend(kind).probe().reachable
    assert backend(kind).probe().writable is None

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert not backend(kind).probe().reachable


def test_with_a_role_each_tenant_reads_under_its_own_tag(kind, moto, monkeypatch):
    with recording_proxy(moto) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        account = client("sts").get_caller_identity()["Account"]
        reads = backend(kind, role_arn=f"arn:aws:iam::{account}:role/hub-reads")
        for tenant in ("acme", "globex", "acme"):
            assert fields(reads.read(tenant, "gitlab", None)) == {"token": f"not-a-real-secret-{tenant}"}

    assumed = [body for body in proxy.bodies if b"AssumeRole" in body]
    assert [b"Tags.member.1.Key=tenant" in body for body in assumed] == [True, True]
    assert [b"Tags.member.1.Value=acme" in body for body in assumed] == [True, False]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("AccessDeniedException", SecretForbidden),
        ("DecryptionFailure", SecretForbidden),
        ("InvalidKeyId", SecretForbidden),
        ("ExpiredTokenException", BackendUnavailable),
        ("UnrecognizedClientException", BackendUnavailable),
        ("ThrottlingException", BackendUnavailable),
        ("InternalServiceError", BackendUnavailable),
    ],
)
def test_what_aws_refuses_is_told_apart(kind, moto, monkeypatch, code, error):
    word = code if error is BackendUnavailable else "refuses"
    with recording_proxy(moto) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        body = f'{{"__type": "{code}", "message": "arn:aws:secretsmanager:::not-a-real-secret-1"}}'
        proxy.instead = (400, {"Content-Type": "application/x-amz-json-1.1"}, body.encode())
        with pytest.raises(error, match=word) as failure:
            backend(kind).read("acme", "gitlab", None)

    assert "not-a-real" not in str(failure.value) + failure.value.remedy
    assert failure.value.__context__ is None


def test_without_keys_the_hub_is_the_one_who_is_refused(kind, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")

    with pytest.raises(BackendUnavailable, match="NoCredentials"):
        backend(kind).read("acme", "gitlab", None)


def test_a_service_that_hangs_is_away_and_does_not_hold_the_hub_up(kind, monkeypatch):
    ended = Event()

    class Hangs(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            ended.wait(30)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hangs)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
    try:
        with pytest.raises(BackendUnavailable):
            asyncio.run(Resolver(build_backends({kind: {}})).resolve("acme", AuthRef(kind, "gitlab"), host="h"))
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_hundred_who_ask_at_once_cost_one_read(kind, moto, monkeypatch):
    async def crowd(resolver):
        asked = (resolver.resolve("acme", AuthRef(kind, "gitlab"), host="h") for _ in range(100))
        return await asyncio.gather(*asked)

    with recording_proxy(moto) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        found = asyncio.run(crowd(Resolver(build_backends({kind: {}}))))

    assert {one.credential.fields["token"].reveal() for one in found} == {"not-a-real-secret-acme"}
    assert len(proxy.passed) == 1


def test_no_log_holds_what_boto3_received_even_where_all_is_logged(kind, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("botocore", "boto3", "urllib3"):
        logging.getLogger(name).setLevel(logging.NOTSET)

    backend(kind).read("acme", "gitlab", None)

    assert "not-a-real-secret-acme" not in caplog.text
