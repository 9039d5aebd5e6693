"""The hysteresis and alert machine: from one check's result to the standing that follows. Pure; time comes in.

    effect            status becomes                                   streaks
    success           healthy, or degraded when a step is; from        failures = 0
                      unhealthy only after `success_threshold`
    failure           degraded; unhealthy at `failure_threshold`       successes = 0
    failure at once   unhealthy; rests 15 min, doubling to 6 h         successes = 0
    unknown           unknown                                          untouched
    status kept       as it was                                        untouched

One alert on becoming unhealthy, one recovery when it is well again, none between, whatever lay between. `unknown`
alerts, too, where nobody else would tell: a secret that is not there, an address the hub may not reach. Such a failure
has a cause, and so has a host that gives no connection: the store lets one alert stand for the tenant's integrations
that fail by one cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import UUID

from integrations_hub.catalog.model import MaintenanceWindow
from integrations_hub.connector.reasons import EFFECTS, Effect, Reason, StepName
from integrations_hub.connector.results import CheckResult, StepStatus
from integrations_hub.events.model import Event, EventType, Severity
from integrations_hub.health.incidents import CONNECTOR
from integrations_hub.health.model import Claim, Recorded, Standing
from integrations_hub.health.radar import endings, informed, looked_at
from integrations_hub.health.status import Status, effective, stale_after

__all__ = ["OF_A_TENANT", "check_status", "conclude", "effect_of", "in_maintenance", "next_due", "resting_until"]

_FIRST_REST = timedelta(minutes=15)
_LONGEST_REST = timedelta(hours=6)
_ERROR_MESSAGE_LIMIT = 512
OF_A_TENANT = ("host:", "secret:")  # causes that one alert stands for in each tenant; others are incidents
_BEFORE_THE_PRODUCT = (StepName.RESOLVE, StepName.CONNECT, StepName.TLS)
_OF_THE_CONNECTOR = (Reason.CONNECTOR_CRASHED, Reason.CONNECTOR_UNCONFINED)
_FAILURES = (Effect.FAILURE, Effect.FAILURE_AT_ONCE)


def effect_of(result: CheckResult) -> Effect:
    """Return what a result does to the status; a degraded step is a success."""
    return EFFECTS[result.reason] if result.failed else Effect.SUCCESS


def check_status(result: CheckResult) -> Status:
    """Return what this check alone says, as history keeps it and uptime counts it."""
    return _said(effect_of(result), result)


def _said(effect: Effect, result: CheckResult) -> Status:
    match effect:
        case Effect.SUCCESS:
            return Status.DEGRADED if result.decisive else Status.HEALTHY
        case Effect.FAILURE | Effect.FAILURE_AT_ONCE:
            return Status.UNHEALTHY
        case _:
            return Status.UNKNOWN


def next_due(integration_id: UUID, now: datetime, interval_s: int) -> datetime:
    """Return the next time of an integration's own beat: every `interval_s`, offset by a hash of its id.

    Thousands registered in the same second are spread over the whole interval, and stay spread.
    """
    offset = int.from_bytes(sha256(integration_id.bytes).digest()[:8]) % interval_s
    beats = (int(now.timestamp()) - offset) // interval_s + 1
    return datetime.fromtimestamp(beats * interval_s + offset, tz=now.tzinfo)


def resting_until(rests: int, last_checked_at: datetime | None, retry_after_until: datetime | None) -> datetime | None:
    """Return until when nobody asks the provider by themselves: it was told to wait, or rejected the credential."""
    rest = last_checked_at + _rest(rests) if rests and last_checked_at else None
    return max((at for at in (rest, retry_after_until) if at), default=None)


def _rest(rests: int) -> timedelta:
    """Return how long it rests after so many rejections in a row."""
    doubled: timedelta = _FIRST_REST * 2 ** min(rests - 1, 16)
    return min(doubled, _LONGEST_REST)


def in_maintenance(windows: Sequence[MaintenanceWindow], now: datetime) -> bool:
    """Tell whether a planned quiet time is under way."""
    return any(window.starts_at <= now < window.ends_at for window in windows)


def conclude(claim: Claim, result: CheckResult, now: datetime) -> Recorded:
    """Return what to record of a finished check: the history entry, the new standing, and the events it causes."""
    before = effective(claim.standing.status, claim.standing.stale_at, now)
    quiet = claim.paused or in_maintenance(claim.maintenance, now)
    effect = effect_of(result)  # once: every question to a result goes through its steps
    own_status = _said(effect, result)
    judged = informed(_judged(claim, result, effect, before), result, own_status, now)
    scheduled = _scheduled(claim, effect, result.retry_after_s, judged, now)
    watched = looked_at(scheduled, now, has_secret=claim.auth_ref_uri is not None)
    standing, severity = _alerted(watched, effect, quiet=quiet)
    standing, ending = (standing, ()) if quiet else endings(standing, claim, now)
    changed = standing.status is not before
    decisive = result.decisive
    return Recorded(
        integration_id=claim.integration_id,
        lease=claim.lease,
        claimed_at=claim.claimed_at,
        checked_at=now,
        latency_ms=round(result.latency_ms, 1),
        check_status=own_status,
        check_reason=result.reason,
        error_message=decisive.evidence[:_ERROR_MESSAGE_LIMIT] if decisive else None,
        steps=result.steps,
        keep_steps=changed or own_status is not Status.HEALTHY,
        in_maintenance=quiet,
        standing=standing,
        events=(*_events(claim, result, before, standing, severity), *ending),
    )


def _cause(claim: Claim, result: CheckResult, effect: Effect, reason: Reason) -> str | None:
    """Return what others fail by too: what the hub found, or the host when there was no connection to speak over."""
    decisive = result.decisive if effect is Effect.FAILURE else None
    if (decisive and decisive.name in _BEFORE_THE_PRODUCT) or reason is Reason.EGRESS_DENIED:
        return f"host:{claim.target}"
    if reason in _OF_THE_CONNECTOR:
        return f"{CONNECTOR}{claim.type}"
    if reason is Reason.SECRET_UNAVAILABLE and result.cause is None:
        return f"secret:{urlsplit(claim.auth_ref_uri or '').netloc}"
    return result.cause


def _judged(claim: Claim, result: CheckResult, effect: Effect, before: Status) -> Standing:
    """Return the standing with status, reason and streaks as the table above has them."""
    reason, old = result.reason, claim.standing
    if (cause := _cause(claim, result, effect, reason)) != old.cause:
        old = old._replace(cause=cause)
    match effect:
        case Effect.SUCCESS:
            successes = old.successes + 1
            well = Status.DEGRADED if result.decisive else Status.HEALTHY
            if before is Status.UNHEALTHY and successes < claim.success_threshold:
                return old._replace(status=before, failures=0, successes=successes, rests=0)
            return old._replace(status=well, reason=reason, failures=0, successes=successes, rests=0)
        case Effect.FAILURE:
            failures = old.failures + 1
            down = before is Status.UNHEALTHY or failures >= claim.failure_threshold
            status = Status.UNHEALTHY if down else Status.DEGRADED
            return old._replace(status=status, reason=reason, failures=failures, successes=0, rests=0)
        case Effect.FAILURE_AT_ONCE:
            failures = max(old.failures + 1, claim.failure_threshold)
            return old._replace(
                status=Status.UNHEALTHY, reason=reason, failures=failures, successes=0, rests=old.rests + 1
            )
        case Effect.UNKNOWN:
            return old._replace(status=Status.UNKNOWN, reason=reason)
        case Effect.STATUS_KEPT:
            return old._replace(status=before)


def _scheduled(
    claim: Claim, effect: Effect, retry_after_s: float | None, standing: Standing, now: datetime
) -> Standing:
    """Return the standing with its next check: on the beat, later when it rests or the provider asked for it."""
    planned = next_due(claim.integration_id, now, claim.check_interval_seconds)
    if effect is Effect.FAILURE_AT_ONCE:
        planned = max(planned, now + _rest(standing.rests))
    wait_until = None
    if retry_after_s:
        wait_until = now + timedelta(seconds=retry_after_s)
        planned = max(planned, wait_until)
    next_check_at = None if claim.paused else planned
    return standing._replace(
        checks=standing.checks + 1,
        last_checked_at=now,
        next_check_at=next_check_at,
        stale_at=stale_after(now, next_check_at, claim.check_interval_seconds),
        retry_after_until=wait_until,
    )


def _alerted(standing: Standing, effect: Effect, *, quiet: bool) -> tuple[Standing, Severity]:
    """Return the standing with its alert opened or closed, and how loudly that is told.

    What breaks in a quiet time alerts after it, when a check still finds it broken.
    """
    broken = standing.status is Status.UNHEALTHY and effect in _FAILURES
    if standing.status is Status.UNKNOWN:
        broken = (standing.cause or "").startswith(OF_A_TENANT)
    if broken and not standing.alert_open and not quiet:
        return standing._replace(alert_open=True), Severity.ALERT
    well = standing.status in (Status.HEALTHY, Status.DEGRADED) and effect is Effect.SUCCESS
    if well and standing.alert_open:
        return standing._replace(alert_open=False), Severity.RECOVERY
    return standing, Severity.INFO


def _events(
    claim: Claim, result: CheckResult, before: Status, standing: Standing, severity: Severity
) -> tuple[Event, ...]:
    """Return the one event a transition or alert causes; it names the integration and never its config."""
    if standing.status is before and severity is Severity.INFO:
        return ()
    decisive = result.decisive
    failed_step = decisive if decisive and decisive.status is StepStatus.FAILED else None
    data = {
        "name": claim.name,
        "type": claim.type,
        "from": before,
        "to": standing.status,
        "reason": standing.reason,
        "evidence": decisive.evidence if decisive else "",
        "remedy": decisive.remedy if decisive else "",
        "step": failed_step.name if failed_step else None,
        "failures": standing.failures,
        "cause": standing.cause,
    }
    return (Event(EventType.HEALTH_CHANGED, claim.integration_id, data, severity),)
