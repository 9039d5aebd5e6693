"""Registries and token services that mean harm, or are merely different from Distribution's own."""

import logging

import pytest

from integrations_hub.connector.contract import Credential
from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret

from .asking import LOGIN, NOBODY, PASSWORD, check, pages, verdict
from .odd_registry import OddAnswer, OddRegistry

UNAUTHORIZED = {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}
TOKEN = "a-token-of-the-service-canary-2"
BEARER = f"Bearer {TOKEN}"


def asking(challenge):
    return OddAnswer(401, UNAUTHORIZED, {"WWW-Authenticate": challenge})


def tokens_at(realm, **served):
    """Return a registry with its token service at a realm of its own address, and further paths."""

    def respond(request):
        if request.path in {"/token", "/token/"}:
            return served.get("token", OddAnswer(200, {"token": TOKEN}))
        if request.authorization != BEARER:
            return asking(f'Bearer realm="{realm.format(url=registry.url)}",service="odd"')
        return served.get(request.path.removeprefix("/v2/"), OddAnswer())

    registry = OddRegistry(respond)
    return registry


PULLED = {"team/app/tags/list": OddAnswer(200, {"name": "team/app", "tags": ["1.0"]})}
APP = {"repository": "team/app"}


@pytest.fixture(autouse=True)
def _no_secret_in_logs(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    assert PASSWORD not in caplog.text


# --- realms ---


@pytest.mark.parametrize(
    "realm",
    [
        "http://169.254.169.254/token",
        "http://metadata.google.internal/token",
        "http://127.0.0.2/token",
        "http://localhost/token",
        "http://evil.example\\@127.0.0.1/token",
        "http://127.0.0.1@evil.example/token",
        "http://user:pass@127.0.0.1/token",
        "http://127.0.0.1.evil.example/token",
        "http://127.1/token",
        "http://2130706433/token",
        "http://127.0.0.1:99999/token",
        "file:///etc/passwd",
        "gopher://127.0.0.1/token",
        "token",
        "/token",
        "",
    ],
)
def test_a_realm_elsewhere_gets_nothing(realm):
    with tokens_at(realm) as registry:
        result = check({"endpoint": registry.url})

    assert verdict(result) == (StepName.AUTHENTICATE, Reason.WRONG_PRODUCT)
    assert result.decisive.remedy
    assert "pass@" not in repr(result)
    assert [request.authorization for request in registry.seen] == [""]


def test_no_setting_and_no_secret_opens_a_metadata_service():
    listed = Credential(LOGIN.fields, ("127.0.0.1", "169.254.169.254"))
    policy = EgressPolicy(parse_allow_list("0.0.0.0/0"))
    with tokens_at("http://169.254.169.254/token") as registry:
        result = check({"endpoint": registry.url}, listed, policy)

    assert verdict(result) == (StepName.CONNECT, Reason.EGRESS_DENIED)


@pytest.mark.parametrize("realm", ["{url}/token", "{url}/token/", "{url}/token?tenant=x"])
def test_a_realm_is_asked_as_it_stands(realm):
    with tokens_at(realm) as registry:
        result = check({"endpoint": registry.url})

    asked = next(request for request in registry.seen if "token" in request.path)
    assert result.reason is Reason.OK
    assert asked.path == ("/token/" if realm.endswith("/") else "/token")
    assert asked.query == ("tenant=x&service=odd" if "?" in realm else "service=odd")


def test_a_token_service_that_is_down_is_told_from_the_registry():
    with OddRegistry(lambda _request: OddAnswer()) as closed:
        pass
    with tokens_at(f"{closed.url}/token") as registry:
        result = check({"endpoint": registry.url})

    assert verdict(result) == (StepName.CONNECT, Reason.CONNECT_ERROR)


def test_the_scope_of_a_challenge_is_not_believed():
    with tokens_at('{url}/token",scope="repository:other:push,delete') as registry:
        check({"endpoint": registry.url, **APP})

    assert not any("other" in request.query for request in registry.seen)


def test_a_header_field_smuggled_into_a_challenge_is_none():
    split = 'Bearer realm="http://127.0.0.1/\r\nX-Evil: 1'
    with OddRegistry(lambda _request: asking(split)) as registry:
        result = check({"endpoint": registry.url})

    assert verdict(result)[1] is Reason.WRONG_PRODUCT
    assert len(registry.seen) == 1


@pytest.mark.parametrize("size", [7_000, 100_000])
def test_a_huge_challenge_ends_the_check(size):
    with OddRegistry(lambda _request: asking('Basic realm="' + "x" * size)) as registry:
        result = check({"endpoint": registry.url})

    assert result.failed
    assert len(registry.seen) <= 2


def test_a_registry_that_asks_for_a_login_for_ever_is_given_it_once():
    with OddRegistry(lambda _request: asking('Basic realm="x"')) as registry:
        result = check({"endpoint": registry.url, **APP})

    assert verdict(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert len(registry.seen) == 2


# --- what comes back ---


def test_a_token_service_that_redirects_away_is_not_followed():
    with OddRegistry(lambda _request: OddAnswer(200, {"token": TOKEN})) as trap:
        away = OddAnswer(307, b"", {"Location": trap.url.replace("127.0.0.1", "localhost") + "/token"})
        with tokens_at("{url}/token", token=away) as registry:
            result = check({"endpoint": registry.url})

    assert verdict(result) == (StepName.AUTHENTICATE, Reason.WRONG_PRODUCT)
    assert trap.seen == []


def test_a_registry_that_redirects_a_login_away_is_not_followed():
    with OddRegistry(lambda _request: OddAnswer()) as trap:
        away = OddAnswer(307, b"", {"Location": f"{trap.url}/v2/"})
        with tokens_at("{url}/token", **{"": away}) as registry:
            result = check({"endpoint": registry.url})

    assert verdict(result) == (StepName.AUTHENTICATE, Reason.WRONG_PRODUCT)
    assert trap.seen == []


def test_neither_password_nor_token_is_shown_when_they_are_sent_back():
    def echo(request):
        if request.path == "/token":
            return OddAnswer(200, {"token": TOKEN})
        if request.authorization:
            back = {
                "errors": [{"code": request.authorization, "message": f"{request.authorization} {TOKEN} {PASSWORD}"}]
            }
            return OddAnswer(400, back)
        return asking(f'Bearer realm="{registry.url}/token"')

    with OddRegistry(echo) as registry:
        result = check({"endpoint": registry.url})

    assert result.failed
    assert TOKEN not in repr(result)
    assert "***" in result.decisive.evidence


def test_a_token_is_asked_for_once_per_scope_and_kept_for_one_call():
    with tokens_at("{url}/token", **PULLED) as registry:
        for _ in range(2):
            assert check({"endpoint": registry.url, **APP}).reason is Reason.OK

    assert [request.path for request in registry.seen] == [
        "/v2/",
        "/token",
        "/v2/",
        "/token",
        "/v2/team/app/tags/list",
        "/v2/team/app/manifests/1.0",
    ] * 2
    assert registry.seen[-1].method == "HEAD"


# --- registries that differ ---


@pytest.mark.parametrize("scheme", ["Basic", "Bearer"])
def test_a_registry_open_but_for_one_repository_is_answered_there(scheme):
    def respond(request):
        if request.path == "/token":
            return OddAnswer(200, {"token": TOKEN})
        if request.path == "/v2/" or request.authorization.startswith(scheme):
            return PULLED.get(request.path.removeprefix("/v2/"), OddAnswer())
        return asking(f'{scheme} realm="{registry.url}/token"')

    with OddRegistry(respond) as registry:
        assert check({"endpoint": registry.url, **APP}).reason is Reason.OK


def test_a_repository_without_tags_may_be_pulled_too():
    with tokens_at("{url}/token", **{"team/app/tags/list": OddAnswer(200, {"tags": []})}) as registry:
        result = check({"endpoint": registry.url, **APP})

    assert result.reason is Reason.OK
    assert "no tag" in result.steps[-1].evidence


@pytest.mark.parametrize(
    ("status", "step", "reason"),
    [
        (401, StepName.AUTHORIZE, Reason.PERMISSION_MISSING),
        (403, StepName.AUTHORIZE, Reason.PERMISSION_MISSING),
        (429, StepName.QUOTA, Reason.RATE_LIMITED),
        (500, StepName.AUTHORIZE, Reason.SERVER_ERROR),
    ],
)
def test_a_manifest_that_may_not_be_had_is_no_pull(status, step, reason):
    scoped = {"WWW-Authenticate": 'Bearer realm="x",scope="repository:team/app:pull",error="insufficient_scope"'}
    refused = {"team/app/manifests/1.0": OddAnswer(status, b"", scoped if status == 401 else {})}
    with tokens_at("{url}/token", **PULLED, **refused) as registry:
        assert verdict(check({"endpoint": registry.url, **APP})) == (step, reason)


def test_a_tag_deleted_meanwhile_is_no_fault():
    with tokens_at("{url}/token", **PULLED, **{"team/app/manifests/1.0": OddAnswer(404, b"")}) as registry:
        assert check({"endpoint": registry.url, **APP}).reason is Reason.OK


@pytest.mark.parametrize(("remaining", "reason"), [("76;w=21600", Reason.OK), ("3;w=21600", Reason.QUOTA_LOW)])
def test_the_pulls_docker_hub_has_left_are_told(remaining, reason):
    manifest = OddAnswer(200, b"", {"ratelimit-limit": "100;w=21600", "ratelimit-remaining": remaining})
    with tokens_at("{url}/token", **PULLED, **{"team/app/manifests/1.0": manifest}) as registry:
        result = check({"endpoint": registry.url, **APP})

    assert result.steps[-1].name is StepName.QUOTA
    assert result.reason is reason
    assert not result.failed
    assert remaining.partition(";")[0] in result.steps[-1].evidence


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"{}"])
def test_another_product_gets_no_credential(body):
    with OddRegistry(lambda _request: OddAnswer(401, body, {"WWW-Authenticate": "Basic realm=x"})) as site:
        result = check({"endpoint": site.url})

    assert verdict(result) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)
    assert [request.authorization for request in site.seen] == [""]


