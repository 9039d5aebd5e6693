"""A provider that is well, and a secret that is not what it should be."""

from __future__ import annotations

from collections.abc import Mapping

from integrations_hub.connector.contract import CheckResult, Step, StepStatus
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.testing.calls import checks
from integrations_hub.connector.testing.harness import OTHER_CANARY, Harness
from integrations_hub.connector.testing.outcome import expect, fail
from integrations_hub.connector.testing.table import Need, case

__all__ = ["HealthCases"]

_ORDER = list(StepName)
_REFUSED = {Reason.CREDENTIAL_REJECTED, Reason.INVALID_CONFIG}


class HealthCases(Harness):
    """Cases about what a check finds."""

    @case()
    def test_finds_a_healthy_provider_healthy(self) -> None:
        """A provider that is well passes every step, and each step says what was seen."""
        outcome = self.ask(checks)
        expect(outcome, {Reason.OK}, "The provider is well")
        for step in _steps(outcome.result):
            if step.status is not StepStatus.PASSED or not step.evidence:
                fail(f"The provider is well, but the step `{step.name}` is {step.status} and says `{step.evidence}`.")

    @case()
    def test_takes_the_steps_in_order(self) -> None:
        """The steps come in the order of `StepName`, each once, `product` and (for a secret) `authenticate` too."""
        names = [step.name for step in _steps(self.ask(checks).result)]
        if sorted(set(names), key=_ORDER.index) != names:
            fail(f"The steps are {', '.join(names)}; the order is {', '.join(_ORDER)}, each at most once.")
        wanted = {StepName.PRODUCT} | ({StepName.AUTHENTICATE} if self.has_credential() else set())
        if not wanted <= set(names):
            fail(f"The steps are {', '.join(names)}; {', '.join(sorted(wanted - set(names)))} is missing.")

    @case(Need.NETWORK)
    def test_asks_the_provider(self) -> None:
        """What a check says, the provider said: it is asked, and asked again the next time."""
        with self.provider_running() as served:
            caller = self.caller(served.url)
            for _ in range(2):
                before = len(served.requests)
                self.asked(checks, caller)
                if len(served.requests) == before:
                    fail("A check sent no request; a result may not be remembered.")

    @case(Need.NETWORK, Need.CREDENTIAL)
    def test_rejects_a_wrong_secret(self) -> None:
        """A secret the provider does not know is `credential_rejected`: healthy means that the secret works."""
        with self.provider_running() as served:
            outcome = self.asked(checks, self.caller(served.url, canary=OTHER_CANARY))
        expect(outcome, {Reason.CREDENTIAL_REJECTED}, "The provider does not know this secret")

    @case(Need.NETWORK, Need.CREDENTIAL)
    def test_is_not_healthy_on_anothers_secret(self) -> None:
        """What one secret opened stays shut for the next one: nothing is kept by endpoint alone."""
        connector = self.connector()
        with self.provider_running() as served:
            self.asked(checks, self.caller(served.url, connector=connector))
            outcome = self.asked(checks, self.caller(served.url, canary=OTHER_CANARY, connector=connector))
        expect(outcome, {Reason.CREDENTIAL_REJECTED}, "A right secret was used before, and this one is wrong")

    @case(Need.NETWORK, Need.CREDENTIAL)
    def test_says_which_fields_a_secret_lacks(self) -> None:
        """A secret without the fields the connector takes is `invalid_config`, and nothing of it is sent."""
        with self.provider_running() as served:
            outcome = self.asked(checks, self.caller(served.url, fields={"unheard-of": OTHER_CANARY}))
            if any(OTHER_CANARY in seen.text() for seen in served.requests):
                fail("A field of the secret the connector does not know was sent.")
        optional = {Reason.OK} if self.connector.credential == "optional" else set()
        expect(outcome, {*_REFUSED, *optional}, "The secret has only the field `unheard-of`")

    @case(Need.NETWORK, Need.CREDENTIAL)
    def test_sends_no_secret_that_breaks_a_header(self) -> None:
        """A secret with a line break is refused or harmless: it never becomes a header field of its own."""
        broken: Mapping[str, str] = {
            name: f"{text}\r\nX-Injected: {name}" for name, text in self.secret(OTHER_CANARY).items()
        }
        with self.provider_running() as served:
            outcome = self.asked(checks, self.caller(served.url, fields=broken))
            if any(name.lower() == "x-injected" for seen in served.requests for name, _ in seen.headers):
                fail("A line break in the secret became a header field; hand the Secret itself to the sender.")
        expect(outcome, _REFUSED, "The secret holds a line break")


def _steps(result: CheckResult | None) -> tuple[Step, ...]:
    return result.steps if result else ()
