"""A delivery is believed when its signature proves it, and before anything of it is read."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from gidgethub import ValidationFailure
from gidgethub.sansio import Event

from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import Delivery, EventRejected, ReceivedEvent
from integrations_hub.connector.redaction import Secret
from integrations_hub_github import GitHubConnector
from tests.support.node_tools import node_modules

SECRET = "It's a Secret to Everybody"
OFFICIAL = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


def sign(body, secret=SECRET):
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def verify(body, secret=SECRET, **fields):
    given = {"X-Hub-Signature-256": sign(body), "X-GitHub-Event": "push", "X-GitHub-Delivery": GUID} | {
        name.replace("_", "-"): value for name, value in fields.items()
    }
    headers = Headers((name, value) for name, value in given.items() if value is not None)
    config = GitHubConnector().validate_config({"endpoint": "github.com", "appId": 7, "installationId": 70})
    return GitHubConnector().verify_event(config, Delivery(headers, body, datetime.now(UTC)), Secret(secret))


def test_githubs_own_example_of_a_signature_is_proven():
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    assert verify(b"Hello, World!", X_Hub_Signature_256=OFFICIAL) == ReceivedEvent("push", GUID, None)


def test_a_delivery_says_what_it_is_and_what_it_is_about():
    body = json.dumps({"repository": {"full_name": "octocorp/hub"}}).encode()

    assert verify(body, X_GitHub_Event="pull_request") == ReceivedEvent("pull_request", GUID, "octocorp/hub")
    assert verify(b'{"zen": "Keep it logically awesome."}', X_GitHub_Event="ping").kind == "ping"


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        OFFICIAL.removeprefix("sha256="),
        OFFICIAL.upper(),
        OFFICIAL[:-1],
        f"{OFFICIAL}0",
        f" {OFFICIAL}",
        f"{OFFICIAL}, {OFFICIAL}",
        OFFICIAL.replace("sha256", "sha1"),
        "sha256=\u0660" + OFFICIAL[8:],
        "sha256=\udcff" + OFFICIAL[8:],
        sign(b"Hello, World!", "another"),
        sign(b"Hello, World?"),
    ],
)
def test_a_signature_that_proves_nothing_is_rejected(signature):
    with pytest.raises(EventRejected) as rejected:
        verify(b"Hello, World!", X_Hub_Signature_256=signature)
    assert SECRET not in str(rejected.value)


def test_an_old_signature_alone_proves_nothing():
    old = f"sha1={hmac.new(SECRET.encode(), b'{}', hashlib.sha1).hexdigest()}"

    with pytest.raises(EventRejected, match="X-Hub-Signature-256"):
        verify(b"{}", X_Hub_Signature_256=None, X_Hub_Signature=old)


@pytest.mark.parametrize("body", [b"{}", b'{ "a": 1}', b'{"a":1}\n', b"\xef\xbb\xbf{}", b"\x00"])
def test_the_signature_is_over_the_very_bytes(body):
    assert verify(body).kind == "push"
    with pytest.raises(EventRejected):
        verify(body + b" ", X_Hub_Signature_256=sign(body))


def test_an_empty_secret_proves_nothing():
    with pytest.raises(EventRejected):
        verify(b"{}", "", X_Hub_Signature_256=sign(b"{}", ""))


@pytest.mark.parametrize("kind", [None, "", "Push", "push, push", "../x", "a" * 65, "2push", "push\u202e"])
def test_a_proven_delivery_of_no_event_is_rejected(kind):
    with pytest.raises(EventRejected, match="names no event"):
        verify(b"{}", X_GitHub_Event=kind)


@pytest.mark.parametrize("name", [None, "", "a b", f"{GUID}, {GUID}", "x" * 65])
def test_a_delivery_without_a_readable_name_has_none(name):
    assert verify(b"{}", X_GitHub_Delivery=name).delivery_id is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b"[]",
        b'"octocorp/hub"',
        b'{"repository": null}',
        b'{"repository": {"full_name": 5}}',
        b'{"repository": {"full_name": "<script>"}}',
        b"[" * 100_000,
        b'{"repository": {"full_name": "octocorp/hub"',
    ],
)
def test_a_body_that_names_no_repository_is_about_none(body):
    assert verify(body).resource is None


# --- what others say ---


def test_gidgethub_believes_what_is_believed_here():
    body = b'{"repository": {"full_name": "octocorp/hub"}}'
    fields = {"content-type": "application/json", "x-github-event": "push", "x-github-delivery": GUID}
    theirs = Event.from_http({**fields, "x-hub-signature-256": sign(body)}, body, secret=SECRET)

    assert verify(body) == ReceivedEvent(theirs.event, theirs.delivery_id, theirs.data["repository"]["full_name"])
    with pytest.raises(ValidationFailure):
        Event.from_http({**fields, "x-hub-signature-256": sign(b"{}")}, body, secret=SECRET)


def test_every_event_of_githubs_own_examples_is_read():
    published = node_modules("prism") / "@octokit" / "webhooks-examples" / "api.github.com" / "index.json"
    families = json.loads(published.read_text())
    repositories = 0
    for family in families:
        for example in family["examples"]:
            body = json.dumps(example).encode()
            event = verify(body, X_Hub_Signature_256=sign(body), X_GitHub_Event=family["name"])
            name = (example.get("repository") or {}).get("full_name")
            assert (event.kind, event.delivery_id, event.resource) == (family["name"], GUID, name)
            repositories += name is not None
    assert len(families) > 50
    assert repositories > 100


def test_an_event_of_another_installation_is_foreign_and_one_of_this_is_not():
    ours, theirs = (f'{{"installation": {{"id": {number}}}}}'.encode() for number in (70, 1))
    assert not verify(ours).foreign
    assert verify(theirs).foreign
