"""The commands of deploy-aws.md, run by the real tools: on the deployed stack of an emulator, and RDS and `sam deploy` on moto.

Nothing here proves a deployment to AWS: moto keeps what RDS is told, and makes a change set of a template and no stack.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from moto.server import ThreadedMotoServer

from aws.template import read_template
from local.aws.deployment import STACK
from local.aws.tools import ToolMissing, tool
from tests.support.emulated import PASSWORD, ROBOT, Deployment, deployment, harbor_draft
from tests.support.hub import API
from tests.support.pages import blocks
from tests.support.sam import ROOT, TEMPLATE, tool_path

__all__ = ["deployment"]

HERE = [command for block in blocks("deploy-aws.md") if not block.needs for command in block.commands]
SAM_DEPLOYS = [command for block in blocks("deploy-aws.md") if block.needs for command in block.commands]
RUN_BY = {"sam validate --lint": "test_template.py", "make sam ARCHITECTURE=arm64": "test_sam_build.py"}
FAKE = {"AWS_ACCESS_KEY_ID": "not-a-real-key-id", "AWS_SECRET_ACCESS_KEY": "not-a-real-key"}
REGION = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}
# the AWS CLI heeds AWS_ENDPOINT_URL for some services only
AWS = """#!/bin/sh
case "$1" in rds) at={moto} ;; *) at={emulator} ;; esac
exec {aws} --endpoint-url "$at" "$@"
"""


@dataclass(frozen=True, slots=True)
class Followed:
    """What somebody who follows the page has before and after it, and what each command said."""

    deployment: Deployment
    moto: str
    folder: Path
    said: Mapping[str, str]

    def json_of(self, start: str) -> Any:
        (found,) = [text for command, text in self.said.items() if command.startswith(start)]
        return json.loads(found)


@pytest.fixture(scope="module")
def aws_cli() -> Path:
    try:
        return tool("awscli", "awscli", "aws")
    except ToolMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://localhost:{port}"  # by this name moto finds the bucket in a template's address
    server.stop()


@pytest.fixture(scope="module")
def followed(aws_cli: Path, deployment: Deployment, moto: str, tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """Run the page's unmarked blocks from top to bottom, in one shell each."""
    folder = tmp_path_factory.mktemp("operator")
    emulator = deployment.hub.deployed.emulator
    program = folder / "bin" / "aws"
    program.parent.mkdir()
    program.write_text(AWS.format(moto=moto, emulator=emulator.url, aws=aws_cli))
    program.chmod(0o755)
    (folder / "harbor-robot.json").write_text(json.dumps({"username": ROBOT, "password": PASSWORD}))
    (folder / ".curlrc").write_text(f'connect-to = "::{urlsplit(emulator.url).netloc}"\nnoproxy = "*"\n')
    _something_to_see(deployment, moto)
    outputs = deployment.hub.deployed.outputs
    environment = {
        **FAKE,
        **REGION,
        "PATH": f"{program.parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "STACK": STACK,
        "PREFIX": "hub",
        "API_URL": f"http://{deployment.hub.deployed.host}",
        "ALARM_TOPIC": outputs["AlarmTopic"],
        "ALERT_TOPIC": outputs["AlertTopic"],
        "DATABASE": "hub-database",
    }
    said: dict[str, str] = {}
    for block in blocks("deploy-aws.md"):
        for line in block.text.splitlines() if not block.needs else ():
            if line in RUN_BY:
                continue
            # an assignment is for the lines after it
            name, assigned, command = line.partition("=$(") if line.split("=")[0].isupper() else ("", "", line)
            done = subprocess.run(
                ["sh", "-euc", command.removesuffix(")") if assigned else command],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            if assigned:
                environment[name] = done.stdout.strip()
            said[line] = done.stdout
    return Followed(deployment, moto, folder, said)


def _something_to_see(deployment: Deployment, moto: str) -> None:
    """Let there be an error in the log, a dead letter, and an instance whose moment can be brought back."""
    resources = deployment.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    (group,) = [one["PhysicalResourceId"] for one in resources if one["LogicalResourceId"] == "FunctionLogs"]
    logs = deployment.client("logs")
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    events = [{"timestamp": 1_760_000_000_000, "message": json.dumps({"level": one})} for one in ("INFO", "ERROR")]
    logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=events)
    sqs = deployment.client("sqs")
    dead = sqs.get_queue_url(QueueName=f"{STACK}-checks-harbor-dead")["QueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody="a dead letter")
    _client("rds", moto).create_db_instance(
        DBInstanceIdentifier="hub-database", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20
    )


def _client(service: str, url: str) -> Any:
    keys = {"aws_access_key_id": "not-a-real-key-id", "aws_secret_access_key": "not-a-real-key"}
    return boto3.client(service, endpoint_url=url, region_name="eu-central-1", **keys)


def test_what_runs_elsewhere_is_run_there() -> None:
    assert {command for command in HERE if command.startswith(("make", "sam"))} == set(RUN_BY)
    for command, file in RUN_BY.items():
        said = (ROOT / "tests" / "deployment" / file).read_text()
        assert all(f'"{word}"' in said for word in command.split())
    assert all(command.startswith("sam deploy ") for command in SAM_DEPLOYS)


def test_the_database_is_migrated_and_the_api_ready(followed: Followed) -> None:
    assert json.loads((followed.folder / "answer.json").read_text())["revision"].isdigit()
    assert followed.json_of("curl")["status"] == "ready"


def test_the_outputs_are_those_the_page_goes_on_with(followed: Followed) -> None:
    outputs = {one["OutputKey"] for one in followed.json_of("aws cloudformation describe-stacks")}
    assert {"ApiUrl", "AlarmTopic", "AlertTopic"} <= outputs


def test_somebody_listens_to_both_topics(followed: Followed) -> None:
    sns = followed.deployment.client("sns")
    heard = {one["TopicArn"]: one["Endpoint"] for one in sns.list_subscriptions()["Subscriptions"]}
    outputs = followed.deployment.hub.deployed.outputs
    assert heard[outputs["AlarmTopic"]] == "operators@example.com"
    assert heard[outputs["AlertTopic"]] == "https://alerts.example.com/hub"


def test_the_secret_is_where_the_hub_looks_for_the_tenants(followed: Followed) -> None:
    call, token = followed.deployment.call, followed.deployment.hub.authority.mint("acme")
    draft = harbor_draft(followed.deployment.harbor.url, authRefUri="authref://aws-sm/harbor-robot")
    one = call("POST", API, token, draft).json()["id"]
    assert call("POST", f"{API}/{one}/health-check", token).json()["status"] == "healthy"
    secrets = followed.deployment.client("secretsmanager").list_secret_version_ids(SecretId="hub/acme/harbor-robot")
    assert len(secrets["Versions"]) == 2  # made, and rotated


def test_a_moment_is_brought_back_as_a_snapshot(followed: Followed) -> None:
    (snapshot,) = _client("rds", followed.moto).describe_db_snapshots(DBSnapshotIdentifier="hub-restored")[
        "DBSnapshots"
    ]
    assert (snapshot["Status"], snapshot["DBInstanceIdentifier"]) == ("available", "hub-restored")


def test_an_alarms_reader_finds_errors_and_dead_letters_and_empties_the_queue(followed: Followed) -> None:
    events = followed.json_of("aws logs filter-log-events")["events"]
    assert '{"level": "ERROR"}' in [one["message"] for one in events]  # the emulator itself heeds no pattern
    assert [one["Body"] for one in followed.json_of("aws sqs receive-message")["Messages"]] == ["a dead letter"]
    sqs = followed.deployment.client("sqs")
    dead = sqs.get_queue_url(QueueName=f"{STACK}-checks-harbor-dead")["QueueUrl"]
    kept = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    assert set(sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=kept)["Attributes"].values()) == {"0"}


