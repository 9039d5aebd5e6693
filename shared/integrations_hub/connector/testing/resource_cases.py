"""What a connector enumerates: pages that end, cursors that come back, and answers that lead elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from aiohttp import web
from multidict import CIMultiDict

from integrations_hub.connector.http import Transport
from integrations_hub.connector.reasons import EFFECTS, Effect, Reason
from integrations_hub.connector.resources import MAX_CURSOR, Resource, ResourcePage
from integrations_hub.connector.testing import faults
from integrations_hub.connector.testing.calls import Caller, discovers, run
from integrations_hub.connector.testing.harness import Harness
from integrations_hub.connector.testing.outcome import Outcome, expect, fail
from integrations_hub.connector.testing.table import Need, case
from integrations_hub.connector.testing.trespass_cases import elsewhere

__all__ = ["ResourceCases"]

_MOST_PAGES = 200
_FOREIGN = (
    "not a cursor",
    "../../admin",
    "1&page=2",
    "https://localhost:1/next",
    "%00",
    "-1",
    "1e3",
    "\u0661",
    "x" * 1024,
)
_BAD = {
    401: {Reason.CREDENTIAL_REJECTED},
    403: {Reason.PERMISSION_MISSING, Reason.CREDENTIAL_REJECTED, Reason.SUSPENDED},
    429: {Reason.RATE_LIMITED},
    500: {Reason.SERVER_ERROR},
}
_TOTAL = re.compile(r"total|count|size", re.IGNORECASE)


class ResourceCases(Harness):
    """Cases about `discover`, for each of `resource_kinds`."""

    @case(Need.RESOURCES)
    def test_pages_end(self) -> None:
        """From page to page every resource comes once, with id and name, and there is a last page."""
        for kind, pages in self._all_pages():
            items = [one for page in pages for one in page.items]
            if not items or len({one.id for one in items}) < len(items):
                fail(f"{kind}: {len(items)} resources, {len({one.id for one in items})} different ones.")
            if not all(_whole(one) for one in items):
                fail(f"{kind}: a resource lacks its id or name, or its url is none.")

    @case(Need.RESOURCES)
    def test_cursor_comes_back(self) -> None:
        """A cursor is short, holds no address, and brings the same page again, on another instance too."""
        paged = {kind: pages for kind, pages in self._all_pages() if len(pages) > 1}
        if not paged:
            fail("No kind has a second page; let the kit's provider have more resources than fit on one.")
        with self.provider_running() as served:
            for kind, pages in paged.items():
                cursor = pages[0].next_cursor or ""
                if len(cursor) > MAX_CURSOR or "//" in cursor or not cursor.isprintable():
                    fail(f"{kind}: the cursor is longer than {MAX_CURSOR}, holds an address or cannot be printed.")
                for _ in range(2):
                    again = self.asked(discovers(kind, cursor), self.caller(served.url))
                    # another server than before, so that addresses are others
                    if not isinstance(again.value, ResourcePage) or _named(again.value) != _named(pages[1]):
                        fail(f"{kind}: the cursor of page 2 brings another page when it comes back.", again)

    @case(Need.RESOURCES)
    def test_refuses_a_foreign_cursor(self) -> None:
        """A cursor that is none of the connector's is `invalid_config`, and is not sent on."""
        for kind in self.connector.resource_kinds:
            for cursor in _FOREIGN:
                with self.provider_running() as served:
                    outcome = self.asked(discovers(kind, cursor), self.caller(served.url))
                    if any(cursor in seen.target for seen in served.requests):
                        fail(f"{kind}: the cursor {cursor[:20]!r} was sent to the provider.")
                expect(outcome, {Reason.INVALID_CONFIG}, f"{kind} with the cursor {cursor[:20]!r}")

    @case(Need.RESOURCES)
    def test_refuses_an_unknown_kind(self) -> None:
        """A kind the connector does not list is `invalid_config`."""
        outcome = self.ask(discovers("things-nobody-has"))
        expect(outcome, {Reason.INVALID_CONFIG}, "A kind that is not in resource_kinds")

    @case(Need.NETWORK, Need.RESOURCES)
    def test_takes_none_for_none(self) -> None:
        """A provider that has nothing gives an empty last page."""
        empty = faults.rewritten(_emptied, _without_totals)
        for kind in self.connector.resource_kinds:
            outcome = self.ask(discovers(kind), empty)
            if outcome.value != ResourcePage(()):
                fail(f"{kind}: every list is empty, and the page is {outcome.value!r}.", outcome)

    @case(Need.NETWORK, Need.RESOURCES)
    def test_follows_no_page_to_another_host(self) -> None:
        """A next page at another host (`Link` or in the body) is not asked for."""
        with elsewhere() as other:
            fault = faults.rewritten(
                lambda document: _led_away(document, other.url), lambda asked, fields: _linked(asked, fields, other.url)
            )
            for kind in self.connector.resource_kinds:
                with self.provider_running(fault) as served:
                    caller = self.caller(served.url)
                    outcomes = run(partial(_paged, caller, kind))
                if other.requests:
                    fail(f"{kind}: the next page was asked for at another host.", outcomes[-1])
                if outcomes[-1].crashed:
                    fail(f"{kind}: a next page at another host.", outcomes[-1])

    @case(Need.NETWORK, Need.RESOURCES)
    def test_lists_say_why_there_is_none(self) -> None:
        """401, 403, 429, 500 and an answer that is none are the same reasons as in a check, at whichever request."""
        failures = {reason for reason in Reason if EFFECTS[reason] is Effect.FAILURE}
        for kind in self.connector.resource_kinds:
            for status, reasons in _BAD.items():
                fault = faults.error(partial(self.error, status))
                for when, outcome in self.sweep(fault, discovers(kind)):
                    expect(outcome, reasons, f"{kind}, {status} {when}")
            for when, outcome in self.sweep(faults.answer(b"<html>", "text/html"), discovers(kind)):
                expect(outcome, failures, f"{kind}, a page of HTML {when}")

    def _all_pages(self) -> Iterator[tuple[str, list[ResourcePage]]]:
        with self.provider_running() as served:
            for kind in self.connector.resource_kinds:
                caller = self.caller(served.url)
                outcomes = run(partial(_paged, caller, kind))
                pages = [one.value for one in outcomes if isinstance(one.value, ResourcePage)]
                if len(pages) < len(outcomes):
                    fail(f"{kind}: page {len(pages) + 1} is not a ResourcePage.", outcomes[-1])
                if pages[-1].next_cursor is not None:
                    fail(f"{kind}: {_MOST_PAGES} pages, and no last one.")
                yield kind, pages


