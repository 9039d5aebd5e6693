"""Each way of logging in to Vault: on a real OpenBao, and AWS IAM, which OpenBao has not, on a fake that checks."""

from __future__ import annotations

import json
import ssl
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import jwt
import pytest
import trustme
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations_hub.credentials.errors import BackendUnavailable
from integrations_hub.credentials.vault import VaultBackend
from integrations_hub.credentials.vault_settings import VaultSettings
from tests.support.aws import aws_at
from tests.support.openbao import open_bao

CANARY = "not-a-real-secret-1"
KEYS = ("not-a-real-key-id", "not-a-real-key")


@pytest.fixture(scope="module")
def bao():
    with open_bao() as server:
        server.policy("hub", 'path "secret/data/tenants/*" { capabilities = ["read"] }')
        server.write("tenants/acme/gitlab", token=CANARY)
        yield server


def reads(url, **login):
    settings = VaultSettings.model_validate({"url": url, "login": login})
    stored = VaultBackend("vault", settings).read("acme", "gitlab", None)
    return stored.values.fields["token"].reveal() == CANARY


def _dated() -> dict[str, int]:
    now = int(time.time())
    return {"iat": now, "exp": now + 300}


# --- JWT


@pytest.fixture(scope="module")
def issuer(bao):
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    bao.call("POST", "sys/auth/jwt", {"type": "jwt"})
    bao.call("POST", "auth/jwt/config", {"jwt_validation_pubkeys": [public]})
    role = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"], "token_policies": ["hub"]}
    bao.call("POST", "auth/jwt/role/hub", role | {"token_ttl": "1h"})
    return lambda **claims: jwt.encode({"sub": "hub", "aud": "vault", **_dated(), **claims}, key, "RS256")


def test_a_workloads_jwt_is_read_from_its_file_at_each_login(bao, issuer, tmp_path):
    file = tmp_path / "jwt"
    file.write_text(issuer() + "\n")
    assert reads(bao.url, method="jwt", role="hub", jwt_file=str(file))

    for wrong in (issuer(aud="elsewhere"), issuer(exp=1), "no.jwt.at-all"):
        file.write_text(wrong)
        with pytest.raises(BackendUnavailable, match="login") as refusal:
            reads(bao.url, method="jwt", role="hub", jwt_file=str(file))
        assert wrong not in repr(refusal.value) + refusal.value.remedy


# --- Kubernetes


@contextmanager
def cluster(tokens: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Review service accounts' tokens as the API server does (TokenReview); give its address and authority."""
    authority = trustme.CA()

    class Reviewer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["spec"]
            account = tokens.get(asked["token"])
            status = {"authenticated": account is not None, "audiences": asked.get("audiences", [])}
            if account:
                status["user"] = {"username": f"system:serviceaccount:hub:{account}", "uid": "1", "groups": []}
            content = json.dumps(
                {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}
            ).encode()
            self.send_response(201)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Reviewer)
    server.daemon_threads = True
    server.socket = _tls(authority).wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}", authority.cert_pem.bytes().decode()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_pods_service_account_is_reviewed_by_its_cluster(bao, tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    payload = {"kubernetes.io": {"namespace": "hub", "serviceaccount": {"name": "hub", "uid": "1"}}}
    mine, stray = (
        jwt.encode({"iss": "k", "sub": name, **_dated(), **payload}, key, "RS256") for name in ("hub", "stray")
    )
    with cluster({mine: "hub"}) as (url, authority):
        bao.call("POST", "sys/auth/kubernetes", {"type": "kubernetes"})
        config = {"kubernetes_host": url, "kubernetes_ca_cert": authority, "disable_local_ca_jwt": True}
        bao.call("POST", "auth/kubernetes/config", config | {"token_reviewer_jwt": mine})
        bound = {"bound_service_account_names": ["hub"], "bound_service_account_namespaces": ["hub"]}
        bao.call("POST", "auth/kubernetes/role/hub", bound | {"token_policies": ["hub"], "token_ttl": "1h"})
        file = tmp_path / "token"
        file.write_text(mine)
        assert reads(bao.url, method="kubernetes", role="hub", jwt_file=str(file))

        file.write_text(stray)
        with pytest.raises(BackendUnavailable, match="login"):
            reads(bao.url, method="kubernetes", role="hub", jwt_file=str(file))


def test_a_secret_id_may_lie_in_a_file(bao, tmp_path):
    login = bao.app_role("filed", token_policies="hub")
    (tmp_path / "secret-id").write_text(login.pop("secret_id") + "\n")

    assert reads(bao.url, **login, secret_id_file=str(tmp_path / "secret-id"))


