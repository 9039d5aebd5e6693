"""Alert routes: which of a tenant's events go where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from integrations_hub.events.model import Event

__all__ = ["LOG", "About", "AlertRoute", "destinations"]

LOG = "log"  # the channel that every event goes to, whatever the routes say


@dataclass(frozen=True, slots=True)
class About:
    """Which integration an event is about, as filters see it: nothing, of an incident's."""

    type: str | None = None
    tags: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class AlertRoute:
    """To a channel of the deployment, or with `url` to the tenant's own webhook; each filter passes all when empty.

    `types` are types of integrations (`github`), `events` types of events, `tags` those of the integration: one of
    them is enough.
    """

    name: str
    channel: str
    url: str | None = None
    secret_ref: str | None = None
    events: Sequence[str] = ()
    severities: Sequence[str] = ()
    types: Sequence[str] = ()
    tags: Sequence[str] = ()

    def destination(self, tenant: str) -> str:
        """Return where it leads, in one word."""
        return self.channel if self.url is None else f"{tenant}/{self.name}"

    def passes(self, event: Event, about: About) -> bool:
        """Tell whether an event goes this way."""
        return (
            (not self.events or event.type in self.events)
            and (not self.severities or event.severity in self.severities)
            and (not self.types or about.type in self.types)
            and (not self.tags or not set(self.tags).isdisjoint(about.tags))
        )


def destinations(
    event: Event, tenant: str, routes: Sequence[AlertRoute], channels: Sequence[str], about: About
) -> set[str]:
    """Return where a tenant's event goes: by its routes, without any to each channel; to the log always."""
    if not routes:
        return set(channels)
    chosen = {route.destination(tenant) for route in routes if route.passes(event, about)}
    return chosen | {LOG}.intersection(channels)
