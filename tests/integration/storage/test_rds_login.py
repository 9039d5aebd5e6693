"""Logging in by IAM: the token is botocore's to the letter, by whatever keys the runtime gives."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from psycopg.conninfo import conninfo_to_dict

from integrations_hub.settings import AwsIdentitySettings, load
from integrations_hub.storage.rds_login import Keys, keys_of, login, token

HOST, REGION = "hub.proxy-abc.eu-central-1.rds.amazonaws.com", "eu-central-1"
KEYS = Keys("example-key", "example/secret+key", "session=/+token")


@pytest.mark.parametrize("session", ["session=/+token", None])
def test_the_token_is_the_one_botocore_makes(session: str | None) -> None:
    # Given
    client = boto3.client(
        "rds",
        region_name=REGION,
        aws_access_key_id=KEYS.access_key,
        aws_secret_access_key=KEYS.secret_key,
        aws_session_token=session,
    )
    # When
    theirs = client.generate_db_auth_token(HOST, 5432, "hub_api", REGION)
    moment = parse_qs(theirs)["X-Amz-Date"][0]
    now = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    # Then
    ours = token(f"{HOST}:5432", "hub_api", REGION, KEYS._replace(session_token=session), now)
    assert sorted(ours.split("&")) == sorted(theirs.split("&"))  # the signature is over the sorted query


def test_a_url_names_the_role_and_holds_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    for name, value in {
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEYS.access_key,
        "AWS_SECRET_ACCESS_KEY": KEYS.secret_key,
        "AWS_SESSION_TOKEN": str(KEYS.session_token),
    }.items():
        monkeypatch.setenv(name, value)
    # When
    url = f"postgresql+rds-iam://hub_api@{HOST}:5432/hub?sslmode=verify-full"
    dsn, password = login(url, lambda: load(AwsIdentitySettings))
    # Then
    assert conninfo_to_dict(dsn) == {
        "user": "hub_api",
        "host": HOST,
        "port": "5432",
        "dbname": "hub",
        "sslmode": "verify-full",
    }
    assert password is not None
    asked = parse_qs(urlsplit(f"https://{password()}").query)
    assert asked["DBUser"] == ["hub_api"]
    assert asked["X-Amz-Security-Token"] == [KEYS.session_token]
    assert asked["X-Amz-Credential"][0].startswith(f"{KEYS.access_key}/")


def test_a_url_of_libpq_stays_as_it_is() -> None:
    assert login("postgresql://hub_api:x@127.0.0.1/hub", lambda: load(AwsIdentitySettings)) == (
        "postgresql://hub_api:x@127.0.0.1/hub",
        None,
    )


@pytest.fixture
def runtime() -> Iterator[str]:
    """Answer as Lambda does after a start from a snapshot, where no keys are in the environment."""

    class Credentials(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = self.headers["Authorization"] == "example-authorization"
            self.send_response(200 if allowed else 403)
            self.end_headers()
            said = {"AccessKeyId": KEYS.access_key, "SecretAccessKey": KEYS.secret_key, "Token": KEYS.session_token}
            self.wfile.write(json.dumps(said if allowed else {}).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Credentials) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/credentials"
        server.shutdown()
        thread.join()


def test_after_a_snapshot_the_keys_are_asked_for(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", runtime)
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "example-authorization")
    assert keys_of(load(AwsIdentitySettings)) == KEYS
