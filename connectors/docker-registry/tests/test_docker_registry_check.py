"""The connector against Debian's real registry server: open, with htpasswd, with a token service, by TLS."""

import logging
from contextlib import contextmanager

import pytest
import trustme

from integrations_hub.connector.contract import Credential, StepStatus
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret

from .asking import LOGIN, NOBODY, PASSWORD, PULL, USER, WRONG, check, pages, verdict
from .registry_server import HTPASSWD, push, running
from .token_service import TokenService


@pytest.fixture(autouse=True)
def _no_secret_in_logs(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    assert PASSWORD not in caplog.text


@pytest.fixture(scope="module")
def storage(tmp_path_factory):
    """Hold 131 repositories, of which `team/app` has three tags."""
    folder = tmp_path_factory.mktemp("registry") / "storage"
    with running(folder) as url:
        push(url, "team/app", ["1.0", "1.1", "latest"])
        for number in range(130):
            push(url, f"many/r{number:03}", mount_from="team/app")
    return folder


@pytest.fixture
def open_registry(storage):
    with running(storage) as url:
        yield url


@pytest.fixture
def htpasswd(storage, tmp_path):
    (tmp_path / "users").write_text(HTPASSWD)
    with running(
        storage, auth={"htpasswd": {"realm": 'the "registry", of tests', "path": str(tmp_path / "users")}}
    ) as url:
        yield url


@contextmanager
def with_tokens(storage, folder):
    grants = {USER: frozenset({PULL, "registry:catalog:*"}), "": frozenset()}
    with TokenService({USER: PASSWORD}, grants) as service, running(storage, auth=service.trust(folder)) as url:
        yield url, service


@pytest.fixture
def tokens(storage, tmp_path):
    with with_tokens(storage, tmp_path) as served:
        yield served


# --- a registry that asks for no login ---


def test_an_open_registry_is_healthy_without_a_secret(open_registry):
    result = check({"endpoint": open_registry, "repository": "team/app"}, NOBODY)

    assert result.reason is Reason.OK
    assert [step.name for step in result.steps] == ["connect", "product", "authenticate", "authorize"]
    assert all(step.status is StepStatus.PASSED and step.evidence for step in result.steps)


def test_a_secret_an_open_registry_does_not_look_at_is_said_to_be_unproved(open_registry):
    result = check({"endpoint": open_registry})

    assert result.reason is Reason.OK
    assert "nothing is proved" in result.steps[-1].evidence


def test_a_registry_below_a_path_is_asked_below_it(storage):
    with running(storage, prefix="/images/") as url:
        assert check({"endpoint": f"{url}/v2/", "repository": "team/app"}, NOBODY).reason is Reason.OK
        first, second = pages({"endpoint": url}, "repositories", NOBODY)

    assert (len(first), len(second)) == (100, 31)


def test_a_repository_the_registry_does_not_have_is_an_invalid_config(open_registry):
    result = check({"endpoint": open_registry, "repository": "team/absent"}, NOBODY)

    assert verdict(result) == (StepName.AUTHORIZE, Reason.INVALID_CONFIG)
    assert "NAME_UNKNOWN" in result.decisive.evidence


def test_every_page_of_repositories_is_listed_once(open_registry):
    first, second = pages({"endpoint": open_registry}, "repositories", NOBODY)

    names = [one.name for one in (*first, *second)]
    assert (len(first), len(second)) == (100, 31)
    assert len(set(names)) == 131
    assert {"team/app", "many/r000", "many/r129"} <= set(names)


def test_the_tags_of_the_configs_repository_are_listed(open_registry):
    (tags,) = pages({"endpoint": open_registry, "repository": "team/app"}, "tags", NOBODY)

    assert {(one.id, one.name) for one in tags} == {(f"team/app:{tag}", tag) for tag in ("1.0", "1.1", "latest")}


def test_without_a_repository_there_are_no_tags(open_registry):
    with pytest.raises(CheckFailed) as failed:
        pages({"endpoint": open_registry}, "tags", NOBODY)

    assert failed.value.reason is Reason.INVALID_CONFIG


# --- HTTP Basic ---


def test_a_login_by_basic_is_proved_and_pulls(htpasswd):
    result = check({"endpoint": htpasswd, "repository": "team/app"})

    assert result.reason is Reason.OK
    assert "knows the credential" in result.steps[-2].evidence
    assert len(pages({"endpoint": htpasswd}, "repositories")) == 2


def test_a_wrong_password_is_rejected(htpasswd):
    assert verdict(check({"endpoint": htpasswd}, WRONG)) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)


