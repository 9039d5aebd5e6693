"""A sixth connector and a seventh, a stranger's, come to a deployed stack by an update, and are checked over HTTP.

Nothing here proves a deployment to AWS (infra/docs/local-aws.md).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.aws.tools import ROOT, runtime
from tests.support.emulated import Deployment, deployment
from tests.support.hub import API
from tests.support.new_connectors import trusted, untrusted
from tests.support.strangers import install, toy

__all__ = ["deployment"]

NEW = {"run-connector-in-memory", "run-connector-stranger", "plugin-stranger"}
TYPES = "docker-registry,github,gitlab,harbor,in-memory,stranger"
CHECK = """
    from integrations_hub.connector.reasons import StepName
    async with probe.step(StepName.AUTHENTICATE) as step:
        import os
        step.evidence = "run by " + os.environ["AWS_LAMBDA_FUNCTION_NAME"]
"""
KEPT = ("CodeSha256", "Layers", "Role", "Handler", "Runtime", "Timeout", "MemorySize")
NOT_CONFIGURATION = {"LastModified", "RevisionId"}
Functions = Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Updated:
    """A stack after the update, and its functions before and after it."""

    deployment: Deployment
    before: Functions
    after: Functions


@pytest.fixture(scope="module")
def updated(deployment: Deployment, built_stack: Path, tmp_path_factory: pytest.TempPathFactory) -> Updated:
    copy = built_stack.with_name("with-new-connectors.yaml")
    copy.write_text(_with_new_connectors(built_stack, tmp_path_factory.mktemp("layers")))
    before = _functions(deployment)
    deployment.hub.update(copy, ConnectorTypes=TYPES)
    return Updated(deployment, before, _functions(deployment))


def test_no_function_that_was_there_changes(updated: Updated) -> None:
    # Given the functions there were, and of their settings all but the list of types
    assert {f"hub-{name}" for name in NEW} == updated.after.keys() - updated.before.keys()
    # Then code, layers, role and settings of each are as they were
    assert {name: _without_types(updated.after[name]) for name in updated.before} == {
        name: _without_types(one) for name, one in updated.before.items()
    }
    # and those that list no types, the other connectors' among them, are to the letter the same, version and all
    untold = {name: one for name, one in updated.before.items() if "CONNECTOR_TYPES" not in _settings(one)}
    assert "hub-run-connector-harbor" in untold
    assert {name: updated.after[name] for name in untold} == untold


@pytest.mark.parametrize("type_", ["in-memory", "stranger"])
def test_a_new_connector_answers_a_check(updated: Updated, type_: str) -> None:
    # Given an integration of the new type
    call, token = updated.deployment.call, updated.deployment.hub.authority.mint("acme")
    created = call("POST", API, token, {"type": type_, "name": type_, "config": {}})
    assert created.status == 201, created.body
    # When its check is asked for
    checked = call("POST", f"{API}/{created.json()['id']}/health-check", token)
    # Then the connector made it
    assert checked.status == 200, checked.body
    assert checked.json()["status"] == "healthy", checked.body
    assert checked.json()["steps"], checked.body


def test_the_stranger_ran_in_its_own_function(updated: Updated) -> None:
    call, token = updated.deployment.call, updated.deployment.hub.authority.mint("globex")
    one = call("POST", API, token, {"type": "stranger", "name": "stranger", "config": {}}).json()["id"]
    checked = call("POST", f"{API}/{one}/health-check", token)
    assert "run by hub-plugin-stranger" in [step.get("evidence") for step in checked.json()["steps"]], checked.body


def _with_new_connectors(built: Path, layers: Path) -> str:
    """Return the built template with two blocks more, their layers made as `sam build` makes one."""
    target = ("make", "--silent", "build-InMemoryLayer", f"PYTHON={sys.executable}", f"RUNTIME={runtime()}")
    offline = ("PIP_FLAGS=--no-build-isolation --no-index", f"ARTIFACTS_DIR={layers / 'in-memory'}")
    subprocess.run([*target, *offline], cwd=ROOT / "connectors" / "in-memory", check=True)
    install(layers / "stranger" / "python", "stranger-connector", toy("stranger", CHECK))
    blocks = trusted("in-memory") + untrusted("stranger")
    blocks = blocks.replace(" connectors/", f" {layers}/").replace(" functions/", f" {ROOT / 'functions'}/")
    text = built.read_text()
    assert "\nOutputs:\n" in text
    return text.replace("\nOutputs:\n", f"\n{blocks}Outputs:\n")


def _functions(deployment: Deployment) -> Functions:
    """Return what `live` points to of each function, by its name."""
    lambda_ = deployment.client("lambda")
    pages = lambda_.get_paginator("list_functions").paginate()
    names = [one["FunctionName"] for page in pages for one in page["Functions"]]
    found = {name: lambda_.get_function(FunctionName=name, Qualifier="live")["Configuration"] for name in names}
    return {
        name: {k: v for k, v in one.items() if k not in NOT_CONFIGURATION and v != ""} for name, one in found.items()
    }


def _settings(function: Mapping[str, Any]) -> Mapping[str, str]:
    settings: Mapping[str, str] = function["Environment"]["Variables"]
    return settings


def _without_types(function: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration without the list of types, and the number of the version that has it."""
    settings = {name: value for name, value in _settings(function).items() if name != "CONNECTOR_TYPES"}
    kept = {key: function.get(key) for key in KEPT}
    return {**kept, "Environment": settings}
