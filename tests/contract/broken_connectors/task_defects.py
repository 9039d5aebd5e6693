"""Connectors that do not live well with others on one loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from tests.contract.broken_connectors.kit import breaks
from tests.contract.broken_connectors.sound import Toy


@breaks("test_serves_many_calls_at_once")
class KeepsTheCallInItself(Toy):
    current = None

    async def check_health(self, probe):
        self.current = probe
        try:
            await super().check_health(probe)
        finally:
            self.current = None

    def token(self, access):
        return super().token(self.current or access)


@breaks("test_lets_itself_be_called_off")
class WillNotStop(Toy):
    async def check_health(self, probe):
        with suppress(asyncio.CancelledError):
            await super().check_health(probe)


@breaks("test_leaves_nothing_running")
class LeavesATask(Toy):
    async def check_health(self, probe):
        asyncio.get_running_loop().create_task(asyncio.sleep(3600))
        await super().check_health(probe)


@breaks("test_leaves_the_loop_to_others")
class BlocksTheLoop(Toy):
    async def check_health(self, probe):
        where = urlsplit(probe.config.endpoint)
        if where.scheme == "http":
            connection = HTTPConnection(where.hostname, where.port, timeout=4)
            with suppress(OSError, HTTPException):
                connection.request("GET", "/api/about")
                connection.getresponse().close()
            connection.close()
        await super().check_health(probe)
