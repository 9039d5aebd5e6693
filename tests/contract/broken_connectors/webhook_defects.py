"""Connectors that set a webhook up twice, or believe what nothing proves."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import replace
from uuid import uuid4

from integrations_hub.connector.contract import EventRejected, ReceivedEvent
from tests.contract.broken_connectors.kit import breaks
from tests.contract.broken_connectors.sound import Toy

SIGNATURE = "x-toy-signature"


@breaks("test_sets_a_webhook_up_once")
class AlwaysCreates(Toy):
    async def setup_webhook(self, access, order):
        return await self.create_hook(access, order)


@breaks("test_webhook_keeps_its_secret")
class TellsTheSecret(Toy):
    async def setup_webhook(self, access, order):
        return replace(await super().setup_webhook(access, order), resource=order.secret.reveal())


@breaks("test_believes_a_genuine_delivery")
class NamesEachDeliveryAnew(Toy):
    def verify_event(self, config, delivery, secret):
        return replace(super().verify_event(config, delivery, secret), delivery_id=str(uuid4()))


@breaks(
    "test_refuses_a_wrong_secret",
    test_refuses_a_body_that_was_changed="nothing is computed",
    test_compares_in_constant_time="nothing is compared",
)
class BelievesWhatLooksSigned(Toy):
    def verify_event(self, config, delivery, secret):
        if not re.fullmatch("sha256=[0-9a-f]{64}", delivery.headers.get(SIGNATURE, "")):
            raise EventRejected("that is no signature")
        return ReceivedEvent("ping")


@breaks("test_refuses_a_body_that_was_changed")
class TidiesTheBody(Toy):
    def digest(self, body, secret):
        return super().digest(body.strip(), secret)


@breaks("test_refuses_a_missing_proof")
class BelievesWithoutASignature(Toy):
    def verify_event(self, config, delivery, secret):
        if not delivery.headers.get(SIGNATURE):
            return ReceivedEvent("ping")
        return super().verify_event(config, delivery, secret)


@breaks("test_refuses_a_strange_proof")
class ComparesTexts(Toy):
    def verify_event(self, config, delivery, secret):
        if not hmac.compare_digest(delivery.headers.get(SIGNATURE, ""), f"sha256={self.digest(delivery.body, secret)}"):
            raise EventRejected("the signature is not of this secret")
        return ReceivedEvent("ping")


@breaks("test_compares_in_constant_time")
class ComparesByEquality(Toy):
    def verify_event(self, config, delivery, secret):
        if delivery.headers.get(SIGNATURE, "") != f"sha256={self.digest(delivery.body, secret)}":
            raise EventRejected("the signature is not of this secret")
        return ReceivedEvent("ping")


@breaks("test_believes_before_it_reads")
class ReadsFirst(Toy):
    def verify_event(self, config, delivery, secret):
        try:
            kind = str(json.loads(delivery.body))
        except (ValueError, RecursionError):
            kind = "unknown"
        return replace(super().verify_event(config, delivery, secret), kind=kind)