def test_a_static_token_meets_a_challenge_that_names_no_token_service():
    def respond(request):
        return OddAnswer() if request.authorization == BEARER else asking("Bearer")

    with OddRegistry(respond) as registry:
        assert check({"endpoint": registry.url}, Credential({"token": Secret(TOKEN)})).reason is Reason.OK


# --- lists ---


def test_a_next_page_elsewhere_is_not_asked_for():
    link = {"Link": '<https://evil.example/v2/_catalog?last=b>; rel="next"'}
    listed = OddAnswer(200, {"repositories": ["a", "b"]}, link)
    with tokens_at("{url}/token", _catalog=listed) as registry, pytest.raises(CheckFailed) as failed:
        pages({"endpoint": registry.url}, "repositories")

    assert failed.value.reason is Reason.WRONG_PRODUCT
    assert "evil" not in failed.value.evidence


def test_tags_are_paged_as_well():
    def respond(request):
        if request.query == "n=100":
            link = {"Link": '</v2/team/app/tags/list?last=1.0&n=100>; rel="next"'}
            return OddAnswer(200, {"tags": ["0.9", "1.0"]}, link)
        return OddAnswer(200, {"tags": ["1.1"]} if request.query else {})

    with OddRegistry(respond) as registry:
        found = pages({"endpoint": registry.url, **APP}, "tags", NOBODY)

    assert [[one.name for one in page] for page in found] == [["0.9", "1.0"], ["1.1"]]
    assert registry.seen[-1].query == "n=100&last=1.0"
