"""A simulated Harbor, and who asks it: what the tests of the connector have in common."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from integrations_hub.connector.contract import CheckResult
from integrations_hub.connector.http import Limits
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_harbor import HarborConnector
from local.simulated_harbor import Project, Robot, SimulatedHarbor
from tests.support.asking import WEBHOOK_SECRET, Asking

__all__ = ["CANARY", "QUICK", "ROBOT", "asking", "decisive", "harbor", "no_secret_in_logs", "served"]

ROBOT, CANARY = "robot$hub", "not-a-real-secret-canary-1"
QUICK = Limits(check_s=6.0, request_s=1.5, connect_s=1.0)


@contextmanager
def served(**state: Any) -> Iterator[SimulatedHarbor]:
    """Run a Harbor that knows one robot."""
    simulated = SimulatedHarbor(**{"robots": [Robot(ROBOT, CANARY)], **state})
    simulated.start()
    try:
        yield simulated
    finally:
        simulated.stop()


@pytest.fixture
def harbor() -> Iterator[SimulatedHarbor]:
    with served(projects=[Project("library", public=True), Project("payments")]) as simulated:
        yield simulated


def asking(url: str, robot: str = ROBOT, **config: object) -> Asking:
    """Return who asks what is at an address."""
    return Asking(HarborConnector(), {"endpoint": url, **config}, {"username": robot, "password": CANARY})


def decisive(result: CheckResult) -> tuple[StepName, Reason]:
    assert result.decisive
    return result.decisive.name, result.decisive.reason


@pytest.fixture(autouse=True)
def no_secret_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert CANARY not in caplog.text
    assert WEBHOOK_SECRET not in caplog.text
