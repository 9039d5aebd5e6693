"""Connectors that read a status, a body or its shape wrongly."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from tests.contract.broken_connectors.kit import breaks
from tests.contract.broken_connectors.sound import Toy, wrong


class Everywhere(Toy):
    """One look at each answer of a check, before the sound judgement."""

    def judge_product(self, answer):
        return self.look(answer) or super().judge_product(answer)

    def judge_me(self, answer):
        return self.look(answer) or super().judge_me(answer)

    def look(self, answer: Answer) -> str | None:
        """Return the evidence when that is all there is to say."""


@breaks("test_knows_a_page_from_its_product")
class TakesAPage(Everywhere):
    def look(self, answer):
        return "it answers" if answer.status == 200 and answer.media_type == "text/html" else None


@breaks("test_knows_another_product")
class TakesAnyProduct(Everywhere):
    def look(self, answer):
        return "it answers" if answer.status == 200 and b"tagline" in answer.body else None


@breaks("test_knows_an_empty_answer_from_its_product")
class TakesNothing(Everywhere):
    def look(self, answer):
        return "it answers" if answer.status == 200 and not answer.body else None


@breaks("test_knows_an_address_where_nothing_is")
class Takes404ForARejection(Everywhere):
    def look(self, answer):
        if answer.status == 404:
            raise CheckFailed(Reason.CREDENTIAL_REJECTED, "404", "Renew the token.")


@breaks("test_401_is_a_rejected_credential")
class Takes401ForAnotherProduct(Toy):
    def judge_product(self, answer):
        if answer.status == 401:
            raise wrong("a toy tells its product to all")
        return super().judge_product(answer)


@breaks("test_403_is_no_success")
class Takes403ForAGreeting(Toy):
    def judge_me(self, answer):
        return "it knows the token" if answer.status == 403 else super().judge_me(answer)


@breaks("test_429_is_a_rate_limit")
class BlamesTheServerForALimit(Everywhere):
    def look(self, answer):
        if answer.status == 429 and "retry-after" not in answer.headers:
            raise CheckFailed(Reason.SERVER_ERROR, "429", "Wait.")


@breaks("test_429_says_how_many_seconds_to_wait")
class DropsTheSeconds(Everywhere):
    def look(self, answer):
        if answer.status == 429 and answer.headers.get("retry-after", "").isdigit():
            raise CheckFailed(Reason.RATE_LIMITED, "429", "Wait.")


@breaks("test_429_says_until_when_to_wait")
class GoesByItsOwnClock(Everywhere):
    def look(self, answer):
        if answer.status == 429 and "GMT" in answer.headers.get("retry-after", ""):
            headers = type(answer.headers)({"retry-after": answer.headers["retry-after"]}.items())
            judge_status(Answer(429, headers), now=datetime.now(UTC))


@breaks("test_5xx_is_the_providers_failure")
class BlamesTheTokenForAnOutage(Everywhere):
    def look(self, answer):
        if answer.status == 503:
            raise CheckFailed(Reason.CREDENTIAL_REJECTED, "503", "Renew the token.")


@breaks("test_says_what_to_do")
class HasNoRemedy(Everywhere):
    def look(self, answer):
        if answer.status == 500:
            raise CheckFailed(Reason.SERVER_ERROR, "it answered 500")


@breaks("test_takes_broken_json_for_another_product")
class BlamesTheServerForBrokenJson(Toy):
    def judge_product(self, answer):
        try:
            return super().judge_product(answer)
        except CheckFailed as failed:
            if answer.body and answer.media_type == "application/json" and "JSON was expected" in failed.evidence:
                raise CheckFailed(Reason.SERVER_ERROR, "broken JSON", "Look at its logs.") from None
            raise


@breaks("test_survives_broken_json_anywhere")
class ParsesByItself(Toy):
    def judge_me(self, answer):
        judge_status(answer)
        if answer.media_type == "application/json":
            json.loads(answer.body)
        return super().judge_me(answer)


@breaks("test_survives_json_of_another_shape")
class ExpectsAnObject(Toy):
    def judge_me(self, answer):
        judge_status(answer)
        return f"the toy knows {answer.json().get('login')}"


@breaks("test_survives_any_value_in_an_answer")
class ExpectsANumber(Toy):
    async def check_health(self, probe):
        await super().check_health(probe)
        answer = await self.ask_as(probe, "me")
        judge_status(answer)
        document = answer.json()
        async with probe.step(StepName.AUTHORIZE) as step:
            days = document.get("days_left", 1) if isinstance(document, dict) else 1
            step.evidence = f"{int(days)} days are left"
