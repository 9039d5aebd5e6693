"""The Harbor connector keeps the contract of connectors: once with a project in its config, once without."""

from __future__ import annotations

import json

from aiohttp import web

from integrations_hub.connector.testing import ConformanceKit
from integrations_hub_harbor import HarborConnector
from local.simulated_harbor import Project, Robot, SimulatedHarbor

EVENT = {"type": "PUSH_ARTIFACT", "event_data": {"repository": {"repo_full_name": "payments/api"}}}


class TestHarbor(ConformanceKit):
    connector = HarborConnector
    invalid_configs = (
        {},
        {"endpoint": "ftp://harbor.example"},
        {"endpoint": "https://harbor.example/harbor/projects"},
        {"endpoint": "https://harbor.example", "project": "Not A Project"},
    )
    event = json.dumps(EVENT).encode()

    def config(self, endpoint):
        return {"endpoint": endpoint, "project": "payments"}

    def secret(self, canary):
        return {"username": "robot$kit", "password": canary}

    def provider(self, secret):
        robot = Robot(secret["username"], secret["password"], lists_robots=True)
        many = tuple(f"service-{number}" for number in range(150))
        projects = [Project("payments", repositories=many), *(Project(f"team-{number}") for number in range(120))]
        return SimulatedHarbor(robots=[robot], projects=projects).application()

    def error(self, status):
        return web.json_response({"errors": [{"code": "KIT", "message": "the request was refused"}]}, status=status)

    def sign(self, body, secret):
        return {"Authorization": secret}


class TestHarborWithoutAProject(TestHarbor):
    webhook_resource = "payments"

    def config(self, endpoint):
        return {"endpoint": endpoint}
