"""What a connector says it is, and whether that is so."""

from __future__ import annotations

import re

from integrations_hub.connector.contract import Connector
from integrations_hub.connector.testing.calls import checks
from integrations_hub.connector.testing.harness import Harness
from integrations_hub.connector.testing.outcome import fail
from integrations_hub.connector.testing.table import case
from integrations_hub.connector.testing.watch import NETWORK, watched

__all__ = ["DeclarationCases"]

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*([._-]?[a-z0-9]+)*")


class DeclarationCases(Harness):
    """Cases about the class attributes."""

    @case()
    def test_says_what_it_is(self) -> None:
        """Type, category and kinds are lower-case names, the version is one, the class takes no arguments."""
        kind = self.connector
        for name in (kind.type, kind.category, *kind.resource_kinds):
            if not _NAME.fullmatch(name):
                fail(f"`{name}` is not a name: lower-case letters, digits and hyphens, a letter first.")
        if not _VERSION.fullmatch(kind.version):
            fail(f"`{kind.version}` is not a version such as 1.2.0.")
        if not isinstance(kind(), Connector):
            fail("The class is not a Connector.")

    @case()
    def test_says_all_it_can_do(self) -> None:
        """`discover`, `setup_webhook`, `verify_event` are there exactly when `resource_kinds`, `webhooks` say so."""
        for method, said, attribute in (
            ("discover", bool(self.connector.resource_kinds), "resource_kinds"),
            ("setup_webhook", self.connector.webhooks, "webhooks"),
            ("verify_event", self.connector.webhooks, "webhooks"),
        ):
            if (getattr(self.connector, method) is not getattr(Connector, method)) is not said:
                fail(f"`{method}` and `{attribute}` do not say the same: write the method, or take back the claim.")

    @case()
    def test_reaches_the_network_only_when_it_says_so(self) -> None:
        """A connector that is tried without a network opens no connection and starts no program."""
        if self.network:
            return
        endpoint = self.connector().endpoint(self.connector().validate_config(self.config("")))
        if endpoint.url.startswith(("http://", "https://")):
            fail(f"`network = False`, but its endpoint is an address to connect to: {endpoint.url}")
        with watched(NETWORK) as seen:
            self.asked(checks, self.caller(""))
        if seen:
            fail(f"`network = False`, but a check did: {', '.join(seen)}.")
