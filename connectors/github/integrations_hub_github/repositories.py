"""The repositories an installation reaches, page by page. Pure.

https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.links import has_next
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.resources import Resource, ResourcePage
from integrations_hub_github.documents import items, mapping
from integrations_hub_github.errors import foreign, judge

__all__ = ["FULL_NAME", "PATH", "PER_PAGE", "decode_page", "page_number"]

PATH = "installation/repositories"
PER_PAGE = "50"  # of the 100 there might be, each with forty addresses that hold its name: they pass 1 MiB
FULL_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,99})/(?!\.{1,2}$)([A-Za-z0-9._-]{1,100})")
_CURSOR = re.compile(r"[1-9][0-9]{0,5}")
_PAGE = re.compile(r"https?://[!-~]{1,2000}")


def page_number(cursor: str | None) -> int:
    """Return which page a cursor is of: the first without one.

    Raises:
        CheckFailed: `invalid_config` for a cursor this did not give.
    """
    if cursor is None:
        return 1
    if not _CURSOR.fullmatch(cursor):
        raise CheckFailed(Reason.INVALID_CONFIG, "this cursor is not one of GitHub's", "Begin again without a cursor.")
    return int(cursor)


def decode_page(answer: Answer, number: int, root: str) -> ResourcePage:
    """Return one page of `GET /installation/repositories`.

    Raises:
        CheckFailed: as `judge` has it; `wrong_product` for a next page outside `root`.
    """
    judge(answer)
    found = items(mapping(answer, "repositories").get("repositories"), "repositories")
    more = has_next(answer, root) and bool(found)  # an empty page is the last, whatever it says
    return ResourcePage(tuple(map(_repository, found)), str(number + 1) if more else None)


def _repository(document: Mapping[str, object]) -> Resource:
    number, name, page = document.get("id"), document.get("full_name"), document.get("html_url")
    if type(number) is not int or not isinstance(name, str) or not FULL_NAME.fullmatch(name):
        raise foreign("its repository document is not GitHub's")
    # a person's browser will open it
    return Resource(str(number), name, page if isinstance(page, str) and _PAGE.fullmatch(page) else None)
