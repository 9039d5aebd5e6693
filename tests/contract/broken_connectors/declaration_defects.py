"""Connectors that say of themselves what is not so."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from integrations_hub.connector.contract import CredentialNeed, Endpoint
from integrations_hub.connector.reasons import StepName
from tests.contract.broken_connectors.kit import breaks
from tests.contract.broken_connectors.sound import Toy


@breaks("test_says_what_it_is")
class TypeIsNoName(Toy):
    type = "Toy Provider"


@breaks("test_says_all_it_can_do")
class HidesWhatItLists(Toy):
    resource_kinds = ()


@breaks(
    "test_reaches_the_network_only_when_it_says_so",
    kit={"network": False, "config": lambda self, endpoint: {"endpoint": "https://toy.example"}},
)
class ReachesOutInSecret(Toy):
    credential = CredentialNeed.NONE
    resource_kinds, webhooks = (), False
    discover = Toy.__mro__[1].discover
    setup_webhook, verify_event = Toy.__mro__[1].setup_webhook, Toy.__mro__[1].verify_event

    def endpoint(self, config):
        return Endpoint("toy://nowhere")

    async def check_health(self, probe):
        async with probe.step(StepName.PRODUCT) as step:
            step.evidence = "no network here"
            with suppress(OSError):
                await asyncio.to_thread(socket.create_connection, ("127.0.0.1", 9), 1)
