"""Statuses that say no, at whichever request they begin."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.testing import faults
from integrations_hub.connector.testing.calls import checks
from integrations_hub.connector.testing.harness import Harness
from integrations_hub.connector.testing.outcome import Outcome, expect, fail
from integrations_hub.connector.testing.table import Need, case

__all__ = ["StatusCases"]

_WAIT_S = 120


class StatusCases(Harness):
    """Cases about 401, 403, 429 and 5xx: the provider's own answers, as `error` makes them."""

    @case(Need.NETWORK, Need.CREDENTIAL)
    def test_401_is_a_rejected_credential(self) -> None:
        """401, from the first request on or from a later one, is `credential_rejected`."""
        self._always(401, {Reason.CREDENTIAL_REJECTED}, {"WWW-Authenticate": 'Basic realm="kit"'})

    @case(Need.NETWORK, Need.CREDENTIAL)
    def test_403_is_no_success(self) -> None:
        """403 is `permission_missing`, `credential_rejected` or `suspended`, whichever the provider means by it."""
        self._always(403, {Reason.PERMISSION_MISSING, Reason.CREDENTIAL_REJECTED, Reason.SUSPENDED})

    @case(Need.NETWORK)
    def test_429_is_a_rate_limit(self) -> None:
        """429 without a word is `rate_limited`: the status stays what it was."""
        self._always(429, {Reason.RATE_LIMITED})

    @case(Need.NETWORK)
    def test_429_says_how_many_seconds_to_wait(self) -> None:
        """429 with `Retry-After` in seconds hands them on."""
        for when, outcome in self._always(429, {Reason.RATE_LIMITED}, {"Retry-After": str(_WAIT_S)}):
            if outcome.retry_after_s != _WAIT_S:
                fail(f"429 {when} asks for {_WAIT_S} s, but retry_after_s is {outcome.retry_after_s}.", outcome)

    @case(Need.NETWORK)
    def test_429_says_until_when_to_wait(self) -> None:
        """429 with `Retry-After` as a date hands on the seconds until then, by the provider's own clock."""
        now = datetime(2020, 1, 1, tzinfo=UTC)  # the provider's clock, and not ours
        until = now + timedelta(seconds=_WAIT_S)
        fields = {"Date": format_datetime(now, usegmt=True), "Retry-After": format_datetime(until, usegmt=True)}
        for when, outcome in self._always(429, {Reason.RATE_LIMITED}, fields):
            if outcome.retry_after_s != _WAIT_S:
                fail(f"429 {when} asks to wait until a date, but retry_after_s is {outcome.retry_after_s}.", outcome)

    @case(Need.NETWORK)
    def test_5xx_is_the_providers_failure(self) -> None:
        """500, 502, 503 and 504 are `server_error` (or `component_down`), and never the credential's fault."""
        for status in (500, 502, 503, 504):
            self._always(status, {Reason.SERVER_ERROR, Reason.COMPONENT_DOWN})

    @case(Need.NETWORK)
    def test_says_what_to_do(self) -> None:
        """A failed step says what was seen, and what a person can do about it."""
        for status in (401, 403, 404, 429, 500):
            outcome = self.ask(checks, faults.error(partial(self.error, status)))
            step = outcome.result.decisive if outcome.result else None
            if step is None or not step.evidence or not step.remedy:
                fail(f"{status} to everything: the check has no failed step with evidence and remedy.", outcome)

    def _always(
        self, status: int, reasons: Collection[Reason], fields: Mapping[str, str] | None = None
    ) -> list[tuple[str, Outcome]]:
        found = list(self.sweep(faults.error(partial(self.error, status), fields)))
        for when, outcome in found:
            expect(outcome, reasons, f"{status} {when}")
        return found
