"""The projects a token's user is a member of, page by page."""

from __future__ import annotations

import json

import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.resources import Resource, ResourcePage

from .gitlab_hub import CANARY, asking, no_secret_in_logs, served
from .simulated_gitlab import AccessToken, Project

__all__ = ["no_secret_in_logs"]

DOCUMENT = {"id": 7, "path_with_namespace": "group/hub", "web_url": "https://gitlab.example/group/hub"}


@pytest.fixture
def gitlab():
    with served(AccessToken(CANARY)) as simulated:
        yield simulated


def refused(ask, *arguments):
    with pytest.raises(CheckFailed) as failed:
        ask(*arguments)
    assert failed.value.remedy
    return failed.value.reason


def test_a_project_has_its_id_its_path_and_its_page(gitlab):
    gitlab.projects.append(Project(42, "group/sub.group/hub_1"))

    page = asking(gitlab).discover("projects")

    assert page == ResourcePage((Resource("42", "group/sub.group/hub_1", f"{gitlab.url}/group/sub.group/hub_1"),))


def test_pages_follow_each_other_by_id_and_hold_each_project_once(gitlab):
    numbers = [3 * number for number in range(1, 251)]
    gitlab.projects[:] = [Project(number, f"group/p{number}") for number in reversed(numbers)]

    pages = asking(gitlab).all_of("projects")

    assert [int(one.id) for page in pages for one in page.items] == numbers
    assert [page.next_cursor for page in pages] == ["300", "600", None]


def test_a_project_made_meanwhile_moves_no_other_to_another_page(gitlab):
    gitlab.projects[:] = [Project(number, f"group/p{number}") for number in range(10, 130)]
    first = asking(gitlab).discover("projects")

    gitlab.projects.append(Project(1, "group/older-than-all"))
    second = asking(gitlab).discover("projects", first.next_cursor)

    assert [int(one.id) for one in second.items] == list(range(110, 130))


def test_nothing_is_one_empty_page(gitlab):
    assert asking(gitlab).discover("projects") == ResourcePage(())


@pytest.mark.parametrize("cursor", ["", "0", "-1", "01", "1e3", " 1", "1\n", "\u0661", "9" * 20, "1&page=2", "../1"])
def test_a_cursor_of_another_is_refused_and_not_sent(gitlab, cursor):
    assert refused(asking(gitlab).discover, "projects", cursor) is Reason.INVALID_CONFIG
    assert gitlab.requests == []


def test_there_is_no_other_kind(gitlab):
    assert refused(asking(gitlab).discover, "repositories") is Reason.INVALID_CONFIG


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (AccessToken("not-a-real-secret-2"), Reason.CREDENTIAL_REJECTED),
        (AccessToken(CANARY, revoked=True), Reason.CREDENTIAL_REJECTED),
        (AccessToken(CANARY, scopes=("read_user",)), Reason.PERMISSION_MISSING),
    ],
)
def test_a_token_that_may_not_is_told_why(gitlab, token, reason):
    gitlab.tokens[:] = [token]

    assert refused(asking(gitlab).discover, "projects") is reason


def test_a_wish_for_patience_is_passed_on(gitlab):
    gitlab.throttled = {"Retry-After": "30"}

    with pytest.raises(CheckFailed) as failed:
        asking(gitlab).discover("projects")

    assert (failed.value.reason, failed.value.retry_after_s) == (Reason.RATE_LIMITED, 30)


@pytest.mark.parametrize(
    "target",
    [
        "https://127.0.0.1/api/v4/projects?id_after=7",
        "{origin}/projects?id_after=7",
        "{origin}/api/v4/../../projects",
        "http://localhost:1/api/v4/projects?id_after=7",
        "http://[",
    ],
)
def test_a_next_page_outside_the_endpoint_is_another_product(gitlab, target):
    link = {"Link": f'<{target.format(origin=gitlab.url)}>; rel="next"'}
    gitlab.instead["projects"] = (200, "application/json", json.dumps([DOCUMENT]), link)

    assert refused(asking(gitlab).discover, "projects") is Reason.WRONG_PRODUCT
    assert gitlab.requests == ["projects"]


def test_a_list_that_does_not_go_on_is_another_product(gitlab):
    link = {"Link": f'<{gitlab.url}/api/v4/projects?id_after=7>; rel="next"'}
    gitlab.instead["projects"] = (200, "application/json", json.dumps([DOCUMENT]), link)

    assert asking(gitlab).discover("projects").next_cursor == "7"
    assert refused(asking(gitlab).discover, "projects", "7") is Reason.WRONG_PRODUCT


@pytest.mark.parametrize(
    "change",
    [
        {"id": "7"},
        {"id": True},
        {"id": -1},
        {"path_with_namespace": None},
        {"path_with_namespace": "hub"},
        {"path_with_namespace": "group/../hub"},
        {"path_with_namespace": "group/hub?x"},
    ],
)
def test_a_project_of_another_shape_is_another_product(gitlab, change):
    gitlab.instead["projects"] = (200, "application/json", json.dumps([DOCUMENT | change]), {})

    assert refused(asking(gitlab).discover, "projects") is Reason.WRONG_PRODUCT


@pytest.mark.parametrize(
    "page", [None, "javascript:alert(1)", "ftp://gitlab.example/x", "https://gitlab.example/\u202e"]
)
def test_a_page_that_is_no_address_of_one_is_left_out(gitlab, page):
    gitlab.instead["projects"] = (200, "application/json", json.dumps([DOCUMENT | {"web_url": page}]), {})

    assert asking(gitlab).discover("projects").items == (Resource("7", "group/hub", None),)
