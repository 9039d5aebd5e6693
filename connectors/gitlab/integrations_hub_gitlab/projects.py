"""Projects of GitLab: those a token's user is a member of, page by page, and one by its ID or path. Pure.

https://docs.gitlab.com/api/projects/ and https://docs.gitlab.com/api/rest/#keyset-based-pagination
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.links import has_next
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.resources import Resource, ResourcePage
from integrations_hub_gitlab.documents import foreign_document, items, mapping
from integrations_hub_gitlab.errors import foreign, judge, message_of

__all__ = ["FULL_PATH", "decode_page", "decode_project", "page_params", "path_of"]

# https://docs.gitlab.com/user/reserved_names/#rules-for-usernames-project-and-group-names-and-slugs
_SEGMENT = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}"
FULL_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{1,21}}")
_ID = re.compile(r"[1-9][0-9]{0,18}")
_PAGE = re.compile(r"https?://[!-~]{1,2000}")
_KEYSET = {"pagination": "keyset", "order_by": "id", "sort": "asc", "per_page": "100"}


def page_params(cursor: str | None) -> Mapping[str, str]:
    """Return what to ask a page by: a cursor is the ID its page begins after, and no cursor the first page's.

    Raises:
        CheckFailed: `invalid_config` for a cursor this did not give.
    """
    if cursor is None:
        return {"membership": "true", "simple": "true", **_KEYSET}
    if not _ID.fullmatch(cursor):
        raise CheckFailed(Reason.INVALID_CONFIG, "this cursor is not one of GitLab's", "Begin again without a cursor.")
    return {**page_params(None), "id_after": cursor}


def decode_page(answer: Answer, cursor: str | None, root: str) -> ResourcePage:
    """Return one page of `GET /projects`, in the order of their IDs.

    Raises:
        CheckFailed: as `judge` has it; `wrong_product` for a next page outside `root`, or none nearer the end.
    """
    judge(answer)
    listed = tuple(_resource(one) for one in items(answer, "projects"))
    # GitLab's last page may be an empty one
    if not listed or not has_next(answer, root):
        return ResourcePage(listed)
    if int(listed[-1].id) <= int(cursor or 0):
        raise foreign("its list of projects does not go on")
    return ResourcePage(listed, listed[-1].id)


def path_of(resource: str) -> str:
    """Return where a project is, by its ID or its full path.

    Raises:
        CheckFailed: `invalid_config` for what is neither.
    """
    if _ID.fullmatch(resource) or FULL_PATH.fullmatch(resource):
        return f"projects/{quote(resource, safe='')}"
    evidence = "the resource names no project"
    raise CheckFailed(Reason.INVALID_CONFIG, evidence, "Give the project's ID or its full path, group/project.")


def decode_project(answer: Answer) -> Resource:
    """Return the project of `GET /projects/:id`.

    Raises:
        CheckFailed: `invalid_config` when the token sees none there; as `judge` has it.
    """
    if answer.status == 404 and message_of(answer) is not None:  # noqa: PLR2004 - HTTP
        remedy = "Check its ID or path, and that the token's user is a member of it."
        raise CheckFailed(Reason.INVALID_CONFIG, "GitLab shows the token no such project", remedy)
    judge(answer)
    return _resource(mapping(answer, "project"))


def _resource(document: Mapping[str, object]) -> Resource:
    number, name, page = (document.get(field) for field in ("id", "path_with_namespace", "web_url"))
    if type(number) is not int or number < 1 or not isinstance(name, str) or not FULL_PATH.fullmatch(name):
        raise foreign_document("project")
    # a person's browser will open it
    return Resource(str(number), name, page if isinstance(page, str) and _PAGE.fullmatch(page) else None)
