"""The development platform's rules, over HTTP with the development Authority's tokens."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from jsonschema import Draft202012Validator

from devserver.behaviour import Behaviour, Quota
from tests.support.platform import HARBOR, RunningPlatform, running_platform
from tests.support.sign_in import Ide
from tests.support.stella_yaml import API

DOCUMENT = yaml.safe_load((API / "platform.openapi.yaml").read_text())
WAITING = "prm-0013"  # of alice, for prod, where two of alice, bob and dave decide; dave has approved
NEW, OLD, FAILING, DRAFT = "rel-checkout-2.4.1", "rel-checkout-2.3.0", "rel-payments-1.9.0", "rel-checkout-2.5.0"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running_platform(tmp_path) as running:
        yield running


def status_after(platform: RunningPlatform, seconds: float, promotion: Any) -> str:
    platform.now[0] += seconds
    return str(platform.get(f"/promotions/{promotion['id']}")["status"])


def code(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json()["error"]["code"]


def test_releases_are_listed_the_newest_first_with_the_integration_that_holds_them(platform: RunningPlatform) -> None:
    releases = platform.get("/releases")
    assert [one["version"] for one in releases] == ["2.5.0", "2.4.1", "1.9.0", "2.4.0", "2.3.0"]
    assert {part["registryIntegrationId"] for one in releases for part in one["components"]} == {HARBOR}
    assert platform.get(f"/releases/{NEW}") == releases[1]


@pytest.mark.parametrize("listing", ["releases", "environments", "promotions"])
def test_each_thing_has_a_page_for_a_browser_that_is_signed_in_nowhere(platform: RunningPlatform, listing: str) -> None:
    for thing in platform.get(f"/{listing}"):
        with urlopen(thing["webUrl"], timeout=5) as page:
            assert page.headers["Content-Type"].startswith("text/html")
            text = page.read().decode()
        assert thing["id"] in text
        assert "checkout 2" not in text
    with urlopen(f"{platform.url}/{listing}/%3Cscript%3E", timeout=5) as page:
        assert b"<script" not in page.read()


def test_environments_come_in_order_with_their_state_where_it_is_asked_for(platform: RunningPlatform) -> None:
    plain, full = platform.get("/environments"), platform.get("/environments?includeState=true")
    assert [one["name"] for one in plain] == ["dev", "stage", "prod", "recovery"]
    assert "currentRelease" not in plain[2]
    assert [one["currentRelease"] and one["currentRelease"]["version"] for one in full] == [
        "2.4.1",
        "2.4.1",
        "2.4.0",
        None,
    ]
    assert full[2]["approvers"] == ["alice", "bob", "dave"]
    assert [window["reason"] for window in full[2]["freezeWindows"]] == ["End of the quarter"]
    platform.now[0] += 40 * 86400
    assert platform.get("/environments?includeState=true")[2]["freezeWindows"] == []


def test_promotions_are_selected_by_status(platform: RunningPlatform) -> None:
    def of(statuses: str) -> set[str]:
        return {one["status"] for one in platform.get(f"/promotions?status={statuses}")}

    assert of("awaiting_approval,pending_approval") == {"awaiting_approval"}
    assert of("deploying,deployed,failed,rolled_back") == {"deployed", "failed", "rolled_back"}
    assert of("quarantined") == set()
    listed = platform.get("/promotions")
    assert listed[0]["id"] == WAITING
    assert sorted((one["requestedAt"] for one in listed), reverse=True) == [one["requestedAt"] for one in listed]


def test_a_promotion_moves_on_by_itself(platform: RunningPlatform) -> None:
    made = platform.promote(OLD, "env-dev")
    assert (made["status"], made["sourceEnvironmentName"], made["targetEnvironmentName"]) == ("pending", None, "dev")
    assert status_after(platform, 0.9, made) == "pending"
    assert status_after(platform, 0.1, made) == "approved"  # dev needs no approval
    assert status_after(platform, 2, made) == "deploying"
    assert status_after(platform, 6, made) == "deployed"
    assert platform.get("/environments?includeState=true")[0]["currentRelease"]["version"] == "2.3.0"


def test_who_looks_late_sees_each_status_at_its_time(platform: RunningPlatform) -> None:
    made = platform.promote(OLD, "env-dev")
    platform.now[0] += 3600
    shown = platform.get(f"/promotions/{made['id']}")
    assert (shown["status"], shown["statusChangedAt"]) == ("deployed", "2027-01-15T08:00:09.000Z")


def test_it_takes_two_others_and_each_once(platform: RunningPlatform) -> None:
    approve = f"/promotions/{WAITING}/approve"
    assert code(platform.call("POST", approve, by="alice")) == (403, "OWN_PROMOTION")
    assert code(platform.call("POST", approve, by="dave")) == (409, "ALREADY_DECIDED")
    assert code(platform.call("POST", approve, by="carol")) == (403, "NOT_AN_APPROVER")
    assert platform.get(f"/promotions/{WAITING}")["status"] == "awaiting_approval"
    answer = platform.call("POST", approve, {"comment": "Go."}, by="bob").json()["data"]
    assert (answer["status"], [one["by"] for one in answer["approvals"]]) == ("approved", ["dave", "bob"])
    assert answer["approvals"][1]["comment"] == "Go."
    assert code(platform.call("POST", approve, by="bob")) == (409, "ALREADY_DECIDED")
    assert status_after(platform, 8, answer) == "deployed"


def test_one_rejection_ends_it(platform: RunningPlatform) -> None:
    rejected = platform.call("POST", f"/promotions/{WAITING}/reject", {"reason": "Not on a Friday"}, by="bob")
    shown = rejected.json()["data"]
    assert (shown["status"], shown["rejection"]["by"]) == ("rejected", "bob")
    assert shown["rejection"]["comment"] == "Not on a Friday"
    assert status_after(platform, 3600, shown) == "rejected"
    for decision, body in (("approve", None), ("reject", {"reason": "Again"})):
        assert code(platform.call("POST", f"/promotions/{WAITING}/{decision}", body, by="alice"))[0] in {403, 409}
    assert platform.promote(NEW, "env-prod")["status"] == "pending"  # and can be asked for again


def test_a_freeze_window_is_waited_for(platform: RunningPlatform) -> None:
    platform.call("POST", f"/promotions/{WAITING}/approve", by="bob")
    platform.now[0] += 60
    made = platform.promote(NEW, "env-recovery")
    assert status_after(platform, 60, made) == "pending_gate"
    gate = platform.get(f"/promotions/{made['id']}")["gates"][0]
    assert (gate["name"], gate["reason"]) == ("freeze-window", "The disaster recovery rehearsal")
    assert status_after(platform, 14 * 86400, made) == "deployed"
    assert platform.get(f"/promotions/{made['id']}")["gates"] == []


def test_a_deployment_can_fail(platform: RunningPlatform) -> None:
    made = platform.promote(FAILING, "env-stage")
    platform.now[0] += 2
    platform.call("POST", f"/promotions/{made['id']}/approve", by="bob")
    assert status_after(platform, 60, made) == "failed"
    assert platform.get(f"/promotions/{made['id']}")["failureReason"]


@pytest.mark.parametrize(
    ("release", "environment", "refused"),
    [
        (DRAFT, "env-dev", (409, "RELEASE_NOT_FINALIZED")),
        (FAILING, "env-prod", (409, "NOT_IN_SOURCE")),
        (NEW, "env-prod", (409, "ALREADY_PROMOTING")),
        ("rel-none", "env-prod", (404, "RELEASE_NOT_FOUND")),
        (NEW, "env-none", (404, "ENVIRONMENT_NOT_FOUND")),
    ],
)
def test_what_cannot_be_promoted(
    platform: RunningPlatform, release: str, environment: str, refused: tuple[int, str]
) -> None:
    draft = {"releaseId": release, "targetEnvironmentId": environment}
    assert code(platform.call("POST", "/promotions", draft)) == refused


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"{half", 400, "line 1"),
        (b'{"releaseId":"a","releaseId":"b","targetEnvironmentId":"c"}', 400, "twice"),
        (b"[]", 422, "The body"),
        (b'{"releaseId":"a"}', 422, "targetEnvironmentId"),
        (b'{"releaseId":1,"targetEnvironmentId":"c"}', 422, "releaseId"),
        (b'{"releaseId":"a","targetEnvironmentId":"c","force":true}', 422, "force"),
        (b" " * 70_000, 413, ""),
    ],
)
def test_a_bad_body_is_told_what_to_change(platform: RunningPlatform, body: bytes, status: int, named: str) -> None:
    answer = platform.call("POST", "/promotions", body)
    assert answer.status == status
    assert named in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/promotions?status=", "/promotions?status=A", "/environments?includeState=maybe"])
def test_a_bad_query_is_told_what_to_change(platform: RunningPlatform, path: str) -> None:
    assert code(platform.call("GET", path)) == (422, "INVALID")


def test_each_tenant_has_its_own(platform: RunningPlatform) -> None:
    platform.promote(OLD, "env-dev")
    theirs = {"Authorization": "Bearer " + platform.token("bob", **{"stellaops:tenant": "zeta"})}
    assert len(platform.call("GET", "/promotions", **theirs).json()["data"]) == len(platform.get("/promotions")) - 1


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("release:read", "GET", "/releases"),
        ("release:read", "GET", f"/releases/{NEW}"),
        ("release:read", "GET", "/environments"),
        ("promotion:read", "GET", "/promotions"),
        ("promotion:read", "GET", f"/promotions/{WAITING}"),
        ("promotion:write", "POST", "/promotions"),
        ("promotion:approve", "POST", f"/promotions/{WAITING}/approve"),
        ("promotion:approve", "POST", f"/promotions/{WAITING}/reject"),
    ],
)
def test_each_call_needs_its_scope(platform: RunningPlatform, scope: str, method: str, path: str) -> None:
    every = {"release:read", "promotion:read", "promotion:write", "promotion:approve"}
    token = platform.token("bob", tuple(every - {scope}))
    answer = platform.call(method, path, Authorization=f"Bearer {token}")
    assert code(answer) == (403, "SCOPE_MISSING")
    assert scope in answer.json()["error"]["message"]


def part(document: object) -> str:
    return encoded(json.dumps(document).encode())


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(platform: RunningPlatform) -> str:
    """Take a good token's claims and say that no signature is needed."""
    return f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{platform.token().split('.')[1]}."


