"""TLS: a certificate that is believed, and three that must not be."""

from __future__ import annotations

import ssl
from dataclasses import replace

from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.testing.authority import bundle, server_context
from integrations_hub.connector.testing.calls import checks
from integrations_hub.connector.testing.harness import Harness
from integrations_hub.connector.testing.outcome import Outcome, expect, fail
from integrations_hub.connector.testing.table import Need, case

__all__ = ["TlsCases"]


class TlsCases(Harness):
    """Cases about certificates. The kit sets `caBundle` where the config has that field."""

    @case(Need.NETWORK, Need.CA_BUNDLE)
    def test_believes_a_certificate_of_the_bundle(self) -> None:
        """A certificate of the authority in `caBundle` is believed, and the check tells when it ends."""
        outcome, _ = self._checked(server_context())
        expect(outcome, {Reason.OK}, "The certificate is the bundle's, for this address")
        result = outcome.result
        if result is None or StepName.TLS not in {step.name for step in result.steps} or not result.certificate_ends_at:
            fail("The check has no `tls` step, or does not tell when the certificate ends; use the sender for TLS.")

    @case(Need.NETWORK)
    def test_refuses_an_authority_nobody_trusts(self) -> None:
        """A certificate of an unknown authority is a `tls_error`, and no request is sent."""
        self._refuses(server_context(trusted=False), "The certificate is of an unknown authority")

    @case(Need.NETWORK)
    def test_refuses_a_certificate_for_another_name(self) -> None:
        """A certificate for another name is a `tls_error`, and no request is sent."""
        self._refuses(server_context("other.example"), "The certificate is for another name")

    @case(Need.NETWORK)
    def test_refuses_an_expired_certificate(self) -> None:
        """An expired certificate is a `tls_error`, and no request is sent."""
        self._refuses(server_context(expired=True), "The certificate has expired")

    def _refuses(self, tls: ssl.SSLContext, when: str) -> None:
        outcome, requests = self._checked(tls)
        if requests:
            fail(f"{when}, but {requests} requests were sent all the same.", outcome)
        expect(outcome, {Reason.TLS_ERROR}, when)

    def _checked(self, tls: ssl.SSLContext) -> tuple[Outcome, int]:
        trusting = {"caBundle": bundle()} if self.has_ca_bundle() else {}
        with self.provider_running(tls=tls) as served:
            caller = self.caller(served.url)
            outcome = self.asked(checks, replace(caller, config={**caller.config, **trusting}))
            return outcome, len(served.requests)
