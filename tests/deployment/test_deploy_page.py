"""deploy-aws.md: every command, option and parameter exists (test_deploy_commands.py runs them)."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import OperationModel

from aws.template import read_template
from tests.support.pages import blocks
from tests.support.sam import ROOT, TEMPLATE, run_tool

PAGE = (ROOT / "infra" / "docs" / "deploy-aws.md").read_text()
COMMANDS = [command for block in blocks("deploy-aws.md") for command in block.commands]
RENAMED = {"notification-endpoint": "endpoint"}  # sns subscribe: the AWS CLI has an --endpoint-url of its own
GLOBAL = {"cli-read-timeout", "output", "query"}  # of the AWS CLI itself


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("aws ")])
def test_aws_has_the_operation_and_its_options(line: str) -> None:
    _, service, verb, *rest = shlex.split(line)
    named = {word.removeprefix("--") for word in rest if word.startswith("--")} - GLOBAL
    options = {RENAMED.get(one, one) for one in named}
    if verb == "wait":
        operation = waiter(service, rest[0])
    else:
        (operation,) = [one for one in operations(service) if command_name(one.name) == verb]
    shape = operation.input_shape
    assert shape is not None
    known = {command_name(member) for member in shape.members}
    assert options <= known
    assert {command_name(member) for member in shape.required_members} <= options


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("sam ")])
def test_sam_has_the_options_and_the_template_the_parameters(line: str) -> None:
    _, command, *rest = shlex.split(line)
    help_text = sam_help(command)
    assert all(word in help_text for word in rest if word.startswith("--"))
    parameters = {word.partition("=")[0] for word in rest if re.match(r"\w+=", word)}
    assert parameters <= set(read_template(TEMPLATE)["Parameters"])


def test_other_commands_are_ones_everybody_has() -> None:
    others = {line.split()[0] for line in COMMANDS if not line.startswith(("aws ", "sam "))}
    assert others <= {"curl", "make"}


def test_parameters_the_page_speaks_of_exist() -> None:
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)(?:=\w+)?`", PAGE))
    known = {*read_template(TEMPLATE)["Parameters"], *read_template(TEMPLATE)["Outputs"]}
    assert {"ConnectorTypes", "PasswordRevision", "PublicUrl"} <= named
    assert named <= known


def test_the_environments_of_samconfig_set_parameters_that_exist() -> None:
    import tomllib  # noqa: PLC0415

    config: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for stage in ("dev", "prod"):
        given = config[stage]["deploy"]["parameters"]
        names = {one.partition("=")[0] for one in given["parameter_overrides"]}
        assert "IssuerUrl" in names
        assert names <= set(read_template(TEMPLATE)["Parameters"])
        assert f"`{given['stack_name']}`" in PAGE


@cache
def model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def operations(service: str) -> Iterator[OperationModel]:
    return (model(service).operation_model(name) for name in model(service).operation_names)


def waiter(service: str, name: str) -> OperationModel:
    waiters = botocore.session.get_session().get_waiter_model(service)
    (found,) = [one for one in waiters.waiter_names if command_name(one) == name]
    return model(service).operation_model(waiters.get_waiter(found).operation)


def command_name(name: str) -> str:
    """Return a name as the AWS CLI writes it."""
    return xform_name(name, "-")


@cache
def sam_help(command: str) -> str:
    done = run_tool("sam", "sam", command, "--help")
    assert isinstance(done, subprocess.CompletedProcess)
    return done.stdout
