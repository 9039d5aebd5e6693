"""The credential radar: what is known of a credential beside its value, and when somebody is told that it ends.

Told at 30, 14, 7 and 1 days before, each once; a credential that was renewed begins anew. Pure; time comes in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import ceil

from integrations_hub.connector.results import CheckResult, CredentialFacts
from integrations_hub.events.model import Event, EventType, Severity
from integrations_hub.health.model import Claim, Standing
from integrations_hub.health.status import Status

__all__ = ["LOOK_AGAIN", "endings", "informed", "looked_at"]

LOOK_AGAIN = timedelta(minutes=5)  # as long as a secret is kept, so that a look costs one read
_DAYS = (1, 7, 14, 30)
_DAY_S = 86_400


def informed(standing: Standing, result: CheckResult, status: Status, now: datetime) -> Standing:
    """Return the standing with what a check learned of the credential; what it could not learn stays.

    `status` is the check's own: only one that went through, or a new secret, can say that something no longer ends.
    """
    facts = result.facts
    ends = [at for at in (result.credential_ends_at, facts and facts.ends_at) if at]
    renewed = bool(ends and facts and facts.replaces(_known(standing)))
    if standing.credential_ends_at and not renewed and status is not Status.HEALTHY:
        ends.append(standing.credential_ends_at)
    credential_ends_at = min(ends, default=None)
    certificate_ends_at = result.certificate_ends_at or standing.certificate_ends_at
    if (credential_ends_at, certificate_ends_at) != (standing.credential_ends_at, standing.certificate_ends_at):
        standing = standing._replace(credential_ends_at=credential_ends_at, certificate_ends_at=certificate_ends_at)
    if facts is None or (facts.revision, facts.rotated_at) == (None, None):
        return standing
    rotated_at = facts.rotated_at or standing.credential_rotated_at
    if facts.replaces(_known(standing)):
        rotated_at = facts.rotated_at or now
    if (facts.revision, rotated_at) == (standing.secret_revision, standing.credential_rotated_at):
        return standing
    return standing._replace(secret_revision=facts.revision, credential_rotated_at=rotated_at)


def looked_at(standing: Standing, now: datetime, *, has_secret: bool) -> Standing:
    """Return the standing with the time to look whether its secret was rotated: only where no check will before."""
    far = standing.next_check_at is not None and standing.next_check_at - now > LOOK_AGAIN
    look_at = now + LOOK_AGAIN if far and has_secret else None
    return standing if look_at == standing.look_at else standing._replace(look_at=look_at)


def endings(standing: Standing, claim: Claim, now: datetime) -> tuple[Standing, tuple[Event, ...]]:
    """Return the events that something ends soon, and the standing that remembers having told."""
    told = dict(standing.endings_told)
    events = tuple(_told(told, claim, standing, now))
    return standing if told == standing.endings_told else standing._replace(endings_told=told), events


def _told(told: dict[str, object], claim: Claim, standing: Standing, now: datetime) -> Iterator[Event]:
    ends = {"credential": standing.credential_ends_at, "certificate": standing.certificate_ends_at}
    for what, at in ends.items():
        days = next((days for days in _DAYS if at and at - now <= timedelta(days=days)), None)
        if at is None or days is None:
            told.pop(what, None)
            continue
        before = told.get(what)
        if isinstance(before, Mapping) and before["endsAt"] == at.isoformat() and before["days"] <= days:
            continue
        told[what] = {"endsAt": at.isoformat(), "days": days}
        left = max(ceil((at - now).total_seconds() / _DAY_S), 0)
        data = {"name": claim.name, "type": claim.type, "what": what, "endsAt": at.isoformat(), "daysLeft": left}
        yield Event(EventType.CREDENTIAL_ENDING, claim.integration_id, data, Severity.ALERT)


def _known(standing: Standing) -> CredentialFacts:
    return CredentialFacts(standing.secret_revision, standing.credential_rotated_at)