async def _paged(caller: Caller, kind: str, transport: Transport) -> list[Outcome]:
    """Ask from page to page, up to the end, a failure or far too many."""
    outcomes: list[Outcome] = []
    cursor: str | None = None
    while len(outcomes) < _MOST_PAGES:
        outcomes.append(await discovers(kind, cursor)(caller, transport))
        page = outcomes[-1].value
        cursor = page.next_cursor if isinstance(page, ResourcePage) else None
        if cursor is None:
            break
    return outcomes


def _named(page: ResourcePage) -> tuple[list[tuple[str, str]], str | None]:
    return [(one.id, one.name) for one in page.items], page.next_cursor


def _whole(one: Resource) -> bool:
    return bool(one.id and one.name) and (one.url is None or one.url.startswith(("https://", "http://")))


def _emptied(document: object) -> object:
    if isinstance(document, list):
        return []
    if isinstance(document, dict):
        return {name: 0 if _is_total(name, inner) else _emptied(inner) for name, inner in document.items()}
    return document


def _is_total(name: str, value: object) -> bool:
    return isinstance(value, int) and bool(_TOTAL.search(name))


def _without_totals(_asked: web.Request, fields: CIMultiDict[str]) -> None:
    fields.popall("Link", None)
    for name in [name for name, value in fields.items() if _TOTAL.search(name) and value.isdigit()]:
        fields[name] = "0"


def _led_away(document: object, other: str) -> object:
    """Point every address in a document to another host."""
    if isinstance(document, str):
        return re.sub(r"^https?://[^/]+", other, document)
    if isinstance(document, list):
        return [_led_away(one, other) for one in document]
    return {name: _led_away(one, other) for name, one in document.items()} if isinstance(document, dict) else document


def _linked(asked: web.Request, fields: CIMultiDict[str], other: str) -> None:
    fields["Link"] = f'<{other}{asked.path}?page=2&last=2>; rel="next"'
