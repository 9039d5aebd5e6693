"""What an installation reaches, page by page, from a simulated GitHub over real HTTP and from answers as data."""

import json

import pytest

from integrations_hub.connector.answer import Answer, Headers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.links import has_next
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.resources import Resource
from integrations_hub_github.repositories import decode_page, page_number

from .github_hub import everything, simulated, watched
from .simulated_github import Repository, SimulatedGitHub, error

ROOT = "https://ghes.example/api/v3"
MINT = "POST app/installations/70/access_tokens"
LIST = "installation/repositories"


@pytest.fixture(params=["cloud", "server"])
def github(request):
    with simulated(server=request.param == "server") as running:
        yield running


@pytest.fixture
def hub(github, caplog):
    with watched(github, caplog) as one:
        yield one


def fail(hub, cursor=None):
    with pytest.raises(CheckFailed) as failed:
        hub.discover(cursor)
    return failed.value


def test_repositories_are_told_by_name_number_and_page(hub):
    page = hub.discover()

    assert page.items[0] == Resource("1", "octocorp/service-1", "https://github.example/octocorp/service-1")
    assert len(page.items) == 3
    assert page.next_cursor is None


def test_a_long_list_comes_page_by_page_whole_and_once(github, hub):
    github.repositories[:] = [Repository(number, f"octocorp/r{number}") for number in range(125)]
    github.repositories.append(Repository(999, "globex/not-ours"))

    pages = everything(hub)

    assert [len(page.items) for page in pages] == [50, 50, 25]
    assert [page.next_cursor for page in pages] == ["2", "3", None]
    assert [item.id for page in pages for item in page.items] == [str(number) for number in range(125)]
    assert github.requests == [MINT, *[f"GET {LIST}"] * 3]  # one token for all pages, and no more rights than these:
    assert [token.permissions for token in github.authority.tokens.values()] == [{"metadata": "read"}]


def test_repositories_with_the_longest_names_and_descriptions_there_are_can_be_listed(github, hub):
    owner = github.installations[0].account = "o" * 39
    named = [f"{owner}/{number:0100}" for number in range(100)]
    github.repositories[:] = [Repository(number, name, "界" * 350) for number, name in enumerate(named)]

    assert [item.name for page in everything(hub) for item in page.items] == named


def test_a_list_that_ends_with_a_full_page_ends_there(github, hub):
    github.repositories[:] = [Repository(number, f"octocorp/r{number}") for number in range(50)]

    assert len(hub.discover().items) == 50
    assert hub.discover().next_cursor is None
    assert hub.discover("2").items == ()  # repositories went away since


@pytest.mark.parametrize("cursor", ["", "0", "-1", "1.5", "\u0661", "https://other.example/", "9" * 1024, "2\n"])
def test_a_cursor_of_somebody_elses_making_is_refused_before_anything_is_asked(github, hub, cursor):
    assert fail(hub, cursor).reason is Reason.INVALID_CONFIG
    assert github.requests == []


def test_a_next_page_elsewhere_is_refused_and_not_asked(github, hub):
    elsewhere = SimulatedGitHub(apps=[], installations=[])
    elsewhere.start()
    try:
        link = {"Link": f'<{elsewhere.url}/api/v3/{LIST}?page=2>; rel="next"'}
        github.instead[LIST] = (200, link, json.dumps({"repositories": [{"id": 1, "full_name": "octocorp/a"}]}))
        assert fail(hub).reason is Reason.WRONG_PRODUCT
    finally:
        elsewhere.stop()
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (error(403, "Resource not accessible by integration"), Reason.PERMISSION_MISSING),
        (error(403, "This installation has been suspended"), Reason.SUSPENDED),
        (error(403, "API rate limit exceeded for installation ID 70."), Reason.RATE_LIMITED),
        (error(429, "You have exceeded a secondary rate limit."), Reason.RATE_LIMITED),
        (error(401, "Bad credentials"), Reason.CREDENTIAL_REJECTED),
        (error(404, "Not Found"), Reason.WRONG_PRODUCT),
        (error(500, "Server Error"), Reason.SERVER_ERROR),
    ],
)
def test_a_refusal_is_told_as_a_check_would(github, hub, told, reason):
    github.instead[LIST] = (told.status, {}, told.text)

    assert fail(hub).reason is reason


def test_a_refused_token_is_replaced_once(github, hub):
    hub.discover()
    github.authority.tokens.clear()

    assert len(hub.discover().items) == 3
    assert github.count(MINT) == 2


