"""What a stranger's connector says, cut to what is worth keeping and rid of the secrets of the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from integrations_hub.connector.contract import CheckResult, ReceivedEvent, Resource, ResourcePage, Step, Webhook
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_child import Checked, Discovered, EventVerified, Invalid, WebhookStands
from integrations_hub.connector.redaction import Redactor, one_line
from integrations_hub.connector.resources import MAX_CURSOR
from integrations_hub.plugins.child import broken

__all__ = ["Bounds"]

_SENTENCE, _NAME = 2048, 512  # characters
_LONGEST_MS = 60_000.0
_LONGEST_WAIT_S = 6 * 3600.0


class Bounds:
    """Cleans the answers of one call."""

    def __init__(self, redactor: Redactor) -> None:
        """Take out what the redactor knows."""
        self._redactor = redactor

    def failure(self, failure: CheckFailed) -> CheckFailed:
        """Return a failure a person can read."""
        evidence, remedy = self._sentence(failure.evidence), self._sentence(failure.remedy)
        return CheckFailed(failure.reason, evidence, remedy, step=failure.step, retry_after_s=failure.retry_after_s)

    def result(self, found: Checked) -> CheckResult:
        """Return what a check found.

        Raises:
            CheckFailed: `connector_crashed`: a moment it names is none.
        """
        wish = found.retry_after_s
        return CheckResult(
            steps=tuple(self._step(step) for step in found.steps),
            latency_ms=min(found.latency_ms, _LONGEST_MS),
            credential_ends_at=_moment(found.credential_ends_at),
            retry_after_s=None if wish is None else min(max(wish, 0.0), _LONGEST_WAIT_S),
            certificate_ends_at=_moment(found.certificate_ends_at),
        )

    def page(self, found: Discovered) -> ResourcePage:
        """Return a page of resources.

        Raises:
            CheckFailed: `connector_crashed`: its cursor is longer than one may be.
        """
        if found.next_cursor and len(found.next_cursor) > MAX_CURSOR:
            raise broken("names a cursor that is too long")
        items = (Resource(self._name(one.id), self._name(one.name), self._maybe(one.url)) for one in found.items)
        return ResourcePage(tuple(items), self._redactor.redact(found.next_cursor) if found.next_cursor else None)

    def webhook(self, found: WebhookStands) -> Webhook:
        """Return a webhook as it stands."""
        events = tuple(map(self._name, found.events))
        return Webhook(found.outcome, self._maybe(found.id), self._maybe(found.resource), events)

    def event(self, found: EventVerified) -> ReceivedEvent:
        """Return a proven event."""
        delivery_id, resource = self._maybe(found.delivery_id), self._maybe(found.resource)
        return ReceivedEvent(self._name(found.event), delivery_id, resource, found.foreign)

    def violations(self, found: Invalid) -> tuple[tuple[str, str], ...]:
        """Return where a config is wrong, and why."""
        return tuple((self._name(pointer), self._sentence(sentence)) for pointer, sentence in found.violations)

    def _step(self, step: Step) -> Step:
        duration = min(max(step.duration_ms, 0.0), _LONGEST_MS)
        evidence, remedy = self._sentence(step.evidence), self._sentence(step.remedy)
        return replace(step, duration_ms=duration, evidence=evidence, remedy=remedy)

    def _sentence(self, text: str) -> str:
        return one_line(self._redactor.redact(text), _SENTENCE)

    def _name(self, text: str) -> str:
        return one_line(self._redactor.redact(text), _NAME)

    def _maybe(self, text: str | None) -> str | None:
        return None if text is None else self._name(text)


def _moment(when: datetime | None) -> datetime | None:
    try:
        return when and when.astimezone(UTC)
    except OverflowError:
        raise broken("names a moment outside the calendar") from None