@pytest.mark.parametrize("repository", [{}, {"repository": "team/app"}])
def test_a_registry_that_wants_a_login_says_so_where_no_secret_is_named(htpasswd, repository):
    result = check({"endpoint": htpasswd, **repository}, NOBODY)

    assert verdict(result) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)
    assert "authRefUri" in result.decisive.remedy


@pytest.mark.parametrize(
    "fields", [{"token": Secret(PASSWORD)}, {"username": Secret(USER)}, {"private_key": Secret("x" * 9)}]
)
def test_a_secret_without_the_fields_it_takes_is_an_invalid_config(htpasswd, fields):
    assert verdict(check({"endpoint": htpasswd}, Credential(fields))) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)


# --- a token service ---


def test_a_login_by_token_is_proved_and_pulls(tokens):
    url, service = tokens

    result = check({"endpoint": url, "repository": "team/app"})

    assert result.reason is Reason.OK
    assert [one.get("scope") for one in service.asked] == [None, [PULL]]
    assert {one["service"][0] for one in service.asked} == {"registry of the tests"}
    assert all(login.startswith("Basic ") for login in service.logins)


def test_repositories_are_listed_by_a_token_for_the_list(tokens):
    url, service = tokens

    first, second = pages({"endpoint": url}, "repositories")

    assert (len(first), len(second)) == (100, 31)
    assert service.asked[-1]["scope"] == ["registry:catalog:*"]


def test_a_password_the_token_service_does_not_know_is_rejected(tokens):
    url, service = tokens

    assert verdict(check({"endpoint": url}, WRONG)) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert len(service.asked) == 1


def test_a_repository_the_credential_may_not_pull_lacks_permission(tokens):
    url, _ = tokens

    result = check({"endpoint": url, "repository": "many/r000"})

    assert verdict(result) == (StepName.AUTHORIZE, Reason.PERMISSION_MISSING)
    assert "UNAUTHORIZED" in result.decisive.evidence


def test_a_list_that_is_not_offered_to_the_credential_is_said_so(tokens):
    url, service = tokens
    service.grants[USER] = frozenset({PULL})

    with pytest.raises(CheckFailed) as failed:
        pages({"endpoint": url}, "repositories")

    assert failed.value.reason is Reason.PERMISSION_MISSING
    assert "Docker Hub" in failed.value.remedy


@pytest.mark.parametrize(
    ("granted", "reason"), [(frozenset({PULL}), Reason.OK), (frozenset(), Reason.PERMISSION_MISSING)]
)
def test_what_anybody_may_pull_takes_no_secret(tokens, granted, reason):
    url, service = tokens
    service.grants[""] = granted

    result = check({"endpoint": url, "repository": "team/app"}, NOBODY)

    assert result.reason is reason
    assert service.logins == [""]


def test_a_token_service_that_wants_a_login_says_so_where_no_secret_is_named(tokens):
    url, service = tokens
    del service.grants[""]

    assert verdict(check({"endpoint": url}, NOBODY)) == (StepName.AUTHENTICATE, Reason.INVALID_CONFIG)


def test_a_token_in_the_secret_is_sent_as_it_is_and_to_the_registry_alone(tokens):
    url, service = tokens
    token = service.token(USER, [PULL])

    result = check({"endpoint": url, "repository": "team/app"}, Credential({"token": Secret(token)}))

    assert result.reason is Reason.OK
    assert service.asked == []
    assert token not in repr(result)


def test_a_token_the_registry_does_not_accept_is_rejected(tokens):
    result = check({"endpoint": tokens[0]}, Credential({"token": Secret(PASSWORD)}))

    assert verdict(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)