def test_another_clock_is_worked_round(github, hub):
    github.clock_shift_s = -7200.0

    assert len(hub.discover().items) == 3
    assert github.requests == [MINT, MINT, f"GET {LIST}"]


def test_a_page_that_moved_is_found_inside_the_root_only(github, hub):
    root = f"{github.url}{'/api/v3' if github.server else ''}"
    github.instead[LIST] = (301, {"Location": f"{root}/moved"}, "")
    github.instead["moved"] = (200, {}, json.dumps({"repositories": []}))
    assert hub.discover().items == ()

    github.instead[LIST] = (301, {"Location": f"http://localhost:{github.url.rpartition(':')[2]}/moved"}, "")
    assert fail(hub).reason is Reason.WRONG_PRODUCT


def test_a_server_that_sends_every_credential_back_shows_none(github, hub):
    github.echoing = LIST

    assert "***" in fail(hub).evidence  # and the fixture looks for what crossed the wire


# --- answers as data ---


def listed(*documents, link=""):
    body = json.dumps({"total_count": len(documents), "repositories": documents}).encode()
    return Answer(200, Headers([("Link", link)] if link else []), body)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"id": "1", "full_name": "octocorp/hub"},
        {"id": True, "full_name": "octocorp/hub"},
        {"id": 1, "full_name": "hub"},
        {"id": 1, "full_name": "octocorp/.."},
        {"id": 1, "full_name": "octocorp/hub\n"},
        {"id": 1, "full_name": "<b>/hub"},
        "octocorp/hub",
    ],
)
def test_a_repository_of_another_shape_is_another_product(document):
    with pytest.raises(CheckFailed) as failed:
        decode_page(listed(document), 1, ROOT)
    assert failed.value.reason is Reason.WRONG_PRODUCT


@pytest.mark.parametrize("page", [None, 5, "javascript:alert(1)", "https://a b", "https://\u202egithub.com/", ""])
def test_a_page_nobody_should_open_is_left_out(page):
    (one,) = decode_page(listed({"id": 1, "full_name": "octocorp/hub", "html_url": page}), 1, ROOT).items

    assert one == Resource("1", "octocorp/hub", None)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"repositories": {}}', b"<html>", b""])
def test_a_list_of_another_shape_is_another_product(body):
    with pytest.raises(CheckFailed) as failed:
        decode_page(Answer(200, body=body), 1, ROOT)
    assert failed.value.reason is Reason.WRONG_PRODUCT


def test_an_empty_page_is_the_last_whatever_it_says():
    assert decode_page(listed(link=f'<{ROOT}/x?page=9>; rel="next"'), 8, ROOT).next_cursor is None


def test_a_page_number_is_a_small_one():
    assert [page_number(cursor) for cursor in (None, "1", "27", "999999")] == [1, 1, 27, 999_999]


@pytest.mark.parametrize(
    ("link", "more"),
    [
        ("", False),
        (f'<{ROOT}/x?page=2>; rel="next"', True),
        (f'<{ROOT}/x?page=1>; rel="prev", <{ROOT}/x?page=3>; rel="next", <{ROOT}/x?page=9>; rel="last"', True),
        (f"<{ROOT}/x?page=2>;rel=next", True),
        (f'<{ROOT}/x?page=2>; title="a"; rel="last next"', True),
        (f'<{ROOT}/x?page=1>; rel="prev", <{ROOT}/x?page=1>; rel="first"', False),
        ('<https://other.example/x>; rel="last"', False),
        ("next", False),
        ("<" * 8000, False),
    ],
)
def test_the_link_header_tells_whether_there_is_more(link, more):
    assert has_next(Answer(200, Headers([("Link", link)])), ROOT) is more


@pytest.mark.parametrize(
    "target",
    [
        "https://other.example/api/v3/x?page=2",
        "http://ghes.example/api/v3/x?page=2",
        "https://ghes.example:8443/api/v3/x?page=2",
        "https://ghes.example/x?page=2",
        "https://ghes.example/api/v3/../../x",
        "https://user@ghes.example/api/v3/x",
        "https://ghes.example@other.example/api/v3/x",
        "https://[",
    ],
)
def test_a_next_page_outside_the_root_is_refused(target):
    with pytest.raises(CheckFailed) as failed:
        has_next(Answer(200, Headers([("Link", f'<{target}>; rel="next"')])), ROOT)
    assert failed.value.reason is Reason.WRONG_PRODUCT
