"""A connector without a defect, for the toy provider; the broken ones differ from it in one thing each."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from integrations_hub.connector.answer import Answer, judge_status
from integrations_hub.connector.contract import (
    Access,
    Category,
    Connector,
    Delivery,
    EventRejected,
    HttpConfig,
    Probe,
    ReceivedEvent,
    Resource,
    ResourcePage,
    Webhook,
    WebhookOrder,
    WebhookOutcome,
)
from integrations_hub.connector.endpoint import split_endpoint
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret, excerpt

__all__ = ["Toy", "ToyConfig", "api_root", "mapping", "wrong"]


def api_root(endpoint: str) -> str:
    parts = split_endpoint(endpoint)
    return parts.url(*parts.segments) if parts.segments[-1:] == ("api",) else parts.url(*parts.segments, "api")


class ToyConfig(HttpConfig):
    endpoint: Annotated[str, AfterValidator(api_root)]
    group: str | None = Field(default=None, max_length=200)


class Toy(Connector[ToyConfig]):
    type, category, version = "toy", Category.TEST, "1.0.0"
    resource_kinds: ClassVar[tuple[str, ...]] = ("things",)
    webhooks = True
    config_model = ToyConfig

    def endpoint(self, config):
        return config.to_endpoint()

    async def check_health(self, probe: Probe[ToyConfig]) -> None:
        async with probe.step(StepName.PRODUCT) as step:
            step.evidence = self.judge_product(await self.ask(probe, "about"))
        async with probe.step(StepName.AUTHENTICATE) as step:
            step.evidence = self.judge_me(await self.ask_as(probe, "me"))

    async def discover(self, access: Access[ToyConfig], kind: str, cursor: str | None) -> ResourcePage:
        if kind not in self.resource_kinds or not (cursor is None or (cursor.isascii() and cursor.isdigit())):
            raise CheckFailed(Reason.INVALID_CONFIG, "there is no such kind or page", "Begin with the first page.")
        answer = await self.ask_as(access, "things", after=cursor or "0")
        judge_status(answer)
        things = mapping(answer).get("things")
        if not isinstance(things, list):
            raise wrong("the things are not a list")
        items = tuple(Resource(str(one.get("id")), str(one.get("name"))) for one in things if isinstance(one, dict))
        more = 'rel="next"' in answer.headers.get("link", "") and items and items[-1].id.isdigit()
        return ResourcePage(items, items[-1].id if more else None)

    async def setup_webhook(self, access: Access[ToyConfig], order: WebhookOrder) -> Webhook:
        answer = await self.ask_as(access, "hooks")
        judge_status(answer)
        for hook in mapping(answer)["hooks"]:
            if hook["url"] == order.url:
                return Webhook(WebhookOutcome.UNCHANGED, str(hook["id"]), order.resource, order.events)
        return await self.create_hook(access, order)

    async def create_hook(self, access: Access[ToyConfig], order: WebhookOrder) -> Webhook:
        content = json.dumps({"url": order.url, "secret": order.secret.reveal()}).encode()
        answer = await access.http.request("POST", "hooks", headers=self.login(access), content=content)
        judge_status(answer)
        return Webhook(WebhookOutcome.CREATED, str(mapping(answer)["id"]), order.resource, order.events)

    def verify_event(self, config: ToyConfig, delivery: Delivery, secret: Secret) -> ReceivedEvent:
        said = delivery.headers.get("x-toy-signature", "")
        if not hmac.compare_digest(said.encode(), f"sha256={self.digest(delivery.body, secret)}".encode()):
            raise EventRejected("the signature is not of this secret")
        return ReceivedEvent(delivery.headers.get("x-toy-event", "unknown"), delivery.headers.get("x-toy-delivery"))

    def digest(self, body: bytes, secret: Secret) -> str:
        return hmac.new(secret.reveal().encode(), body, sha256).hexdigest()

    def judge_product(self, answer: Answer) -> str:
        judge_status(answer)
        if mapping(answer).get("product") != "toy":
            raise wrong("it is not a toy")
        return "a toy answers"

    def judge_me(self, answer: Answer) -> str:
        judge_status(answer)
        if "login" not in mapping(answer):
            raise wrong("it does not say who asks")
        return "the toy knows the token"

    async def ask(self, access: Access[ToyConfig], path: str) -> Answer:
        return await access.http.get(path)

    async def ask_as(self, access: Access[ToyConfig], path: str, **params: str) -> Answer:
        answer = await access.http.get(path, params=params, headers=self.login(access))
        if not answer.excerpt:
            return answer
        secret = [self.token(access).reveal()]
        return Answer(answer.status, answer.headers, answer.body, excerpt(answer.excerpt, secret))

    def login(self, access: Access[ToyConfig]) -> Mapping[str, str | Secret]:
        return {"Authorization": Secret(f"Bearer {self.token(access).reveal()}")}

    def token(self, access: Access[ToyConfig]) -> Secret:
        return access.credential.require("token")[0]


def mapping(answer: Answer) -> Mapping:
    document = answer.json()
    if not isinstance(document, Mapping):
        raise wrong("it does not answer as a toy does")
    return document


def wrong(evidence: str) -> CheckFailed:
    return CheckFailed(Reason.WRONG_PRODUCT, evidence, "Check the endpoint.")
