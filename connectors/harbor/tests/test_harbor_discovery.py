"""What a robot sees: projects, and repositories of one project or of all, page by page."""

from __future__ import annotations

import asyncio

import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.resources import Resource, ResourcePage
from local.simulated_harbor import Project, Robot

from .harbor_hub import CANARY, ROBOT, asking, harbor, no_secret_in_logs
from .odd_server import against, like_harbor, server, with_length

__all__ = ["harbor", "no_secret_in_logs"]


def refused(ask, *arguments):
    with pytest.raises(CheckFailed) as failed:
        ask(*arguments)
    assert failed.value.remedy
    return failed.value.reason


def names(pages):
    return [one.name for page in pages for one in page.items]


# --- projects ---


def test_a_robot_sees_public_projects_and_its_own(harbor):
    harbor.projects.append(Project("secret"))
    harbor.robots[0].projects = ("payments",)

    page = asking(harbor.url).discover("projects")

    portal = f"{harbor.url}/harbor/projects"
    assert page == ResourcePage(
        (
            Resource("1", "library", f"{portal}/1/repositories"),
            Resource("2", "payments", f"{portal}/2/repositories"),
        )
    )


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_pages_of_projects_are_counted_from_the_total(harbor, count, sizes):
    harbor.projects[:] = [Project(f"team-{number}") for number in range(count)]

    pages = asking(harbor.url).all_of("projects")

    assert [len(page.items) for page in pages] == sizes
    assert names(pages) == [project.name for project in harbor.projects]


# --- repositories ---


def test_of_the_configs_project_a_repository_has_its_name_and_page(harbor):
    harbor.projects[1].repositories = ("api", "tools/cli/x")

    page = asking(harbor.url, project="payments").discover("repositories")

    portal = f"{harbor.url}/harbor/projects/2/repositories"
    assert page == ResourcePage(
        (
            Resource("payments/api", "payments/api", f"{portal}/api"),
            Resource("payments/tools/cli/x", "payments/tools/cli/x", f"{portal}/tools%2Fcli%2Fx"),
        )
    )


def test_a_project_whose_name_is_a_number_is_named_and_not_numbered(harbor):
    harbor.projects[:] = [Project("2", repositories=("two",)), Project("other", repositories=("one",))]

    assert names(asking(harbor.url, project="2").all_of("repositories")) == ["2/two"]


def test_without_a_project_they_are_of_all_the_robot_sees(harbor):
    harbor.projects[:] = [
        Project("library", public=True, repositories=("hello",)),
        Project("secret", repositories=("hidden",)),
        Project("empty"),
        Project("payments", repositories=tuple(f"service-{number}" for number in range(230))),
        Project("last", repositories=("one",)),
    ]
    harbor.robots[0].projects = ("payments", "empty", "last")

    pages = asking(harbor.url).all_of("repositories")

    expected = ["library/hello", *(f"payments/service-{number}" for number in range(230)), "last/one"]
    assert names(pages) == expected
    assert all(len(page.items) < 200 for page in pages)


def test_many_projects_with_few_repositories_take_few_requests_a_page(harbor):
    harbor.projects[:] = [Project(f"team-{number}", repositories=("one",)) for number in range(115)]

    first = asking(harbor.url).discover("repositories")
    requests = len(harbor.requests)
    pages = asking(harbor.url).all_of("repositories")

    assert first.next_cursor == "11.1"
    assert requests == 12
    assert names(pages) == [f"team-{number}/one" for number in range(115)]


def test_many_empty_projects_are_passed_over(harbor):
    harbor.projects[:] = [*(Project(f"empty-{number}") for number in range(150)), Project("x", repositories=("y",))]

    pages = asking(harbor.url).all_of("repositories")

    assert names(pages) == ["x/y"]
    assert [page.next_cursor for page in pages] == ["101.1", None]


def test_nothing_is_one_empty_page(harbor):
    harbor.projects.clear()

    assert asking(harbor.url).discover("repositories") == ResourcePage(())