# --- AWS IAM


@contextmanager
def vault_that_asks_sts(host: str, region: str, server_id: str | None = None) -> Iterator[tuple[str, list[str]]]:
    """Be a Vault with AWS logins: whoever signed GetCallerIdentity for this STS with the known keys gets a token."""
    refused: list[str] = []

    def wrong(body: dict[str, str]) -> str:
        sent = {name: value[0] for name, value in json.loads(b64decode(body["iam_request_headers"])).items()}
        url, content = (b64decode(body[name]).decode() for name in ("iam_request_url", "iam_request_body"))
        if urlsplit(url).netloc != host or sent["Host"] != host:
            return "another host"
        if content != "Action=GetCallerIdentity&Version=2011-06-15" or body["iam_http_request_method"] != "POST":
            return "another question"
        if server_id and sent.get("X-Vault-AWS-IAM-Server-ID") != server_id:
            return "no server id"
        signed = {name: value for name, value in sent.items() if name not in {"Authorization", "X-Amz-Date"}}
        if _signature(url, content, signed, region, sent["X-Amz-Date"]) != sent["Authorization"]:
            return "another signature"
        return "" if body["role"] == "hub" else "another role"

    class Vault(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            refused.append(wrong(body) if self.path == "/v1/auth/cloud/aws/login" else "another mount")
            self._say(400, {"errors": [refused[-1]]}) if refused[-1] else self._say(
                200, {"auth": {"client_token": "not-a-real-token", "lease_duration": 60, "renewable": True}}
            )

        def do_GET(self) -> None:
            known = self.headers["X-Vault-Token"] == "not-a-real-token"
            found = {"data": {"data": {"token": CANARY}, "metadata": {"version": 1}}}
            self._say(200, found) if known else self._say(403, {"errors": []})

        def _say(self, status: int, document: object) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Vault)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", refused
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _signature(url: str, content: str, headers: dict[str, str], region: str, date: str) -> str:
    """Sign again, with the keys this side knows, at the moment the request names."""
    request = AWSRequest("POST", url, headers=headers, data=content)
    auth = SigV4Auth(Credentials(*KEYS, headers.get("X-Amz-Security-Token")), "sts", region)
    request.context["timestamp"] = date
    request.headers["X-Amz-Date"] = date
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    names = auth.signed_headers(auth.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={names}, Signature={signature}"


def _tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def keys():
    with aws_at("http://127.0.0.1:9"):  # the hub itself asks nothing of AWS
        yield


@pytest.mark.parametrize(
    ("region", "host"),
    [
        (None, "sts.amazonaws.com"),
        ("eu-central-1", "sts.eu-central-1.amazonaws.com"),
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_hubs_aws_role_signs_for_the_sts_it_is_told(keys, region, host):
    login = {"method": "aws", "role": "hub", "mount": "cloud/aws", "server_id": "vault.example"}
    with vault_that_asks_sts(host, region or "us-east-1", "vault.example") as (url, refused):
        assert reads(url, **login, **({"region": region} if region else {}))
    assert refused == [""]


def test_a_session_token_is_signed_too(keys, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "not-a-real-session")
    with vault_that_asks_sts("sts.amazonaws.com", "us-east-1") as (url, refused):
        assert reads(url, method="aws", role="hub", mount="cloud/aws")
    assert refused == [""]


def test_other_keys_regions_and_server_ids_are_refused(keys, monkeypatch):
    login = {"method": "aws", "role": "hub", "mount": "cloud/aws"}
    with vault_that_asks_sts("sts.amazonaws.com", "us-east-1", "vault.example") as (url, refused):
        for more in ({}, {"server_id": "evil.example"}, {"region": "eu-central-1", "server_id": "vault.example"}):
            with pytest.raises(BackendUnavailable, match="login"):
                reads(url, **login, **more)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-real-key-2")
        with pytest.raises(BackendUnavailable, match="login"):
            reads(url, **login, server_id="vault.example")
    assert refused == ["no server id", "no server id", "another host", "another signature"]


def test_without_aws_credentials_the_hub_says_so(keys, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with (
        vault_that_asks_sts("sts.amazonaws.com", "us-east-1") as (url, refused),
        pytest.raises(BackendUnavailable, match="no AWS credentials"),
    ):
        reads(url, method="aws", role="hub", mount="cloud/aws")
    assert refused == []