@pytest.mark.parametrize("command", SAM_DEPLOYS)
def test_sam_deploy_comes_as_far_as_a_change_set(command: str, built_stack: Path, moto: str) -> None:
    # Given a built stack, and the bucket that `sam` keeps
    _bucket(moto)
    # When the command is run; moto cannot execute the change set, and for `prod` sam asks first
    environment = {**os.environ, **FAKE, **REGION, "SAM_CLI_TELEMETRY": "0", "AWS_ENDPOINT_URL": moto}
    where = ("--template-file", str(built_stack), "--config-file", str(ROOT / "samconfig.toml"))
    words = [str(tool_path("sam", "sam")), *shlex.split(command)[1:], *where]
    done = subprocess.run(
        words, cwd=ROOT, env=environment, input="n\n", capture_output=True, text=True, timeout=120, check=False
    )
    # Then the change set was made, of every function of the template
    assert "Changeset created successfully" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    functions = [one for one in read_template(TEMPLATE)["Resources"].values() if one["Type"].endswith("::Function")]
    assert done.stdout.count("+ Add") > 2 * len(functions)


def _bucket(moto: str) -> None:
    """Make the stack of sam's bucket: moto makes nothing of a template that SAM has to transform."""
    cloudformation = _client("cloudformation", moto)
    name = "aws-sam-cli-managed-default"
    if any(one["StackName"] == name for one in cloudformation.describe_stacks()["Stacks"]):
        return
    template = {
        "Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "artefacts"}}},
        "Outputs": {"SourceBucket": {"Value": {"Ref": "Bucket"}}},
    }
    tags = [{"Key": "ManagedStackSource", "Value": "AwsSamCli"}]
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), Tags=tags)