def test_a_registry_that_does_not_trust_its_own_token_service_is_not_the_credentials_fault(tokens):
    url, service = tokens
    service.signer = trustme.CA()

    result = check({"endpoint": url})

    assert verdict(result) == (StepName.AUTHENTICATE, Reason.SERVER_ERROR)
    assert "certificate bundle" in result.decisive.remedy


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b'{"access_token":"not.a.jwt"}', Reason.SERVER_ERROR),
        (200, b"{}", Reason.WRONG_PRODUCT),
        (200, b'{"token":5}', Reason.WRONG_PRODUCT),
        (200, b'{"token":"two words"}', Reason.WRONG_PRODUCT),
        (200, b'{"token":"a\\r\\nX-Evil: 1"}', Reason.WRONG_PRODUCT),
        (200, b'{"token":"' + b"x" * 40_000 + b'"}', Reason.WRONG_PRODUCT),
        (200, b"<html>", Reason.WRONG_PRODUCT),
        (200, b"[]", Reason.WRONG_PRODUCT),
        (403, b'{"errors":[{"code":"DENIED"}]}', Reason.CREDENTIAL_REJECTED),
        (404, b"", Reason.WRONG_PRODUCT),
        (429, b"", Reason.RATE_LIMITED),
        (503, b"", Reason.SERVER_ERROR),
    ],
)
def test_whatever_the_token_service_answers_has_its_reason(tokens, status, body, reason):
    url, service = tokens
    service.answer = (status, body)

    assert check({"endpoint": url}).reason is reason


# --- where the credential may go ---


def test_a_token_service_elsewhere_gets_nothing_unless_the_secret_lists_it(storage, tmp_path):
    with with_tokens(storage, tmp_path) as (_, elsewhere):
        realm = elsewhere.url.replace("127.0.0.1", "localhost") + "/token/"
        with running(storage, auth=elsewhere.trust(tmp_path, realm)) as url:
            refused = check({"endpoint": url})
            assert elsewhere.asked == []
            listed = Credential(LOGIN.fields, (realm.split("/")[2], "127.0.0.1"))
            allowed = check({"endpoint": url, "repository": "team/app"}, listed)

    assert verdict(refused) == (StepName.AUTHENTICATE, Reason.WRONG_PRODUCT)
    assert "allowed_hosts" in refused.decisive.remedy
    assert "http://localhost" in refused.decisive.evidence
    assert allowed.reason is Reason.OK


# --- TLS ---


def test_a_private_authority_is_trusted_by_registry_and_token_service_when_the_config_holds_it(storage, tmp_path):
    authority = trustme.CA()
    tls = authority.issue_cert("127.0.0.1")
    config = {"repository": "team/app", "caBundle": authority.cert_pem.bytes().decode()}
    with (
        TokenService({USER: PASSWORD}, {USER: frozenset({PULL})}, tls=tls) as service,
        running(storage, auth=service.trust(tmp_path), tls=tls) as url,
    ):
        trusted, unknown = check({**config, "endpoint": url}), check({"endpoint": url})

    assert trusted.reason is Reason.OK
    assert [step.name for step in trusted.steps][:3] == ["connect", "tls", "product"]
    assert trusted.certificate_ends_at is not None
    assert verdict(unknown) == (StepName.TLS, Reason.TLS_ERROR)


def test_a_token_service_without_tls_gets_nothing_from_a_registry_with_it(storage, tmp_path):
    authority = trustme.CA()
    config = {"caBundle": authority.cert_pem.bytes().decode()}
    with (
        TokenService({USER: PASSWORD}, {USER: frozenset({PULL})}) as service,
        running(storage, auth=service.trust(tmp_path), tls=authority.issue_cert("127.0.0.1")) as url,
    ):
        result = check({**config, "endpoint": url}, Credential(LOGIN.fields, ("127.0.0.1",)))

    assert verdict(result) == (StepName.AUTHENTICATE, Reason.WRONG_PRODUCT)
    assert service.asked == []