def signed_with_the_public_key(platform: RunningPlatform) -> str:
    """Use what everybody can read as the secret of an HMAC."""
    key = platform.authority.keys.current("RS256")
    public = key.private_key().public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'kid': key.kid})}.{platform.token().split('.')[1]}"
    return f"{signed}.{encoded(hmac.digest(pem, signed.encode(), 'sha256'))}"


FORGED = {
    "unsigned": unsigned,
    "HMAC with the public key": signed_with_the_public_key,
    "for the hub only": lambda platform: platform.token(aud="integrations-hub"),
    "of another issuer": lambda platform: platform.token(iss="http://127.0.0.1:1"),
    "expired": lambda platform: platform.token(ttl=-3600),
    "cut": lambda platform: platform.token()[:-8],
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(platform: RunningPlatform, forge: Any) -> None:
    answer = platform.call("GET", "/releases", Authorization=f"Bearer {forge(platform)}")
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_without_a_tenant_is_refused(platform: RunningPlatform) -> None:
    token = platform.token(**{"stellaops:tenant": None})
    assert code(platform.call("GET", "/releases", Authorization=f"Bearer {token}")) == (403, "TENANT_REQUIRED")


def test_a_person_who_signs_in_promotes_and_another_approves(platform: RunningPlatform) -> None:
    def signed_in(person: str) -> str:
        ide = Ide(platform.authority.issuer, platform.now)
        return "Bearer " + ide.signed_in(person=person)["access_token"]

    draft = {"releaseId": "rel-checkout-2.4.0", "targetEnvironmentId": "env-stage"}
    made = platform.call("POST", "/promotions", draft, Authorization=signed_in("bob")).json()["data"]
    assert made["requestedBy"] == "bob"
    platform.now[0] += 1
    approve = f"/promotions/{made['id']}/approve"
    assert code(platform.call("POST", approve, Authorization=signed_in("bob"))) == (403, "OWN_PROMOTION")
    assert code(platform.call("POST", approve, Authorization=signed_in("carol"))) == (403, "SCOPE_MISSING")
    assert platform.call("POST", approve, Authorization=signed_in("dave")).json()["data"]["status"] == "approved"


@pytest.mark.parametrize("path", ["/", "/nothing", "/promotions/prm-none", f"/releases/{NEW}/x", "/releases/%00"])
def test_what_is_not_there_is_404(platform: RunningPlatform, path: str) -> None:
    assert platform.call("GET", path).status == 404


def test_a_method_that_is_not_there_is_405(platform: RunningPlatform) -> None:
    answer = platform.call("DELETE", "/releases")
    assert (answer.status, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


SHAPES: dict[str, Any] = {
    "bare": lambda document: document,
    "data": lambda document: document["data"],
    "full": lambda document: document["data"] if document["success"] is True else None,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shapes_of_an_answer(tmp_path: Path, shape: Any) -> None:
    with running_platform(tmp_path, Behaviour(answers=shape)) as platform:
        listed = platform.call("GET", "/releases").json()
        assert len(SHAPES[shape](listed)) == 5
        assert SHAPES[shape](platform.call("GET", f"/releases/{NEW}").json())["id"] == NEW
        assert shape == "bare" or listed["meta"] == {"total": 5}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/releases", "ReleaseListAnswer"),
        (f"/releases/{NEW}", "ReleaseAnswer"),
        ("/environments?includeState=true", "EnvironmentListAnswer"),
        ("/promotions", "PromotionListAnswer"),
        (f"/promotions/{WAITING}", "PromotionAnswer"),
    ],
)
def test_every_shape_is_one_the_document_allows(tmp_path: Path, shape: Any, path: str, schema: str) -> None:
    with running_platform(tmp_path, Behaviour(answers=shape)) as platform:
        answer = platform.call("GET", path).json()
    validator = Draft202012Validator({**DOCUMENT, "$ref": f"#/components/schemas/{schema}"})
    assert list(validator.iter_errors(answer)) == []


@pytest.mark.parametrize("status", [404, 501])
def test_a_listing_that_is_not_offered(tmp_path: Path, status: Any) -> None:
    behaviour = Behaviour(not_offered=frozenset({"releases"}), not_offered_status=status)
    with running_platform(tmp_path, behaviour) as platform:
        assert code(platform.call("GET", "/releases")) == (status, "NOT_OFFERED")
        assert platform.call("GET", "/environments").status == 200
        assert platform.call("GET", f"/releases/{NEW}").status == 200


def test_errors_can_be_problems(tmp_path: Path) -> None:
    with running_platform(tmp_path, Behaviour(errors="problem")) as platform:
        trace = "0af7651916cd43dd8448eb211c80319c"
        answer = platform.call("GET", "/promotions/x", traceparent=f"00-{trace}-b7ad6b7169203331-01")
        assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
        assert (answer.json()["code"], answer.json()["traceId"]) == ("PROMOTION_NOT_FOUND", trace)


def test_a_quota(tmp_path: Path) -> None:
    with running_platform(tmp_path, Behaviour(quota=Quota(2))) as platform:
        answers = [platform.call("GET", "/releases") for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert 1 <= int(answers[2].headers["retry-after"]) <= 60


def test_half_an_answer(tmp_path: Path) -> None:
    with running_platform(tmp_path, Behaviour(half_written=True)) as platform:
        answer = platform.call("GET", "/releases")
        assert answer.status == 200
        with pytest.raises(json.JSONDecodeError):
            answer.json()
