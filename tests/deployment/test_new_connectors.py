"""A sixth and a seventh connector come to a copy of template.yaml: one block each, and nothing else changes."""

from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.rights import rights_of
from tests.support.new_connectors import trusted, untrusted
from tests.support.sam import TEMPLATE, processed, run_tool


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("more") / "template.yaml"
    blocks = trusted("acme-registry") + untrusted("stranger")
    copy.write_text(TEMPLATE.read_text().replace("\nOutputs:\n", f"\n{blocks}Outputs:\n"))
    return copy


def resources(path: Path = TEMPLATE) -> Mapping[str, Any]:
    found: Mapping[str, Any] = processed(path)["Resources"]
    return found


def test_nothing_that_was_there_changes(extended: Path) -> None:
    before, after = resources(), resources(extended)
    assert {name: after[name] for name in before} == before
    new = {name for name in after if name not in before}
    assert len(new) > 10
    assert all("AcmeRegistry" in name or "Stranger" in name for name in new)


@pytest.mark.parametrize(
    ("name", "queue", "calls"),
    [
        ("AcmeRegistry", "<stack>-checks-acme-registry", set()),
        ("Stranger", "<stack>-checks-stranger", {"<stack>-plugin-stranger*"}),
    ],
    ids=["trusted", "untrusted"],
)
def test_its_rights_are_its_own(extended: Path, name: str, queue: str, calls: set[str]) -> None:
    rights = rights_of(processed(extended))[f"RunConnector{name}Function"]
    assert rights.may == {
        "database": {"hub_worker"},
        "receives from": {queue},
        "sends to": {"EventsQueue"},
        "reads secrets": {"hub/*"},
        **({"calls": calls} if calls else {}),
    }


def test_a_strangers_own_code_may_do_nothing_and_is_outside(extended: Path) -> None:
    own = resources(extended)["RunConnectorStrangerPluginFunction"]["Properties"]
    role = resources(extended)[own["Role"]["Fn::GetAtt"][0]]["Properties"]
    assert set(role) == {"AssumeRolePolicyDocument"}
    assert own["VpcConfig"] == {"Ref": "AWS::NoValue"}
    assert own["TenancyConfig"] == {"TenantIsolationMode": "PER_TENANT"}
    assert own["Layers"] == [{"Ref": layer} for layer in layers(extended)]
    assert set(own["Environment"]["Variables"]) == {"LOG_LEVEL", "METRICS_NAMESPACE"}
    calling = {name for name, one in rights_of(processed(extended)).items() if reaches_plugin(one.of("calls"))}
    assert calling == {"RunConnectorStrangerFunction"}


def reaches_plugin(calls: set[str]) -> bool:
    return any(fnmatch("<stack>-plugin-stranger", what) for what in calls)


def layers(path: Path) -> list[str]:
    """Return the shared layer and the stranger's, by the ids SAM gave these versions of them."""
    found = resources(path)
    return [next(name for name in found if name.startswith(kind)) for kind in ("SharedLayer", "StrangerLayer")]


def test_who_calls_connectors_may_call_the_new_ones_too(extended: Path) -> None:
    names = {one["Properties"].get("FunctionName", {}).get("Fn::Sub", "") for one in resources(extended).values()}
    assert {"${AWS::StackName}-run-connector-acme-registry", "${AWS::StackName}-run-connector-stranger"} <= names
    calling = {what for one in rights_of(processed(extended)).values() for what in one.of("calls")}
    assert calling == {"<stack>-run-connector-*", "<stack>-plugin-stranger*"}


def test_cloudformation_takes_the_longer_template(extended: Path) -> None:
    done = run_tool("sam", "cfn-lint", "--ignore-checks", "W3002", "--template", str(extended))
    assert (done.returncode, done.stdout) == (0, "")
