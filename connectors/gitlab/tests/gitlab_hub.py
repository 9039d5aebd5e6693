"""A simulated GitLab, and who asks it: what the tests of the connector have in common."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from integrations_hub.connector.contract import CheckResult
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub_gitlab import GitLabConnector
from tests.support.asking import WEBHOOK_SECRET, Asking

from .simulated_gitlab import AccessToken, SimulatedGitLab

__all__ = ["CANARY", "asking", "decisive", "no_secret_in_logs", "served"]

CANARY = "not-a-real-secret-canary-1"


@contextmanager
def served(*tokens: AccessToken, **state: Any) -> Iterator[SimulatedGitLab]:
    """Run a GitLab that knows these tokens."""
    simulated = SimulatedGitLab(tokens=list(tokens), **state)
    simulated.start()
    try:
        yield simulated
    finally:
        simulated.stop()


def asking(gitlab: SimulatedGitLab, url: str = "") -> Asking:
    """Return who asks it, or who stands before it."""
    return Asking(GitLabConnector(), {"endpoint": url or gitlab.url}, {"token": CANARY})


def decisive(result: CheckResult) -> tuple[StepName, Reason]:
    assert result.decisive
    return result.decisive.name, result.decisive.reason


@pytest.fixture(autouse=True)
def no_secret_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert CANARY not in caplog.text
    assert WEBHOOK_SECRET not in caplog.text
