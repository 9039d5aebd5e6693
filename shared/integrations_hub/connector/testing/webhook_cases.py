"""Webhooks: set up once however often it is asked for, and believed only when the secret proves them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import Delivery, EventRejected, ReceivedEvent, Webhook, WebhookOutcome
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.testing.calls import sets_up
from integrations_hub.connector.testing.harness import CANARY, OTHER_CANARY, Harness
from integrations_hub.connector.testing.outcome import fail
from integrations_hub.connector.testing.profile import called_during
from integrations_hub.connector.testing.search import Marks, chain, text_of
from integrations_hub.connector.testing.table import Need, case

__all__ = ["WebhookCases"]

_URL = "https://hub.example/api/v1/integrations/5b7e0c0e-7b1c-4f6e-9f57-3d2f3f1f7a11/events"
_COMPARISONS = {"compare_digest", "bytes_eq", "verify"}
_PARSERS = {"loads", "raw_decode", "model_validate_json", "validate_json", "parse_qs", "parse_qsl", "fromstring"}


class WebhookCases(Harness):
    """Cases about `setup_webhook` and `verify_event`. Which field proves a delivery, the kit sees from two secrets."""

    @case(Need.WEBHOOKS)
    def test_sets_a_webhook_up_once(self) -> None:
        """Asked for twice, a webhook is created once; the second time it is found, as the same."""
        with self.provider_running() as served:
            order = self.webhook_order(_URL, self.webhook_secret(CANARY))
            first, second = (self.asked(sets_up(order), self.caller(served.url)) for _ in range(2))
        for outcome in (first, second):
            if not isinstance(outcome.value, Webhook):
                fail("The provider is well, but no webhook came of it.", outcome)
        assert isinstance(first.value, Webhook)
        assert isinstance(second.value, Webhook)
        if second.value.outcome is WebhookOutcome.CREATED or first.value.id != second.value.id:
            fail(f"Asked for again: {second.value.outcome} {second.value.id}, after {first.value.id}.")

    @case(Need.WEBHOOKS)
    def test_webhook_keeps_its_secret(self) -> None:
        """The webhook's secret is in no result and in no address."""
        secret = self.webhook_secret(CANARY)
        marks = Marks(CANARY, {"webhook_secret": secret})
        with self.provider_running() as served:
            for _ in range(2):
                outcome = self.asked(sets_up(self.webhook_order(_URL, secret)), self.caller(served.url))
                if marks.found_in(repr(outcome.value)) or any(
                    marks.found_in(text_of(one)) for one in chain(outcome.raised)
                ):
                    fail("The result of setting up holds the webhook's secret.", outcome)
            if any(marks.found_in(seen.target) for seen in served.requests):
                fail("The webhook's secret is in an address.")

    @case(Need.WEBHOOKS)
    def test_believes_a_genuine_delivery(self) -> None:
        """A delivery as the provider signs it is believed, and delivered again it is the same event."""
        event, again = (self._verified(self.event, self._signed(CANARY)) for _ in range(2))
        if event is None or not event.kind:
            fail("A genuine delivery is refused, or has no kind; does `sign` give all its header fields?")
        if event != again:
            fail(f"The same delivery is {event} once, and {again} then.")

    @case(Need.WEBHOOKS)
    def test_refuses_a_wrong_secret(self) -> None:
        """A delivery proven by another secret is refused."""
        if self._verified(self.event, self._signed(OTHER_CANARY)):
            fail("A delivery that another secret signed is believed.")

    @case(Need.WEBHOOKS, Need.SIGNED_BODY)
    def test_refuses_a_body_that_was_changed(self) -> None:
        """A body that is not the one that was signed is refused: one byte more, one less, none."""
        for body in (self.event + b" ", self.event[:-1], b""):
            if self._verified(body, self._signed(CANARY)):
                fail("A body that was changed on its way is believed.")

    @case(Need.WEBHOOKS)
    def test_refuses_a_missing_proof(self) -> None:
        """A delivery without its proof, or with an empty one, is refused."""
        for proof in self._proofs():
            genuine = dict(self._signed(CANARY))
            for fields in ({**genuine, proof: ""}, {name: text for name, text in genuine.items() if name != proof}):
                if self._verified(self.event, fields):
                    fail(f"A delivery without its {proof} is believed.")

    @case(Need.WEBHOOKS)
    def test_refuses_a_strange_proof(self) -> None:
        """Half a proof, another algorithm's name, letters outside ASCII: refused, and never a crash."""
        for proof in self._proofs():
            genuine = dict(self._signed(CANARY))
            for text in _strange(genuine[proof]):
                if self._verified(self.event, {**genuine, proof: text}):
                    fail(f"A delivery is believed with `{text[:16]}…` as {proof}.")

    @case(Need.WEBHOOKS)
    def test_compares_in_constant_time(self) -> None:
        """Right and wrong proofs are compared by `hmac.compare_digest` (or the cryptography package's)."""
        for canary in (CANARY, OTHER_CANARY):
            called = called_during(partial(self._verified, self.event, self._signed(canary)))
            if not called & _COMPARISONS:
                fail("A proof is compared without hmac.compare_digest: how long that takes tells how much was right.")

    @case(Need.WEBHOOKS)
    def test_believes_before_it_reads(self) -> None:
        """Nothing of a body is parsed before it is proven, and a proven body that is no JSON is no crash."""
        called = called_during(lambda: self._verified(self.event, self._signed(OTHER_CANARY)))
        if called & _PARSERS:
            fail("The body of a delivery nobody has proven is parsed.")
        for body in (b"\xff\xfe{", b"", b"[]", b"[" * 100_000, b"null"):
            self._verified(body, self.sign(body, self.webhook_secret(CANARY)))

    def signs_body(self) -> bool:
        """Tell whether the provider's proof is of the body, as `sign` has it."""
        secret = self.webhook_secret(CANARY)
        return self.sign(b"one", secret) != self.sign(b"two", secret)

    def _signed(self, canary: str) -> Mapping[str, str]:
        return self.sign(self.event, self.webhook_secret(canary))

    def _proofs(self) -> list[str]:
        """Return the fields that depend on the secret."""
        right, wrong = self._signed(CANARY), self._signed(OTHER_CANARY)
        proofs = [name for name in right if right[name] != wrong.get(name)]
        if not proofs:
            fail("`sign` gives the same fields for two secrets: nothing proves a delivery.")
        return proofs

    def _verified(self, body: bytes, fields: Mapping[str, str]) -> ReceivedEvent | None:
        connector = self.connector()
        config = connector.validate_config(self.config("https://provider.example"))
        delivery = Delivery(Headers(fields.items()), body, datetime.now(UTC))
        secret = self.webhook_secret(CANARY)
        try:
            return connector.verify_event(config, delivery, Secret(secret))
        except EventRejected as rejected:
            if Marks(CANARY, {"webhook_secret": secret}).found_in("".join(map(text_of, chain(rejected)))):
                fail("Refusing a delivery, it repeats the secret.")
        except Exception as broken:  # noqa: BLE001 - a stranger may send anything
            fail(f"A delivery raised {type(broken).__name__}, not EventRejected: {broken}")
        return None


def _strange(proof: str) -> Iterator[str]:
    yield proof[: len(proof) // 2]
    yield proof + "0"
    yield "é" * len(proof)
    yield proof.swapcase() + "\u0660"
    for name in ("sha1", "md5", "none", ""):
        if "sha256" in proof.lower():
            yield proof.lower().replace("sha256", name)
