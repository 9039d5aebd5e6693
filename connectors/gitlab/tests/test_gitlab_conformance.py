"""The GitLab connector keeps the contract of connectors: with deliveries that carry a token, and with signed ones."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256

from aiohttp import web

from integrations_hub.connector.testing import ConformanceKit
from integrations_hub_gitlab import GitLabConnector

from .gitlab_signature import signature
from .simulated_gitlab import AccessToken, Project, SimulatedGitLab


class TestGitLab(ConformanceKit):
    connector = GitLabConnector
    invalid_configs = (
        {},
        {"endpoint": "ftp://gitlab.example"},
        {"endpoint": "https://gitlab.example/api/v3"},
        {"endpoint": "https://gitlab.example/group/project/-/tree/main"},
    )
    webhook_resource = "group/project-7"
    event = json.dumps({"object_kind": "push", "project": {"path_with_namespace": "group/project-7"}}).encode()

    def config(self, endpoint):
        return {"endpoint": endpoint}

    def secret(self, canary):
        return {"token": canary}

    def provider(self, secret):
        projects = [Project(number, f"group/project-{number}") for number in range(1, 151)]
        token = AccessToken(secret["token"], scopes=("api",))
        return SimulatedGitLab(tokens=[token], projects=projects).application()

    def error(self, status):
        if status == 429:
            return web.Response(status=429, text="Retry later")
        return web.json_response({"message": f"{status} the request was refused"}, status=status)

    def sign(self, body, secret):
        return {"X-Gitlab-Token": secret, "X-Gitlab-Event": "Push Hook", "Idempotency-Key": "f5e5f430-1"}


class TestGitLabSigned(TestGitLab):
    def webhook_secret(self, canary):
        return f"whsec_{b64encode(sha256(canary.encode()).digest()).decode()}"

    def sign(self, body, secret):
        return {"X-Gitlab-Event": "Push Hook", **signature(body, secret, datetime.now(UTC))}
