"""The in-memory connector keeps the contract of connectors, as far as it applies to one without a network."""

import hmac
from hashlib import sha256

from integrations_hub.connector.testing import ConformanceKit
from integrations_hub_in_memory import InMemoryConnector


class TestInMemory(ConformanceKit):
    connector = InMemoryConnector
    network = False
    invalid_configs = ({"script": []}, {"script": [{"do": "dance"}]}, {"script": [{"do": "slow"}]})

    def config(self, endpoint):
        names = [f"name-{nth}" for nth in range(250)]
        return {"script": [{"do": "healthy"}], "projects": names, "repositories": names[:1]}

    def sign(self, body, secret):
        digest = hmac.new(secret.encode(), body, sha256).hexdigest()
        return {"X-Signature-256": f"sha256={digest}", "X-Event": "push", "X-Delivery": "1"}
