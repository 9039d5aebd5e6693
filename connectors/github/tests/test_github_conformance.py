"""The GitHub connector keeps the contract of connectors."""

import hashlib
import hmac
from functools import cache

from integrations_hub.connector.testing import ConformanceKit
from integrations_hub_github import GitHubConnector

from .github_hub import generate
from .simulated_github import Installation, RegisteredApp, Repository, SimulatedGitHub, error

SENTENCES = {401: "Bad credentials", 403: "Resource not accessible by integration", 404: "Not Found"}
RIGHTS = {"metadata": "read", "repository_hooks": "write"}


class Short(Repository):
    """A repository in three fields: the kit takes answers up to 64 KiB, and a page of GitHub's holds 500."""

    def document(self, root):
        whole = super().document(root)
        return {name: whole[name] for name in ("id", "full_name", "html_url")}


@cache
def key(canary):
    """Return private and public key of a canary, always the same."""
    return generate()


class TestGitHub(ConformanceKit):
    connector = GitHubConnector
    webhook_resource = "octocorp/service-1"
    event = b'{"repository": {"full_name": "octocorp/service-1"}}'
    invalid_configs = (
        {},
        {"endpoint": "https://github.com", "appId": 7},
        {"endpoint": "https://github.com", "installationId": 70},
        {"endpoint": "https://ghes.example/api/graphql", "appId": 7, "installationId": 70},
        {"endpoint": "https://github.com", "clientId": "7", "installationId": 70},
    )

    def config(self, endpoint):
        return {"endpoint": endpoint, "appId": 7, "installationId": 70, "permissions": {"metadata": "read"}}

    def secret(self, canary):
        return {"private_key": key(canary)[0], "canary": canary}

    def provider(self, secret):
        return SimulatedGitHub(
            apps=[RegisteredApp(7, "Iv23abcdef", key(secret["canary"])[1])],
            installations=[Installation(70, 7, permissions=RIGHTS)],
            repositories=[Short(number, f"octocorp/service-{number}") for number in range(1, 151)],
            server=True,
            seal=secret["canary"],
        ).application()

    def error(self, status):
        return error(status, SENTENCES.get(status, "Server Error"))

    def sign(self, body, secret):
        proof = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return {
            "X-Hub-Signature-256": f"sha256={proof}",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        }
