"""How a call of a connector ends, whatever the connector did: as data, without the secrets of the call.

What it repeats of its provider's words is on one line, and without what no terminal or database should be given.
"""

from __future__ import annotations

from dataclasses import replace

from integrations_hub.connector.contract import CheckResult, Resource, ResourcePage, Step, StepStatus, Webhook
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Redactor, one_line

__all__ = [
    "crashed",
    "ended",
    "failed",
    "late",
    "redacted",
    "redacted_failure",
    "redacted_page",
    "redacted_webhook",
]


def crashed(broken: BaseException) -> CheckFailed:
    """Return the verdict on a fault of the connector's own."""
    evidence = f"the connector failed with {type(broken).__name__}"
    return CheckFailed(Reason.CONNECTOR_CRASHED, evidence, "This is a fault of the connector's: see the hub's log.")


def late() -> CheckFailed:
    """Return the verdict on a connector that did not end in time."""
    return CheckFailed(Reason.TIMEOUT, "the check did not end in time", "Look at the provider's load.")


def ended(failure: CheckFailed) -> CheckResult:
    """Return the result of a check that failed before its first step."""
    return failed(CheckResult(steps=(), latency_ms=0.0), failure)


def failed(result: CheckResult, failure: CheckFailed) -> CheckResult:
    """Return a result that ends with a failed step."""
    name = failure.step or StepName.PRODUCT
    step = Step(name, StepStatus.FAILED, 0.0, failure.evidence, failure.reason, failure.remedy)
    kept = tuple(one for one in result.steps if one.name is not name)
    return replace(result, steps=(*kept, step), retry_after_s=failure.retry_after_s, cause=failure.cause)


_LONGEST = 2048  # characters


def redacted(result: CheckResult, redactor: Redactor) -> CheckResult:
    """Take the secrets of the call out of everything a check said."""
    steps = tuple(_redacted_step(step, redactor) for step in result.steps)
    return result if steps == result.steps else replace(result, steps=steps)


def _redacted_step(step: Step, redactor: Redactor) -> Step:
    evidence, remedy = _clean(step.evidence, redactor), _clean(step.remedy, redactor)
    if (evidence, remedy) == (step.evidence, step.remedy):
        return step
    return replace(step, evidence=evidence, remedy=remedy)


def redacted_failure(failure: CheckFailed, redactor: Redactor) -> CheckFailed:
    """Return a failure as a new exception without the secrets, and without the traceback that holds them."""
    evidence, remedy = _clean(failure.evidence, redactor), _clean(failure.remedy, redactor)
    return CheckFailed(failure.reason, evidence, remedy, step=failure.step, retry_after_s=failure.retry_after_s)


def redacted_page(page: ResourcePage, redactor: Redactor) -> ResourcePage:
    """Take the secrets of the call out of a page; its cursor too, which a caller will see."""
    items = tuple(
        Resource(_clean(one.id, redactor), _clean(one.name, redactor), _clean(one.url, redactor) if one.url else None)
        for one in page.items
    )
    return ResourcePage(items, redactor.redact(page.next_cursor) if page.next_cursor else None)


def redacted_webhook(webhook: Webhook, redactor: Redactor) -> Webhook:
    """Take the secrets of the call out of a webhook as the provider says it stands: the audit trail will keep it."""
    number, resource = (text and _clean(text, redactor) for text in (webhook.id, webhook.resource))
    return Webhook(webhook.outcome, number, resource, tuple(_clean(event, redactor) for event in webhook.events))


def _clean(text: str, redactor: Redactor) -> str:
    return one_line(redactor.redact(text), _LONGEST) if text else text
