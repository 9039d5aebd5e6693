"""Connectors that find healthy what is not, or do not say how they found it."""

from __future__ import annotations

from hashlib import sha256

from integrations_hub.connector.reasons import StepName
from tests.contract.broken_connectors.kit import breaks
from tests.contract.broken_connectors.sound import Toy


@breaks("test_finds_a_healthy_provider_healthy")
class SaysNothing(Toy):
    def judge_product(self, answer):
        super().judge_product(answer)
        return ""


@breaks("test_takes_the_steps_in_order")
class AuthenticatesFirst(Toy):
    async def check_health(self, probe):
        async with probe.step(StepName.AUTHENTICATE) as step:
            step.evidence = self.judge_product(await self.ask(probe, "about"))
        async with probe.step(StepName.PRODUCT) as step:
            step.evidence = self.judge_me(await self.ask_as(probe, "me"))


@breaks("test_asks_the_provider")
class Remembers(Toy):
    def __init__(self):
        self._well = set()

    async def check_health(self, probe):
        (token,) = probe.credential.require("token")
        key = probe.config.endpoint, sha256(token.reveal().encode()).hexdigest()
        if key not in self._well:
            await super().check_health(probe)
            self._well.add(key)


@breaks(
    "test_rejects_a_wrong_secret",
    test_is_not_healthy_on_anothers_secret="no secret is ever proved",
    test_serves_many_calls_at_once="as above",
)
class NeverProvesTheSecret(Toy):
    def judge_me(self, answer):
        return (
            "the token is there" if answer.status == 401 and b"who are you" in answer.body else super().judge_me(answer)
        )


@breaks("test_is_not_healthy_on_anothers_secret", test_serves_many_calls_at_once="some come after the first has ended")
class KnowsTheEndpointAlready(Toy):
    def __init__(self):
        self._proved = set()

    async def check_health(self, probe):
        if probe.config.endpoint not in self._proved:
            await super().check_health(probe)
            self._proved.add(probe.config.endpoint)
            return
        async with probe.step(StepName.PRODUCT) as step:
            step.evidence = self.judge_product(await self.ask(probe, "about"))
        async with probe.step(StepName.AUTHENTICATE) as step:
            step.evidence = "it was proved before"


@breaks("test_says_which_fields_a_secret_lacks")
class TakesWhicheverField(Toy):
    def token(self, access):
        return next(iter(access.credential.fields.values()))


@breaks("test_sends_no_secret_that_breaks_a_header")
class CrashesOverALineBreak(Toy):
    def token(self, access):
        return next(one for one in access.credential.require("token") if one.reveal().isprintable())
