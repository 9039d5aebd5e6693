"""Which secrets may have signed an event: the current one first, and its predecessor while the current one is young."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from tests.support.openbao import ROOT_TOKEN, open_bao
from tests.support.recording_proxy import recording_proxy

OLD, NEW = "not-a-real-secret-old", "not-a-real-secret-new"
DAY = 86_400


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture(scope="module")
def bao():
    with open_bao() as server:
        yield server


@pytest.fixture
def proxy(bao):
    with recording_proxy(bao.url) as between:
        yield between


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def secrets(proxy, clock, tmp_path):
    (tmp_path / "acme").mkdir()
    settings = {
        "vault": {"url": proxy.url, "login": {"method": "token", "token": ROOT_TOKEN}},
        "file": {"root": str(tmp_path)},
    }
    return Secrets(Resolver(build_backends(settings, development=True), clock=clock), clock=clock)


def signers(secrets, path, target=None):
    found = asyncio.run(secrets.webhook_credentials("acme", f"authref://{path}", target))
    return [one.fields["webhook_secret"].reveal() for one in found]


def rotated(bao, path, **fields):
    bao.write(f"tenants/acme/{path}", **{name: value[0] for name, value in fields.items()})
    bao.write(f"tenants/acme/{path}", **{name: value[1] for name, value in fields.items()})


def test_the_version_before_counts_for_a_day(bao, secrets, clock):
    rotated(bao, "hook", webhook_secret=(OLD, NEW))

    assert signers(secrets, "vault/hook") == [NEW, OLD]
    clock.ahead = DAY - 60
    assert signers(secrets, "vault/hook") == [NEW, OLD]
    clock.ahead = DAY + 60
    assert signers(secrets, "vault/hook") == [NEW]


@pytest.mark.parametrize(
    ("path", "field"), [("vault/f1#hook", "hook"), ("vault/f2", "token"), ("vault/f3#token", "token")]
)
def test_the_secret_is_found_under_its_key_and_as_a_plain_text(bao, secrets, path, field):
    rotated(bao, path[6:8], **{field: (OLD, NEW)})

    assert signers(secrets, path) == [NEW, OLD]


def test_a_first_version_has_no_predecessor_and_a_pinned_one_wants_none(bao, secrets):
    bao.write("tenants/acme/first", webhook_secret=NEW)
    rotated(bao, "pinned", webhook_secret=(OLD, NEW))

    assert signers(secrets, "vault/first") == [NEW]
    assert signers(secrets, "vault/pinned?version=2") == [NEW]


def test_a_predecessor_that_was_deleted_signs_no_more(bao, secrets):
    rotated(bao, "leaked", webhook_secret=(OLD, NEW))
    bao.call("POST", "secret/delete/tenants/acme/leaked", {"versions": [1]})

    assert signers(secrets, "vault/leaked") == [NEW]


def test_a_version_that_changed_another_field_is_told_once(bao, secrets):
    rotated(bao, "same", webhook_secret=(NEW, NEW))

    assert signers(secrets, "vault/same") == [NEW]


@pytest.mark.parametrize(("path", "key"), [("file/hook", "webhook_secret"), ("file/hook#mine", "mine")])
def test_a_backend_without_versions_names_the_predecessor_in_the_secret(secrets, tmp_path, path, key):
    (tmp_path / "acme" / "hook").write_text(json.dumps({key: NEW, f"previous_{key}": OLD}))

    assert signers(secrets, path) == [NEW, OLD]


def test_a_secret_that_may_go_nowhere_still_verifies_what_came_in(bao, secrets):
    bao.write("tenants/acme/bound", webhook_secret=NEW, allowed_hosts=["gitlab.example"])

    assert signers(secrets, "vault/bound") == [NEW]
    assert signers(secrets, "vault/bound", "gitlab.example:443") == [NEW]
    with pytest.raises(CheckFailed):
        signers(secrets, "vault/bound", "evil.example:443")


def test_without_the_current_secret_there_is_none(secrets):
    with pytest.raises(CheckFailed, match="no such secret"):
        signers(secrets, "vault/gone")


def test_a_hundred_events_at_once_cost_one_read_of_each_version(bao, proxy, secrets):
    rotated(bao, "storm", webhook_secret=(OLD, NEW))

    async def storm():
        return await asyncio.gather(*(secrets.webhook_credentials("acme", "authref://vault/storm") for _ in range(100)))

    assert {len(found) for found in asyncio.run(storm())} == {2}
    assert proxy.count("tenants/acme/storm") == 2


def test_a_secret_rotated_a_moment_ago_is_read_again_once_a_minute(bao, secrets, clock):
    rotated(bao, "fresh", webhook_secret=("not-a-real-secret-older", OLD))
    assert signers(secrets, "vault/fresh")[0] == OLD
    bao.write("tenants/acme/fresh", webhook_secret=NEW)
    assert signers(secrets, "vault/fresh")[0] == OLD

    again = asyncio.run(secrets.reread_webhook_credentials("acme", "authref://vault/fresh"))

    assert [one.fields["webhook_secret"].reveal() for one in again] == [NEW, OLD]
    bao.write("tenants/acme/fresh", webhook_secret="not-a-real-secret-newer")
    kept = asyncio.run(secrets.reread_webhook_credentials("acme", "authref://vault/fresh"))
    assert kept == again
    clock.ahead = 60
    assert asyncio.run(secrets.reread_webhook_credentials("acme", "authref://vault/fresh")) != again
