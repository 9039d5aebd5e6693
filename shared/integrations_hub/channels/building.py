"""From a deployment's settings to its channels and its kick. Nothing is opened, no client library imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Protocol

from pydantic import SecretStr

from integrations_hub.events.channels import LogChannel, Post, SinkChannel, WebhookChannel
from integrations_hub.events.kick import InProcessKick
from integrations_hub.events.ports import Channel, Kick
from integrations_hub.events.post import GuardedPost
from integrations_hub.events.routes import LOG

__all__ = ["ChannelSettings", "build_channels", "build_kick"]


class ChannelSettings(Protocol):
    """What a deployment sets; each None: it has no such channel."""

    @property
    def webhook_url(self) -> str | None:
        """Return the webhook's address."""

    @property
    def webhook_secret(self) -> SecretStr | None:
        """Return what its requests are signed with."""

    @property
    def sns_topic_arn(self) -> str | None:
        """Return the topic."""

    @property
    def bus_name(self) -> str | None:
        """Return the event bus."""

    @property
    def sink(self) -> str | None:
        """Return the Knative sink's address."""

    @property
    def extensions(self) -> Mapping[str, str]:
        """Return the CloudEvents extensions every event to the sink carries."""

    @property
    def kick_queue_url(self) -> str | None:
        """Return the SQS queue that kicks go to."""

    @property
    def kick_sink(self) -> str | None:
        """Return the address that kicks are posted to."""


def build_channels(
    settings: ChannelSettings, source: str, guarded: Post, own: Post, now: Callable[[], datetime]
) -> Mapping[str, Channel]:
    """Return the channels by name: the log, and those that are set. `own` posts inside the operator's network."""
    channels: dict[str, Channel] = {LOG: LogChannel(source)}
    if settings.webhook_url:
        secrets = [settings.webhook_secret.get_secret_value()] if settings.webhook_secret else []
        channels["webhook"] = WebhookChannel(settings.webhook_url, secrets, source, guarded, now)
    if settings.sns_topic_arn:
        from integrations_hub.channels.aws import SnsChannel, client_of  # noqa: PLC0415 - for who has one

        channels["sns"] = SnsChannel(settings.sns_topic_arn, source, cache(lambda: client_of("sns")))
    if settings.bus_name:
        from integrations_hub.channels.aws import EventBridgeChannel, client_of  # noqa: PLC0415 - as above

        channels["eventbridge"] = EventBridgeChannel(settings.bus_name, source, cache(lambda: client_of("events")))
    if settings.sink:
        channels["knative"] = SinkChannel(settings.sink, settings.extensions, source, own)
    return channels


def build_kick(settings: ChannelSettings, source: str, own: Callable[[], GuardedPost], local: InProcessKick) -> Kick:
    """Return how delivery is kicked: over SQS, by a CloudEvent, or in this process."""
    if settings.kick_queue_url:
        from integrations_hub.channels.kicks import SqsKick  # noqa: PLC0415 - for who has one

        return SqsKick(settings.kick_queue_url)
    if settings.kick_sink:
        from integrations_hub.channels.kicks import SinkKick  # noqa: PLC0415 - as above

        return SinkKick(settings.kick_sink, source, own())
    return local
