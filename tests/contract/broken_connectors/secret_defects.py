"""Connectors that let the secret out, each in another way."""

from __future__ import annotations

import logging

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from tests.contract.broken_connectors.kit import breaks
from tests.contract.broken_connectors.sound import Toy


@breaks("test_secret_is_in_no_result")
class ShowsItInTheEvidence(Toy):
    async def check_health(self, probe):
        await super().check_health(probe)
        async with probe.step(StepName.AUTHORIZE) as step:
            step.evidence = f"{self.token(probe).reveal()} is good for all"


@breaks("test_secret_is_in_no_log")
class LogsIt(Toy):
    def token(self, access):
        token = super().token(access)
        logging.getLogger("toy").debug("using %s", token.reveal())
        return token


@breaks("test_secret_is_in_no_exception")
class RaisesFromIt(Toy):
    async def check_health(self, probe):
        try:
            await super().check_health(probe)
        except CheckFailed as failed:
            if failed.reason is not Reason.SERVER_ERROR:
                raise
            raise failed from ValueError(f"refused: {self.token(probe).reveal()}")


@breaks("test_secret_is_in_no_address", test_secret_is_in_no_exception="the query stands in a variable")
class PutsItIntoTheQuery(Toy):
    async def ask_as(self, access, path, **params):
        if path == "me" and self.token(access).reveal().isprintable():
            params["key"] = self.token(access).reveal()
        return await super().ask_as(access, path, **params)


@breaks("test_secret_is_kept_nowhere")
class KeepsTheLastOne(Toy):
    last = None

    async def check_health(self, probe):
        self.last = probe.credential
        await super().check_health(probe)