def test_a_robot_that_may_not_list_repositories_is_told_where(harbor):
    harbor.robots[0].lists_repositories = False
    harbor.projects[1].repositories = ("api",)

    with pytest.raises(CheckFailed) as failed:
        asking(harbor.url).discover("repositories")

    assert failed.value.reason is Reason.PERMISSION_MISSING
    assert "payments" in failed.value.evidence


# --- what cannot be listed ---


@pytest.mark.parametrize("kind", ["projects", "repositories"])
@pytest.mark.parametrize(
    "robot",
    [Robot(ROBOT, "not-a-real-secret-2"), Robot(ROBOT, CANARY, disabled=True), Robot(ROBOT, CANARY, expires_at=1)],
    ids=["wrong secret", "disabled", "expired"],
)
def test_a_robot_that_is_nobody_is_rejected_and_not_shown_what_is_public(harbor, kind, robot):
    harbor.robots[:] = [robot]

    assert refused(asking(harbor.url).discover, kind) is Reason.CREDENTIAL_REJECTED
    assert harbor.requests == ["GET /api/v2.0/systeminfo"]


CURSORS = ["", "0", "-1", "01", "1e3", "1\n", "\u0661", "9" * 10, "1&page=2", "../1", "1.", ".1", "1.0", "1.1.1"]


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize(
    ("kind", "project"), [("projects", None), ("repositories", None), ("repositories", "payments")]
)
def test_a_cursor_of_another_is_refused_and_not_sent(harbor, kind, project, cursor):
    ours = asking(harbor.url, **({"project": project} if project else {}))

    assert refused(ours.discover, kind, cursor) is Reason.INVALID_CONFIG
    assert harbor.requests == []


def test_there_is_no_other_kind(harbor):
    assert refused(asking(harbor.url).discover, "artifacts") is Reason.INVALID_CONFIG


@pytest.mark.parametrize(
    "listed",
    [
        b'{"projects":[]}',
        b"[1]",
        b'[{"project_id":"1","name":"x"}]',
        b'[{"project_id":1,"name":"x/../y"}]',
        b'[{"project_id":1,"name":"x?y"}]',
        b"<html>",
    ],
)
def test_a_list_of_another_shape_is_another_product(listed):
    def odd(path):
        if "systeminfo" in path:
            return with_length("200 OK", b'{"auth_mode":"db_auth","harbor_version":"v2"}')
        return like_harbor(path, with_length("200 OK\nX-Total-Count: 1", listed))

    assert refused(against, odd, "repositories") is Reason.WRONG_PRODUCT


def test_a_link_to_elsewhere_is_not_even_read():
    def odd(path):
        if "systeminfo" in path:
            return with_length("200 OK", b'{"auth_mode":"db_auth","harbor_version":"v2"}')
        link = 'Link: <http://localhost:1/projects?page=2>; rel="next"'
        return with_length(f"200 OK\nX-Total-Count: 1\n{link}", b'[{"project_id":1,"name":"x"}]')

    page, seen = against(odd, "projects")

    assert page.next_cursor is None
    assert len(seen) == 2


@pytest.mark.parametrize(("projects", "repositories"), [(b'[{"project_id":1,"name":"x"}]', 1), (b"[]", 0)])
def test_a_list_that_is_shorter_than_its_total_comes_to_an_end(projects, repositories):
    def odd(path):
        if "systeminfo" in path:
            return with_length("200 OK", b'{"auth_mode":"db_auth","harbor_version":"v2"}')
        listed = projects
        if "/repositories?" in path:
            listed = b'[{"name":"x/one","project_id":1}]' if "page=1&" in path else b"[]"
        return with_length("200 OK\nX-Total-Count: 999999", listed)

    async def meet():
        async with server(odd) as (url, _):
            pages = [await asking(url).discovered("repositories")]
            while pages[-1].next_cursor and len(pages) < 5:
                pages.append(await asking(url).discovered("repositories", pages[-1].next_cursor))
            return pages

    pages = asyncio.run(meet())

    assert pages[-1].next_cursor is None
    assert len(names(pages)) == repositories
