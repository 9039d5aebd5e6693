"""Connectors that enumerate wrongly."""

from __future__ import annotations

from integrations_hub.connector.answer import judge_status
from integrations_hub.connector.contract import ResourcePage
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from tests.contract.broken_connectors.kit import breaks
from tests.contract.broken_connectors.own_client import Lax, own_get
from tests.contract.broken_connectors.sound import Toy, mapping, wrong


@breaks("test_pages_end")
class RepeatsTheLastOfAPage(Toy):
    async def discover(self, access, kind, cursor):
        page = await super().discover(access, kind, cursor)
        return ResourcePage(page.items, str(int(page.next_cursor) - 1) if page.next_cursor else None)


@breaks("test_cursor_comes_back")
class KnowsThePlaceItself(Toy):
    place = None

    async def discover(self, access, kind, cursor):
        page = await super().discover(access, kind, self.place if cursor == "1" else cursor)
        self.place = page.next_cursor
        return ResourcePage(page.items, "1" if page.next_cursor else None)


@breaks("test_refuses_a_foreign_cursor")
class SendsAnyCursor(Toy):
    async def discover(self, access, kind, cursor):
        if cursor and not cursor.isdigit():
            await self.ask_as(access, f"things/{cursor}")
        return await super().discover(access, kind, cursor)


@breaks("test_refuses_an_unknown_kind")
class HasOneKindForAll(Toy):
    async def discover(self, access, kind, cursor):
        return await super().discover(access, "things", cursor)


@breaks("test_takes_none_for_none")
class ExpectsOneAtLeast(Toy):
    async def discover(self, access, kind, cursor):
        page = await super().discover(access, kind, cursor)
        if not page.items:
            raise wrong("there are no things")
        return page


@breaks("test_follows_no_page_to_another_host")
class FollowsAnyLink(Toy):
    async def discover(self, access, kind, cursor):
        page = await super().discover(access, kind, cursor)
        answer = await self.ask_as(access, "things")
        self.judge_list(answer)
        link = answer.headers.get("link", "").partition(">")[0].lstrip("<")
        if link:
            self.judge_list(await own_get(access, link, Lax()))
        return page

    def judge_list(self, answer):
        judge_status(answer)
        mapping(answer)


@breaks("test_lists_say_why_there_is_none")
class BlamesTheProductForAll(Toy):
    async def discover(self, access, kind, cursor):
        try:
            return await super().discover(access, kind, cursor)
        except CheckFailed as failed:
            if failed.reason is Reason.RATE_LIMITED:
                raise wrong("no things came") from None
            raise
