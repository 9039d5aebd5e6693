"""Answers that come late, without end, or not whole."""

from __future__ import annotations

from integrations_hub.connector.reasons import EFFECTS, Effect, Reason
from integrations_hub.connector.testing import faults
from integrations_hub.connector.testing.calls import CALM, HURRIED
from integrations_hub.connector.testing.harness import Harness
from integrations_hub.connector.testing.outcome import expect
from integrations_hub.connector.testing.server import Fault
from integrations_hub.connector.testing.table import Need, case

__all__ = ["TransportCases"]

_FAILURES = {reason for reason in Reason if EFFECTS[reason] is Effect.FAILURE}


class TransportCases(Harness):
    """Cases about time and size, at whichever request they begin."""

    @case(Need.NETWORK)
    def test_ends_when_the_provider_hangs(self) -> None:
        """A provider that never answers is a `timeout`, at its step."""
        self._ends(faults.hang, {Reason.TIMEOUT}, "No answer", hurried=True)

    @case(Need.NETWORK)
    def test_ends_when_the_provider_drips(self) -> None:
        """A provider that answers one byte at a time without end is a `timeout`."""
        self._ends(faults.drip, {Reason.TIMEOUT}, "An answer without end", hurried=True)

    @case(Need.NETWORK)
    def test_reads_no_flood(self) -> None:
        """An answer over the size limit fails the check and is not read to its end."""
        self._ends(faults.huge, _FAILURES, "An answer over the limit")

    @case(Need.NETWORK)
    def test_unpacks_no_bomb(self) -> None:
        """A small answer that unpacks to more than the size limit fails the check."""
        self._ends(faults.gzip_bomb, _FAILURES, "An answer that unpacks over the limit")

    @case(Need.NETWORK)
    def test_takes_half_an_answer_for_none(self) -> None:
        """A connection that breaks in the middle of an answer is a `server_error`."""
        self._ends(faults.reset, {Reason.SERVER_ERROR}, "A connection that breaks off")

    def _ends(self, fault: Fault, reasons: set[Reason], what: str, *, hurried: bool = False) -> None:
        bodies = fault is not faults.hang
        for when, outcome in self.sweep(fault, limits=HURRIED if hurried else CALM, bodies=bodies):
            expect(outcome, reasons, f"{what} {when}")
