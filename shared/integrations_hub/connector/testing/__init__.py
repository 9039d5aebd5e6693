"""The conformance kit: one subclass in a connector's tests holds it to the whole contract of connectors.

    from aiohttp import web
    from integrations_hub.connector.testing import ConformanceKit
    from integrations_hub_mine import MineConnector

    class TestMine(ConformanceKit):
        connector = MineConnector
        invalid_configs = ({}, {"endpoint": "ftp://mine.example"})

        def config(self, endpoint): return {"endpoint": endpoint}           # valid, for a provider at that address
        def secret(self, canary): return {"token": canary}                  # the secret's fields, made of the canary
        def provider(self, secret): return web_application_that(secret)     # small, well, and knows this secret only

`pytest` then runs each case (the table is `table.CASES`) over real HTTP(S) on 127.0.0.1, with the hub's own sender: the
kit serves the provider, and stands in its way where a case wants it to be ill. Override `error` where the provider's
errors have a shape of their own, `sign`, `event` and `webhook_resource` for `webhooks`, and set `network = False` for a
connector that reaches nothing. A provider has more than one page of each of `resource_kinds`, and answers in JSON;
tokens that it hands out hold the canary too. Cases that a connector cannot meet (no webhooks, no credential) are left
out, and the run says which and why. Install it as `integrations-hub[testing]`.
"""

from integrations_hub.connector.testing.kit import ConformanceKit
from integrations_hub.connector.testing.table import CASES, Case, Need, markdown

__all__ = ["CASES", "Case", "ConformanceKit", "Need", "markdown"]
