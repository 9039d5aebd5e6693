"""That a rotation is noticed, by whichever process looks, and that nothing else is taken for one."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.credentials.authref import AuthRef
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.building import build_secrets
from integrations_hub.credentials.errors import BackendsInvalid
from integrations_hub.credentials.files import FileBackend
from integrations_hub.credentials.policy import DEPLOYMENT
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from integrations_hub.settings import CredentialSettings

KEY = "not-a-real-key-" * 3
KEY_REF = AuthRef.parse("authref://file/fingerprint-key")
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def root(tmp_path):
    for tenant in ("acme", "globex", DEPLOYMENT):
        (tmp_path / tenant).mkdir()
    (tmp_path / DEPLOYMENT / "fingerprint-key").write_text(KEY)
    store(tmp_path, "not-a-real-secret-1")
    return tmp_path


def store(root, value, tenant="acme", path="gitlab"):
    (root / tenant / path).write_text(json.dumps({"token": value}))


def facts(root, uri="authref://file/gitlab", tenant="acme", key_ref=KEY_REF):
    """Look as a process of its own would: with nothing kept."""
    backends = build_backends({"file": {"root": str(root)}}, development=True)
    return asyncio.run(Secrets(Resolver(backends), fingerprint_key=key_ref).facts(tenant, uri))


def test_every_process_comes_to_the_same_fingerprint_and_a_rotation_to_another(root):
    before, again = facts(root), facts(root)
    store(root, "not-a-real-secret-2")
    after = facts(root)

    assert before == again
    assert not again.replaces(before)
    assert after.replaces(before)
    assert (after.rotated_at, after.ends_at) == (None, None)


def test_a_fingerprint_is_of_one_reference_of_one_tenant_and_no_digest_of_the_value(root):
    value = "not-a-real-secret-1"
    store(root, value, tenant="globex")
    store(root, value, path="other")
    (root / "acme" / "text").write_text(value)
    found = [
        facts(root).revision,
        facts(root, tenant="globex").revision,
        facts(root, "authref://file/other").revision,
        facts(root, "authref://file/gitlab#token").revision,
        facts(root, "authref://file/text").revision,
    ]

    assert len(set(found)) == len(found)
    assert not any(sha256(value.encode()).hexdigest()[:16] in one or value in one for one in found)


def test_a_rotation_of_the_key_is_not_one_of_every_secret(root):
    before = facts(root)
    (root / DEPLOYMENT / "fingerprint-key").write_text(KEY[::-1])
    after = facts(root)

    assert after.revision != before.revision
    assert not after.replaces(before)


@pytest.mark.parametrize("content", [None, "too-short", "{}", '{"one": "not-a-real-key", "two": "not-a-real-key"}'])
def test_without_a_fit_key_nothing_is_noticed_and_nothing_fails(root, content, caplog):
    file = root / DEPLOYMENT / "fingerprint-key"
    file.write_text(content) if content else file.unlink()

    found = facts(root)

    assert found == CredentialFacts()
    assert not found.replaces(CredentialFacts(revision="h0123:4567"))
    assert "no fingerprints" in caplog.text
    assert facts(root, key_ref=None) == CredentialFacts()


def test_a_keyed_value_and_bytes_may_be_the_key(root):
    (root / DEPLOYMENT / "keys").write_text(json.dumps({"fingerprints": KEY}))
    (root / DEPLOYMENT / "binary").write_bytes(bytes(range(128, 160)))

    for uri in ("authref://file/keys#fingerprints", "authref://file/binary"):
        assert facts(root, key_ref=AuthRef.parse(uri)).revision.startswith("h")


@pytest.mark.parametrize(
    ("ref", "word"), [("not-a-real-secret-1", "authref://"), ("authref://vault/key", "known are: env")]
)
def test_a_wrong_reference_to_the_key_is_named_and_never_shown(ref, word):
    with pytest.raises(BackendsInvalid, match=f"^FINGERPRINT_KEY_REF: .*{word}") as refusal:
        build_secrets(
            CredentialSettings(SECRET_BACKENDS='{"env": {}}', DEVELOPMENT_SECRETS=True, FINGERPRINT_KEY_REF=ref), {}
        )
    assert "not-a-real" not in str(refusal.value)


def test_the_deployments_own_secrets_are_no_tenants(root):
    """A token's tenant begins with a letter or digit; what looks like the deployment's name is refused as any other."""
    backend = FileBackend("file", root)
    for tenant in ("_HUB", "_hub/", "__hub", "_hubs", "_hub\n", "acme/../_hub"):
        with pytest.raises(Exception, match="tenant's name cannot be used here"):
            backend.read(tenant, "fingerprint-key", None)


def test_a_secret_that_cannot_be_had_has_no_facts(root):
    for uri in ("authref://file/gone", "no reference"):
        with pytest.raises(CheckFailed):
            facts(root, uri)


@pytest.mark.parametrize(
    ("later", "earlier", "rotated"),
    [
        (CredentialFacts("v:2"), CredentialFacts("v:1"), True),
        (CredentialFacts("v:2"), CredentialFacts("v:2"), False),
        (CredentialFacts("v:1"), CredentialFacts("v:2"), True),
        (CredentialFacts("v:2"), CredentialFacts("h0123:1"), False),
        (CredentialFacts("h0123:2"), CredentialFacts("h0123:1"), True),
        (CredentialFacts("h4567:2"), CredentialFacts("h0123:1"), False),
        (CredentialFacts("v:2"), CredentialFacts(), False),
        (CredentialFacts(), CredentialFacts("v:2"), False),
        (CredentialFacts(), CredentialFacts(), False),
        (CredentialFacts("v:1", NOW), CredentialFacts("v:1", NOW - DAY), True),  # made anew, from version 1
        (CredentialFacts("v:1", NOW), CredentialFacts("v:1", NOW), False),
        (CredentialFacts("v:1", NOW), CredentialFacts("v:1"), False),
        (CredentialFacts("v:1", NOW, NOW + DAY), CredentialFacts("v:1", NOW, NOW), False),
    ],
)
def test_what_is_a_rotation(later, earlier, rotated):
    assert later.replaces(earlier) is rotated
    assert not replace(later).replaces(later)
